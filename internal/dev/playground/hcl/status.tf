# The sync status of each fabric. It follows from the facts, not from the status that
# NetBox stores.

data "hedgehog_fabrics" "all" {
  depends_on = [
    hedgehog_fabric.athens, hedgehog_fabric.berlin, hedgehog_fabric.cairo, hedgehog_fabric.dublin,
    hedgehog_fabric.lisbon, hedgehog_fabric.madrid, hedgehog_fabric.oslo, hedgehog_fabric.quito,
  ]
}

output "sync_status" {
  value = { for f in data.hedgehog_fabrics.all.fabrics : f.name => f.sync_status }
}

output "inconsistencies" {
  value = { for f in data.hedgehog_fabrics.all.fabrics : f.name => f.inconsistencies if length(f.inconsistencies) > 0 }
}
