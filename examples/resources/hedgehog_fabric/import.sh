# By the id in NetBox
terraform import hedgehog_fabric.berlin 7

# By name; a name of digits alone takes the prefix "name:"
terraform import hedgehog_fabric.berlin berlin
terraform import hedgehog_fabric.berlin name:2026
