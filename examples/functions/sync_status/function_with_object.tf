# This is "not_configured".
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
