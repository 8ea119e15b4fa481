data "hedgehog_fabrics" "all" {}

output "counts" {
  value = data.hedgehog_fabrics.all.counts_by_sync_status
}
