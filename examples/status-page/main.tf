# Writes the sync status of all fabrics into one HTML file. See README.md.

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
  description = "Names of tags. The page shows the fabrics that have all of them; with null, all fabrics."
}

data "hedgehog_fabrics" "shown" {
  tags = var.tags
}

locals {
  fabrics = data.hedgehog_fabrics.shown.fabrics

  # Statuses that need attention come first, in the counts and in the table.
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

  # Terraform has no function that escapes for HTML. These lines escape all strings of the page
  # at once, so that the template cannot forget one. jsonencode has already written & < > as
  # \u0026 \u003c \u003e, and quotes and backslashes as \" \\. The backslashes are replaced
  # first. After that, every \ that is left begins an escape of JSON.
  no_backslash = replace(jsonencode(local.page), "\\\\", "&#92;")
  no_quote     = replace(replace(local.no_backslash, "\\\"", "&quot;"), "'", "&#39;")
  escaped      = replace(replace(replace(local.no_quote, "\\u0026", "&amp;"), "\\u003c", "&lt;"), "\\u003e", "&gt;")
}

output "html" {
  description = "The page. It is not a secret: sensitive only keeps plan and apply from printing it."
  value       = templatefile("${path.module}/status.html.tftpl", jsondecode(local.escaped))
  sensitive   = true
}
