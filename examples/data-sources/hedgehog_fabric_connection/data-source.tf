# Can the cluster be used from here, with what NetBox stores?
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

# A warning in every plan while the cluster is away; fail_on_error = true in the
# data source would make it an error.
check "berlin_is_reachable" {
  assert {
    condition     = data.hedgehog_fabric_connection.berlin.reachable
    error_message = "The cluster of berlin: ${coalesce(data.hedgehog_fabric_connection.berlin.error_message, "-")}"
  }
}
