# Active fabrics that need a look
data "hedgehog_fabrics" "trouble" {
  status      = ["active"]
  sync_status = ["error", "out_of_sync"]
}

output "trouble" {
  value = { for f in data.hedgehog_fabrics.trouble.fabrics : f.name => f.sync_status_reason }
}

# How many fabrics there are of each status
data "hedgehog_fabrics" "all" {}

output "counts" {
  value = data.hedgehog_fabrics.all.counts_by_sync_status
}
