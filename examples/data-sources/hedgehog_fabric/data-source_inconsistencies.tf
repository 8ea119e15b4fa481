output "berlin_inconsistencies" {
  value = data.hedgehog_fabric.berlin.inconsistencies
}
