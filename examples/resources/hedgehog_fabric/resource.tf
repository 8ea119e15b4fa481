resource "hedgehog_fabric" "berlin" {
  name        = "berlin"
  description = "Production, hall 2"
  status      = "active"

  kubernetes_server    = "https://berlin.k8s.example.com:6443"
  kubernetes_namespace = "fabric"
  sync_interval        = 600

  # A destroy sets the status to decommissioned, turns the sync off, and keeps the fabric
  # in NetBox.
  deletion_policy = "decommission"
}
