# Changes fabrics in a branch of NetBox before main. See README.md.
terraform {
  required_version = ">= 1.8"

  required_providers {
    hedgehog = {
      source = "hedgehog-fabric/hedgehog"
    }
  }
}

# NETBOX_SERVER_URL and NETBOX_API_TOKEN. NETBOX_BRANCH is the branch; without it, the provider
# works in main.
provider "hedgehog" {}

locals {
  fabrics = yamldecode(file("${path.module}/fabrics.yaml"))
}

# After the merge, fabrics that the branch created are in NetBox but not in main's state. This
# imports them. It does nothing for fabrics that are in the state already.
data "hedgehog_fabrics" "existing" {}

import {
  for_each = {
    for f in data.hedgehog_fabrics.existing.fabrics : f.name => f.id if contains(keys(local.fabrics), f.name)
  }
  to = hedgehog_fabric.this[each.key]
  id = each.value
}

resource "hedgehog_fabric" "this" {
  for_each = local.fabrics

  name              = each.key
  description       = try(each.value.description, null)
  status            = try(each.value.status, null)
  kubernetes_server = try(each.value.kubernetes_server, null)
  sync_interval     = try(each.value.sync_interval, null)
  deletion_policy   = try(each.value.deletion_policy, null)
}
