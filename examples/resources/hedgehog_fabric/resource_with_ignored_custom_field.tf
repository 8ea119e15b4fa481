# Others may change the owner in NetBox. Write the field with a dot: with an index,
# as in custom_fields["owner"], Terraform ignores every custom field of an object.
resource "hedgehog_fabric" "graz" {
  name = "graz"

  custom_fields = {
    owner      = "netops"
    rack_units = 4
  }

  lifecycle {
    ignore_changes = [custom_fields.owner]
  }
}

# In a map, where all values have one type, the index works.
resource "hedgehog_fabric" "linz" {
  name = "linz"

  custom_fields = tomap({
    owner      = "netops"
    rack_units = "4"
  })

  lifecycle {
    ignore_changes = [custom_fields["owner"]]
  }
}
