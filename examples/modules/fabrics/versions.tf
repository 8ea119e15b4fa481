terraform {
  required_version = ">= 1.11" # Terraform or OpenTofu: ephemeral variables and write-only attributes

  required_providers {
    hedgehog = { source = "hedgehog-fabric/hedgehog" }
  }
}
