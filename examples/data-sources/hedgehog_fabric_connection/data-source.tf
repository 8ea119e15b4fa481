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

# How the switches are, as the cluster says, or why that is not known.
output "berlin_switches" {
  value = try(
    join(", ", concat(
      [format(
        "%d of %d ready",
        data.hedgehog_fabric_connection.berlin.health.agents.ready,
        data.hedgehog_fabric_connection.berlin.health.agents.total,
      )],
      [for name in keys(data.hedgehog_fabric_connection.berlin.health.agents.not_ready) : "${name} is not"],
    )),
    data.hedgehog_fabric_connection.berlin.health.reasons["agents"], # the cluster refuses this part
    data.hedgehog_fabric_connection.berlin.error_message,            # the cluster cannot be asked
  )
}

# A warning in every plan while the cluster is away; fail_on_error = true in the
# data source would make it an error.
check "berlin_is_reachable" {
  assert {
    condition     = data.hedgehog_fabric_connection.berlin.reachable
    error_message = "The cluster of berlin: ${coalesce(data.hedgehog_fabric_connection.berlin.error_message, "-")}"
  }
}
