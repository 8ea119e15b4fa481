# Fabrics in two NetBoxes: one block of the provider for each, told apart by an alias.

terraform {
  required_providers {
    hedgehog = { source = "hedgehog-fabric/hedgehog" }
  }
}

# Without an alias it is the default. It takes NETBOX_SERVER_URL and NETBOX_API_TOKEN
# from the environment.
provider "hedgehog" {}

variable "lab_server_url" {
  type        = string
  description = "URL of the lab's NetBox, such as https://netbox.lab.example.com."
}

variable "lab_api_token" {
  type      = string
  sensitive = true
}

# What a block does not set comes from the environment, also with an alias: so set
# every setting in which the two differ.
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

# The same name is free in another NetBox.
resource "hedgehog_fabric" "berlin_lab" {
  provider = hedgehog.lab

  name        = "berlin"
  description = "Bench for changes to Berlin"
}

# A module gets the provider that it is to use as its own.
module "lab" {
  source    = "./site"
  providers = { hedgehog = hedgehog.lab }

  names = ["bench-1", "bench-2"]
}

# The page of each fabric, in the NetBox that has it.
output "pages" {
  value = {
    production = hedgehog_fabric.berlin.web_url
    lab        = hedgehog_fabric.berlin_lab.web_url
  }
}
