terraform {
  required_providers {
    hedgehog = {
      source = "hedgehog-fabric/hedgehog"
    }
  }
}

data "hedgehog_fabric" "berlin" {
  name = "berlin"
}

# What would the status be without a sync for another hour?
output "in_an_hour" {
  value = provider::hedgehog::sync_status(
    data.hedgehog_fabric.berlin,
    timeadd(data.hedgehog_fabric.berlin.observed_at, "1h"),
  )
}

# Any object with the same facts will do. This one is "not_configured".
output "without_server" {
  value = provider::hedgehog::sync_status({
    kubernetes_server = null
    sync_enabled      = true
    sync_interval     = 300
    last_sync         = "2026-11-23T11:58:00Z"
    sync_error        = null
    connection_error  = null
  }, "2026-11-23T12:00:00Z")
}
