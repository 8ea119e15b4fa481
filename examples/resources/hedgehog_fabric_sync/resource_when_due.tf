# Every plan shows a replacement, even if the fabric is not due.
resource "hedgehog_fabric_sync" "when_due" {
  fabric_id     = hedgehog_fabric.berlin.id
  only_if_due   = true
  fail_on_error = false

  triggers = { time = plantimestamp() }
}
