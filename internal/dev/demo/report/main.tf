# Reads the fabrics, as another team would that does not manage them.

terraform {
  required_providers {
    hedgehog = { source = "hedgehog-fabric/hedgehog" }
  }
}

provider "hedgehog" {}

data "hedgehog_fabric" "all" {
  for_each = toset(["madrid", "oslo", "lisbon", "berlin", "bench"])
  name     = each.key
}

output "fabrics" {
  value = data.hedgehog_fabric.all
}
