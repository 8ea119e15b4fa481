# In an object, name the field with a dot. With an index, as in custom_fields["owner"],
# Terraform would ignore all fields of the object.
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

# In a map, name the field with an index. All values of a map have the same type.
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
