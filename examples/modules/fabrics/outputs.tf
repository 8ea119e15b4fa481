# There is no output for the sync status. The status changes with time, so no plan would be
# empty. Read it with the data source hedgehog_fabrics.
output "ids" {
  description = "The fabrics' ids in NetBox, by key."
  value       = { for key, fabric in hedgehog_fabric.this : key => fabric.id }
}

output "pages" {
  description = "The URLs of the fabrics' pages in NetBox, by key."
  value       = { for key, fabric in hedgehog_fabric.this : key => fabric.web_url }
}

output "names" {
  description = "The fabrics' names in NetBox, by key."
  value       = { for key, fabric in hedgehog_fabric.this : key => fabric.name }
}
