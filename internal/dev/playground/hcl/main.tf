# The playground's fabrics, as they are in NetBox. Change something and see what
# terraform plan shows.

terraform {
  required_providers {
    hedgehog = { source = "hedgehog-fabric/hedgehog" }
  }
}

provider "hedgehog" {} # env.sh sets NETBOX_SERVER_URL and NETBOX_API_TOKEN

# Planned: there is no cluster yet.
resource "hedgehog_fabric" "athens" {
  name        = "athens"
  description = "Racks ordered"
}

# In sync. Without another sync it goes out of sync after two minutes.
resource "hedgehog_fabric" "berlin" {
  name               = "berlin"
  status             = "active"
  kubernetes_server  = "https://berlin.k8s.example.com:6443"
  kubernetes_ca_cert = file("clusters/berlin.pem")
  sync_interval      = 60 # seconds
}

# Sync is disabled for now.
resource "hedgehog_fabric" "cairo" {
  name               = "cairo"
  status             = "maintenance"
  kubernetes_server  = "https://cairo.k8s.example.com:6443"
  kubernetes_ca_cert = file("clusters/cairo.pem")
  sync_enabled       = false
}

# Its last sync failed: the cluster refuses the token that NetBox has. To give it a good one,
# uncomment the last line.
resource "hedgehog_fabric" "dublin" {
  name               = "dublin"
  status             = "active"
  kubernetes_server  = "https://dublin.k8s.example.com:6443"
  kubernetes_ca_cert = file("clusters/dublin.pem")
  # kubernetes_token = "standin-full-token"
}

# Never synced. The cluster answers.
resource "hedgehog_fabric" "lisbon" {
  name               = "lisbon"
  status             = "active"
  kubernetes_server  = "https://lisbon.k8s.example.com:6443"
  kubernetes_ca_cert = file("clusters/lisbon.pem")
  sync_interval      = 600
}

# Never synced. A sync fails until NetBox has the CA of the cluster: uncomment the last line.
resource "hedgehog_fabric" "madrid" {
  name              = "madrid"
  status            = "active"
  kubernetes_server = "https://madrid.k8s.example.com:6443"
  # kubernetes_ca_cert = file("clusters/madrid.pem")
}

# Out of sync: its last sync was three hours ago.
resource "hedgehog_fabric" "oslo" {
  name               = "oslo"
  status             = "active"
  kubernetes_server  = "https://oslo.k8s.example.com:6443"
  kubernetes_ca_cert = file("clusters/oslo.pem")
  sync_interval      = 3600
}

# NetBox stores that it is in sync and connected, but a user has cleared its server in the web
# form. To set it again, uncomment the last line.
resource "hedgehog_fabric" "quito" {
  name               = "quito"
  kubernetes_ca_cert = file("clusters/quito.pem")
  # kubernetes_server = "https://quito.k8s.example.com:6443"
}
