locals {
  connection = data.hedgehog_fabric_connection.berlin
}

output "berlin_switches" {
  value = try(
    "${local.connection.health.agents.ready} of ${local.connection.health.agents.total} switches are ready.",
    local.connection.health.reasons["agents"], # the agents cannot be read
    local.connection.error_message,            # the cluster cannot be used
  )
}
