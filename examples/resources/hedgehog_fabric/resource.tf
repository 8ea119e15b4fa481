# In service, synced every ten minutes.
resource "hedgehog_fabric" "berlin" {
  name        = "berlin"
  description = "Production, hall 2"
  status      = "active"

  kubernetes_server    = "https://berlin.k8s.example.com:6443"
  kubernetes_namespace = "fabric"
  sync_interval        = 600

  # A destroy takes it out of service and leaves the record in NetBox.
  deletion_policy = "decommission"
}

# Without a Kubernetes server a fabric is not_configured, and needs only a name.
resource "hedgehog_fabric" "madrid" {
  name = "madrid"
}
