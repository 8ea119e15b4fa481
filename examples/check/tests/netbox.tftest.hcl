# Runs the checks on the fabrics in NetBox: a check that fails makes the run fail. It needs
# NETBOX_SERVER_URL and NETBOX_API_TOKEN, and changes nothing.

run "fabrics_in_service" {
  command = plan

  assert {
    condition     = length(local.in_service) > 0
    error_message = "NetBox shows no active fabric. Does the API token have permission to view fabrics?"
  }

  assert {
    condition     = !contains(local.in_service[*].sync_status, "never_synced")
    error_message = "A fabric is in service and was never synced."
  }
}
