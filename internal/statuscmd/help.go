package statuscmd

import "github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/cli"

const (
	useLine = "status [NAME|ID]... [flags]"
	short   = "Show how fabrics are: in sync, in error, out of sync"
)

const description = `Shows NetBox's fabrics, or those that are named, with one sync status each. The status
follows from the facts of the record, by the same rule as in Terraform, and not from
the status that NetBox stores. All times are NetBox's own. Nothing is written. Clusters
are asked only with --health or --fail-on unhealthy.

With --health the clusters are asked, too: how many switches are ready, and whether the
control nodes are. NetBox must show the user of the API token the fabrics'
kubernetes_token, and these need rights in the clusters, which the guide Secrets lists.
A fabric without a Kubernetes server has no health, and is never unhealthy.

Fabrics that need attention come first. Contradictions in a fabric's record, its
inconsistencies, are shown under its status.

A name of digits is written name:NAME. A LIST is separated by commas, such as
error,out_of_sync. A fabric is shown if it passes every filter. --name-regex, --status
and --tag say which fabrics are meant: if there are none, nothing was checked. The others
go by how a fabric is, and may match none.
`

// helpFooter has the environment, the exit codes and examples.
const helpFooter = `Environment, the same as the provider's:
  NETBOX_SERVER_URL      URL of NetBox, such as https://netbox.example.com (required)
  NETBOX_API_TOKEN       API token of NetBox (required). Its user must be allowed to
                         view fabrics. --health also needs their kubernetes_token,
                         and the name of a branch the permission to view branches
                         (NetBox Branching: Branch); a branch's schema id does not
` + cli.Variables + `  HTTPS_PROXY, HTTP_PROXY, NO_PROXY
                         proxies for NetBox and, with --health, for clusters
  NO_COLOR               any value: no colors and no links on a terminal

Exit codes:
  0    no fabric has what --fail-on lists; also a watch that was stopped
  1    a fabric has what --fail-on lists, or NetBox does not show a fabric that is named
  2    the command line or the environment is wrong; nothing was read
  3    NetBox cannot be read, so it is not known how the fabrics are; or there is no
       fabric with that name, status and tag, so nothing was checked; or --fail-on
       lists unhealthy, no fabric is, and the health of one is not known

Examples:
  # All fabrics
  terraform-provider-hedgehog status

  # Two of them
  terraform-provider-hedgehog status berlin hamburg

  # Those that need attention, with the reasons
  terraform-provider-hedgehog status --sync-status error,out_of_sync

  # A check for monitoring, of what is in production
  terraform-provider-hedgehog status --tag production --timeout 10s

  # A check of the fabrics themselves
  terraform-provider-hedgehog status --fail-on unhealthy

  # All of them, kept up to date
  terraform-provider-hedgehog status --watch

  # For a program, which decides by itself
  terraform-provider-hedgehog status --output json --fail-on none
`
