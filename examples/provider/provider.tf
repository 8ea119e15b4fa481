terraform {
  required_providers {
    hedgehog = {
      source  = "hedgehog-fabric/hedgehog"
      version = "~> 0.1"
    }
  }
}

# The API token is in the environment variable NETBOX_API_TOKEN.
provider "hedgehog" {
  server_url   = "https://netbox.example.com"
  default_tags = ["terraform"] # the tag must exist in NetBox
}
