# The tags and the custom fields must exist in NetBox.
resource "hedgehog_fabric" "vienna" {
  name = "vienna"
  tags = ["Prod", "Lab"]

  custom_fields = {
    owner        = "netops"
    rack_units   = 4
    power_draw   = 1250.5
    in_service   = true
    installed_on = "2026-01-31"
    tier         = "gold"
    other_sites  = [1, 2]
    home_site    = 1
    facts        = { spine = 2, leaves = ["l1", "l2"] }
    notes        = null # cleared, and kept empty
  }
}
