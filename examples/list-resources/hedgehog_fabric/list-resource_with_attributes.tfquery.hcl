# Active fabrics whose last sync is too old.
list "hedgehog_fabric" "stale" {
  provider         = hedgehog
  include_resource = true

  config {
    status      = ["active"]
    sync_status = ["out_of_sync"]
  }
}
