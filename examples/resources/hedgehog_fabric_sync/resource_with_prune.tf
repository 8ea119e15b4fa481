# The sync deletes nothing and fails if NetBox has 20 objects of the fabric or more,
# and more than 20 percent of them are no longer in the cluster.
resource "hedgehog_fabric_sync" "pruned" {
  fabric_id     = hedgehog_fabric.berlin.id
  prune         = "delete"
  prune_limit   = "20%,20"
  fail_on_error = false

  triggers = { namespace = hedgehog_fabric.berlin.kubernetes_namespace }
}
