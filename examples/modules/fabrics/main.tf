# Creates a fabric for each element of var.fabrics. See README.md.
resource "hedgehog_fabric" "this" {
  for_each = var.fabrics

  name        = coalesce(each.value.name, each.key)
  description = each.value.description
  status      = each.value.status

  kubernetes_server    = each.value.kubernetes_server
  kubernetes_namespace = each.value.kubernetes_namespace
  kubernetes_ca_cert   = each.value.kubernetes_ca_cert

  kubernetes_token_wo         = each.value.kubernetes_token_version == null ? null : lookup(var.kubernetes_tokens, each.key, null)
  kubernetes_token_wo_version = each.value.kubernetes_token_version

  sync_enabled  = each.value.sync_enabled
  sync_interval = each.value.sync_interval

  tags            = each.value.tags
  custom_fields   = try(var.custom_fields[each.key], null)
  deletion_policy = each.value.deletion_policy
}
