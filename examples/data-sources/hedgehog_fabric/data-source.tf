data "hedgehog_fabric" "berlin" {
  name = "berlin"
}

# Fails the check, with the reason, when the fabric is not in sync.
check "berlin_in_sync" {
  assert {
    condition     = data.hedgehog_fabric.berlin.sync_status == "in_sync"
    error_message = data.hedgehog_fabric.berlin.sync_status_reason
  }
}

# Where the record in NetBox contradicts itself, a sentence each.
output "berlin_inconsistencies" {
  value = data.hedgehog_fabric.berlin.inconsistencies
}

# Its page in NetBox, to open in a browser.
output "berlin_page" {
  value = data.hedgehog_fabric.berlin.web_url
}
