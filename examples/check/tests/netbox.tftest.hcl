# Asks NetBox, so NETBOX_SERVER_URL and NETBOX_API_TOKEN must be set. It changes
# nothing. A check that fails makes the run fail.

run "fabrics_in_service" {
  command = plan

  assert {
    condition     = length(data.hedgehog_fabrics.in_service.fabrics) > 0
    error_message = "NetBox shows no active fabric. May the token see the fabrics?"
  }

  assert {
    condition     = data.hedgehog_fabrics.in_service.counts_by_sync_status["never_synced"] == 0
    error_message = "A fabric is in service and was never synced."
  }
}
