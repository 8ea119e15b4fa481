# Tags and custom fields must be defined in NetBox. Only the custom fields that
# stand here are managed; null clears one and keeps it empty.
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
    notes        = null
  }
}
