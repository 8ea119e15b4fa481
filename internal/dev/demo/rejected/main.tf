# NetBox refuses a host without a dot, and so does the provider.

terraform {
  required_providers {
    hedgehog = { source = "hedgehog-fabric/hedgehog" }
  }
}

provider "hedgehog" {}

resource "hedgehog_fabric" "porto" {
  name              = "porto"
  kubernetes_server = "https://kubernetes:6443"
}
