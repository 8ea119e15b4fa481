provider "hedgehog" {
  default_tags = ["Prod"]
}

# Everything that a configuration can have, with a token in the state.
resource "hedgehog_fabric" "full" {
  name                 = "berlin"
  description          = "Lab fabric,\nsecond line"
  status               = "active"
  kubernetes_server    = "https://k8s.example.com:6443"
  kubernetes_namespace = "fabric-1"
  kubernetes_token     = "first-secret\n"
  sync_enabled         = false
  sync_interval        = 600
  deletion_policy      = "decommission"
  tags                 = ["Lab"]
  custom_fields = {
    owner      = "netops"
    rack_units = 4
    tier       = "gold"
    colours    = ["red", "blue"]
    facts      = { power = "16A", pair = [1, true, null] }
    home_site  = null
  }
  timeouts = { create = "2m", read = "90s", update = "3m", delete = "4m" }
}

# A token that only NetBox has, and texts whose types are in private state.
resource "hedgehog_fabric" "synced" {
  name                        = "munich"
  kubernetes_server           = "https://k8s.example.com:6443"
  kubernetes_namespace        = "fabric-2"
  kubernetes_token_wo         = "standin-full-token"
  kubernetes_token_wo_version = 3
  custom_fields               = tomap({ owner = "netops", rack_units = "4", in_service = "true" })
}

# What NetBox and the provider choose.
resource "hedgehog_fabric" "plain" {
  name = "oslo"
}

resource "hedgehog_fabric_sync" "synced" {
  fabric_id            = hedgehog_fabric.synced.id
  prune                = "delete"
  prune_limit          = "60%,5"
  allow_insecure_https = true
  triggers             = { run = "first" }
  timeouts             = { create = "20m" }
}
