resource "hedgehog_fabric" "berlin" {
  name              = "berlin"
  kubernetes_server = "https://berlin.k8s.example.com:6443"

  # Sync after the fabric is created or changed.
  lifecycle {
    action_trigger {
      events  = [after_create, after_update]
      actions = [action.hedgehog_fabric_sync.berlin]
    }
  }
}

action "hedgehog_fabric_sync" "berlin" {
  config {
    fabric_id     = hedgehog_fabric.berlin.id
    fail_on_error = false
  }
}
