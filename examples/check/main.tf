# Checks of the fabrics in service. A check that fails is a warning of plan and apply,
# and an error of terraform test. See README.md.

terraform {
  required_providers {
    hedgehog = { source = "hedgehog-fabric/hedgehog" }
  }
}

provider "hedgehog" {} # NETBOX_SERVER_URL and NETBOX_API_TOKEN

variable "critical" {
  type        = string
  default     = "berlin"
  description = "Name of the fabric that has to be in sync, whatever the reason why it is not."
}

data "hedgehog_fabrics" "in_service" {
  status = ["active"]
}

data "hedgehog_fabric" "critical" {
  name = var.critical
}

locals {
  in_service = data.hedgehog_fabrics.in_service.fabrics
  behind     = [for f in local.in_service : f if contains(["error", "out_of_sync"], f.sync_status)]
  doubtful   = [for f in local.in_service : f if !f.consistent]
}

# Never synced, disabled or not configured is no failure here: it is meant so.
check "in_sync" {
  assert {
    condition     = length(local.behind) == 0
    error_message = join("\n", [for f in local.behind : "${f.name}: ${f.sync_status_reason}"])
  }
}

# The record in NetBox contradicts itself.
check "consistent" {
  assert {
    condition     = length(local.doubtful) == 0
    error_message = join("\n", [for f in local.doubtful : "${f.name}: ${join(" ", f.inconsistencies)}"])
  }
}

check "critical" {
  assert {
    condition     = data.hedgehog_fabric.critical.sync_status == "in_sync"
    error_message = "${var.critical}: ${data.hedgehog_fabric.critical.sync_status_reason}"
  }
}
