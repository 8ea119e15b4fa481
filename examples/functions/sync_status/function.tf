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

output "in_an_hour" {
  value = provider::hedgehog::sync_status(
    data.hedgehog_fabric.berlin,
    timeadd(data.hedgehog_fabric.berlin.observed_at, "1h"),
  )
}
