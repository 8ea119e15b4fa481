# Five fabrics. NetBox's URL and token come from the environment variables
# NETBOX_SERVER_URL and NETBOX_API_TOKEN.

terraform {
  required_providers {
    hedgehog = { source = "hedgehog-fabric/hedgehog" }
  }
}

provider "hedgehog" {}

# Planned: there is no cluster yet.
resource "hedgehog_fabric" "madrid" {
  name        = "madrid"
  description = "Second site, racks ordered"
}

# It has a cluster, but should not be synced for now.
resource "hedgehog_fabric" "oslo" {
  name              = "oslo"
  status            = "maintenance"
  kubernetes_server = "https://oslo.k8s.example.com:6443"
  sync_enabled      = false
}

# Ready, but never synced.
resource "hedgehog_fabric" "lisbon" {
  name              = "lisbon"
  status            = "active"
  kubernetes_server = "https://lisbon.k8s.example.com:6443"
}

# In production, with a sync every ten minutes.
resource "hedgehog_fabric" "berlin" {
  name                 = "berlin"
  status               = "active"
  kubernetes_server    = "https://berlin.k8s.example.com:6443"
  kubernetes_namespace = "fabric"
  sync_interval        = 600
}

# A test bench without a cluster.
resource "hedgehog_fabric" "bench" {
  name = "bench"
}
