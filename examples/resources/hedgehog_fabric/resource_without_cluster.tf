# Its sync status is "not_configured".
resource "hedgehog_fabric" "madrid" {
  name = "madrid"
}
