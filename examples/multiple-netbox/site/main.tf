# Creates fabrics by name, with the provider that the caller passes.

terraform {
  required_providers {
    hedgehog = { source = "hedgehog-fabric/hedgehog" }
  }
}

variable "names" {
  type = set(string)
}

resource "hedgehog_fabric" "this" {
  for_each = var.names
  name     = each.key
}
