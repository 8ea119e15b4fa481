check "berlin_is_reachable" {
  assert {
    condition     = data.hedgehog_fabric_connection.berlin.reachable
    error_message = coalesce(data.hedgehog_fabric_connection.berlin.error_message, "-")
  }
}
