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
    data.hedgehog_fabric_connection.berlin.health.reasons["agents"], # the agents cannot be read
    data.hedgehog_fabric_connection.berlin.error_message,            # the cluster cannot be used
  )
}
