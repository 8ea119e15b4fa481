# Every fabric that is in service and whose last sync is too old, with its attributes.
list "hedgehog_fabric" "stale" {
  provider         = hedgehog
  include_resource = true

  config {
    status      = ["active"]
    sync_status = ["out_of_sync"]
  }
}

# All that carry a tag: "terraform query -generate-config-out=fabrics.tf" writes
# their configuration and the blocks that import them.
list "hedgehog_fabric" "production" {
  provider = hedgehog

  config {
    tags = ["Prod"]
  }
}
