# No sync status here: it changes with time, and an output that does makes every plan
# one with changes. Read it with the data source hedgehog_fabrics.
output "ids" {
  description = "Ids in NetBox by the fabric's key."
  value       = { for key, fabric in hedgehog_fabric.this : key => fabric.id }
}

output "pages" {
  description = "URLs of the fabrics' pages in NetBox, by the fabric's key."
  value       = { for key, fabric in hedgehog_fabric.this : key => fabric.web_url }
}

output "names" {
  description = "Names in NetBox by the fabric's key."
  value       = { for key, fabric in hedgehog_fabric.this : key => fabric.name }
}
