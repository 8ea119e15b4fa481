data "hedgehog_fabric" "berlin" {
  name = "berlin"
}

output "berlin_status" {
  value = data.hedgehog_fabric.berlin.sync_status
}

# Its page in NetBox, to open in a browser.
output "berlin_page" {
  value = data.hedgehog_fabric.berlin.web_url
}
