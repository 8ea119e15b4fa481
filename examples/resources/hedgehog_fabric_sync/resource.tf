resource "hedgehog_fabric" "berlin" {
  name              = "berlin"
  kubernetes_server = "https://berlin.k8s.example.com:6443"
}

resource "hedgehog_fabric_sync" "berlin" {
  fabric_id = hedgehog_fabric.berlin.id

  triggers = {
    server    = hedgehog_fabric.berlin.kubernetes_server
    namespace = hedgehog_fabric.berlin.kubernetes_namespace
  }

  # The apply continues if the sync fails. NetBox shows the error.
  fail_on_error = false
}
