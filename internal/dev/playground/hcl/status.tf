# What the facts say of each fabric now, whatever status NetBox has stored.

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
