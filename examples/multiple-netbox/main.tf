# Manages fabrics in two NetBox servers, with a provider block for each. See README.md.

terraform {
  required_providers {
    hedgehog = { source = "hedgehog-fabric/hedgehog" }
  }
}

# The default provider. It takes NETBOX_SERVER_URL and NETBOX_API_TOKEN from the environment.
provider "hedgehog" {}

variable "lab_server_url" {
  type        = string
  description = "URL of the lab's NetBox, such as https://netbox.lab.example.com."
}

variable "lab_api_token" {
  type      = string
  sensitive = true
  ephemeral = true # otherwise, a saved plan would have the token
}

# A block, even one with an alias, takes every setting that you leave out from the environment.
# So set everything in which the two servers differ.
provider "hedgehog" {
  alias      = "lab"
  server_url = var.lab_server_url
  api_token  = var.lab_api_token
}

resource "hedgehog_fabric" "berlin" {
  name              = "berlin"
  status            = "active"
  kubernetes_server = "https://berlin.k8s.example.com:6443"
}

# Both servers can have a fabric with the same name.
resource "hedgehog_fabric" "berlin_lab" {
  provider = hedgehog.lab

  name        = "berlin"
  description = "Test bench for Berlin"
}

# The module uses the provider of the lab as its default.
module "lab" {
  source    = "./site"
  providers = { hedgehog = hedgehog.lab }

  names = ["bench-1", "bench-2"]
}

# The page of each fabric in its NetBox.
output "pages" {
  value = {
    production = hedgehog_fabric.berlin.web_url
    lab        = hedgehog_fabric.berlin_lab.web_url
  }
}
