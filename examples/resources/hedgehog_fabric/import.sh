# By id
terraform import hedgehog_fabric.berlin 7

# By name
terraform import hedgehog_fabric.berlin berlin

# By a name that has only digits
terraform import hedgehog_fabric.berlin name:2026
