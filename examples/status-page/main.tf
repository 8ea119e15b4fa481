# A status page of all fabrics: one HTML file that needs nothing else. See README.md.

terraform {
  required_providers {
    hedgehog = { source = "hedgehog-fabric/hedgehog" }
  }
}

provider "hedgehog" {} # NETBOX_SERVER_URL and NETBOX_API_TOKEN

variable "title" {
  type        = string
  default     = "Hedgehog fabrics"
  description = "Heading of the page."
}

variable "tags" {
  type        = set(string)
  default     = null
  description = "Names of tags that a fabric must have to be on the page; all fabrics when null."
}

data "hedgehog_fabrics" "shown" {
  tags = var.tags
}

locals {
  fabrics = data.hedgehog_fabrics.shown.fabrics

  # What asks for attention comes first, on the counts and in the table.
  statuses = [
    { name = "error", label = "Sync Error", badge = "bg-danger text-white" },
    { name = "out_of_sync", label = "Out of Sync", badge = "bg-danger text-white" },
    { name = "never_synced", label = "Never Synced", badge = "bg-warning text-dark" },
    { name = "in_sync", label = "In Sync", badge = "bg-success text-white" },
    { name = "disabled", label = "Sync Disabled", badge = "bg-secondary text-white" },
    { name = "not_configured", label = "Not Configured", badge = "bg-secondary text-white" },
  ]

  page = {
    title    = var.title
    tags     = coalesce(var.tags, [])
    observed = try(reverse(sort(local.fabrics[*].observed_at))[0], null)
    counts = [for s in local.statuses : merge(s, {
      count = data.hedgehog_fabrics.shown.counts_by_sync_status[s.name]
    })]
    fabrics = flatten([for s in local.statuses : [for f in local.fabrics : f if f.sync_status == s.name]])
    trouble = length([for f in local.fabrics : f if contains(["error", "out_of_sync"], f.sync_status) || !f.consistent])
  }

  # Terraform has no function that escapes for HTML. Here it is done once for every
  # text of the page, so that the template cannot forget one: in JSON, jsonencode has
  # already written & < > as \u0026 \u003c \u003e, and quotes and backslashes as \" \\.
  # The backslashes go first; then every \ that is left begins an escape of JSON's own.
  no_backslash = replace(jsonencode(local.page), "\\\\", "&#92;")
  no_quote     = replace(replace(local.no_backslash, "\\\"", "&quot;"), "'", "&#39;")
  escaped      = replace(replace(replace(local.no_quote, "\\u0026", "&amp;"), "\\u003c", "&lt;"), "\\u003e", "&gt;")
}

output "html" {
  description = "The page. It is no secret: sensitive only keeps it out of what plan and apply print."
  value       = templatefile("${path.module}/status.html.tftpl", jsondecode(local.escaped))
  sensitive   = true
}
