data "hedgehog_fabric_connection" "berlin" {
  name = "berlin"
}

output "berlin" {
  value = data.hedgehog_fabric_connection.berlin.error_message == null ? format(
    "Kubernetes %s with %d switches",
    data.hedgehog_fabric_connection.berlin.server_version,
    data.hedgehog_fabric_connection.berlin.counts["Switch"],
  ) : data.hedgehog_fabric_connection.berlin.error_message
}
