terraform {
  required_providers {
    hedgehog = {
      source  = "hedgehog-fabric/hedgehog"
      version = "~> 0.1"
    }
  }
}

variable "netbox_api_token" {
  type      = string
  sensitive = true
}

# You can leave out both settings and set NETBOX_SERVER_URL and NETBOX_API_TOKEN instead.
provider "hedgehog" {
  server_url   = "https://netbox.example.com"
  api_token    = var.netbox_api_token
  default_tags = ["terraform"] # the tag must exist in NetBox
}
