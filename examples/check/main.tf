# Three checks of the fabrics in NetBox: a check that fails is a warning of plan and apply, and
# an error of terraform test. See README.md.

terraform {
  required_providers {
    hedgehog = { source = "hedgehog-fabric/hedgehog" }
  }
}

provider "hedgehog" {} # NETBOX_SERVER_URL and NETBOX_API_TOKEN

variable "critical" {
  type        = string
  default     = "berlin"
  description = "Name of the fabric that must always be in sync."
}

# hedgehog_fabrics returns no error for a missing fabric. The data source hedgehog_fabric does,
# and that would stop the plan.
data "hedgehog_fabrics" "all" {}

locals {
  in_service   = [for f in data.hedgehog_fabrics.all.fabrics : f if f.status == "active"]
  behind       = [for f in local.in_service : f if contains(["error", "out_of_sync"], f.sync_status)]
  inconsistent = [for f in local.in_service : f if !f.consistent]
  critical     = one([for f in data.hedgehog_fabrics.all.fabrics : f if f.name == var.critical])
}

# Never synced, disabled and not configured don't fail this check.
check "in_sync" {
  assert {
    condition     = length(local.behind) == 0
    error_message = join("\n", [for f in local.behind : "${f.name}: ${f.sync_status_reason}"])
  }
}

# Fails when a record in NetBox contradicts itself.
check "consistent" {
  assert {
    condition     = length(local.inconsistent) == 0
    error_message = join("\n", [for f in local.inconsistent : "${f.name}: ${join(" ", f.inconsistencies)}"])
  }
}

# Fails for every status but in_sync, and when NetBox shows no such fabric.
check "critical" {
  assert {
    condition     = try(local.critical.sync_status, null) == "in_sync"
    error_message = "${var.critical}: ${try(local.critical.sync_status_reason, "NetBox shows no fabric with this name.")}"
  }
}
