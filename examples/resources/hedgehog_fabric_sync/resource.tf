resource "hedgehog_fabric" "berlin" {
  name              = "berlin"
  kubernetes_server = "https://berlin.k8s.example.com:6443"
}

# Synced once, and again when the fabric points to another cluster.
resource "hedgehog_fabric_sync" "berlin" {
  fabric_id = hedgehog_fabric.berlin.id

  triggers = {
    server    = hedgehog_fabric.berlin.kubernetes_server
    namespace = hedgehog_fabric.berlin.kubernetes_namespace
  }

  # A cluster that cannot be reached does not fail the apply: NetBox's record shows it.
  fail_on_error = false
}

# Deletes from NetBox what is no longer in the cluster, unless that is more than a fifth of at least
# 20 objects.
resource "hedgehog_fabric_sync" "pruned" {
  fabric_id     = hedgehog_fabric.berlin.id
  prune         = "delete"
  prune_limit   = "20%,20"
  fail_on_error = false

  triggers   = { namespace = hedgehog_fabric.berlin.kubernetes_namespace }
  depends_on = [hedgehog_fabric_sync.berlin]
}

# In every apply, if the fabric is due.
resource "hedgehog_fabric_sync" "when_due" {
  fabric_id     = hedgehog_fabric.berlin.id
  only_if_due   = true
  fail_on_error = false

  triggers   = { time = plantimestamp() }
  depends_on = [hedgehog_fabric_sync.berlin]
}
