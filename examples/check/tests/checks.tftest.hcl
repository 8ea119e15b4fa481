# Tests a check itself, on made-up fabrics. It needs no NetBox.

mock_provider "hedgehog" {}

run "the_critical_fabric_is_in_sync" {
  command = plan

  override_data {
    target = data.hedgehog_fabric.critical
    values = { sync_status = "in_sync" }
  }
}

run "the_critical_fabric_is_switched_off" {
  command = plan

  override_data {
    target = data.hedgehog_fabric.critical
    values = {
      sync_status        = "disabled"
      sync_status_reason = "Sync is switched off for this fabric (sync_enabled is false)."
    }
  }

  expect_failures = [check.critical]
}
