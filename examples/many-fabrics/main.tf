# Declares all fabrics in one YAML file, for people who don't write HCL. See README.md.

terraform {
  required_providers {
    hedgehog = { source = "hedgehog-fabric/hedgehog" }
  }
}

provider "hedgehog" {} # NETBOX_SERVER_URL and NETBOX_API_TOKEN

# Set it in the environment, for example TF_VAR_kubernetes_tokens='{"berlin":"..."}'
variable "kubernetes_tokens" {
  type        = map(string)
  default     = {}
  sensitive   = true
  ephemeral   = true
  description = "Kubernetes tokens, by the fabric's key in fabrics.yaml."
}

locals {
  declared = yamldecode(file("${path.module}/fabrics.yaml"))
}

module "fabrics" {
  source = "../modules/fabrics"

  fabrics           = local.declared
  custom_fields     = { for key, fabric in local.declared : key => fabric.custom_fields if can(fabric.custom_fields) }
  kubernetes_tokens = var.kubernetes_tokens
}

output "ids" {
  value = module.fabrics.ids
}
