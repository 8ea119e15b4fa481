list "hedgehog_fabric" "production" {
  provider = hedgehog
  limit    = 10000

  config {
    tags = ["Prod"]
  }
}
