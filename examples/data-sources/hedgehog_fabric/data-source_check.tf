check "berlin_in_sync" {
  assert {
    condition     = data.hedgehog_fabric.berlin.sync_status == "in_sync"
    error_message = data.hedgehog_fabric.berlin.sync_status_reason
  }
}
