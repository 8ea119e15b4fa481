# If NetBox has at least 20 objects of the fabric, and more than 20 percent of them are no
# longer in the cluster, the sync fails and deletes nothing.
resource "hedgehog_fabric_sync" "pruned" {
  fabric_id     = hedgehog_fabric.berlin.id
  prune         = "delete"
  prune_limit   = "20%,20"
  fail_on_error = false

  triggers = { namespace = hedgehog_fabric.berlin.kubernetes_namespace }
}
