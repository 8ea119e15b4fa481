data "hedgehog_fabrics" "trouble" {
  status      = ["active"]
  sync_status = ["error", "out_of_sync"]
}

# The reason for each, by name.
output "trouble" {
  value = { for f in data.hedgehog_fabrics.trouble.fabrics : f.name => f.sync_status_reason }
}
