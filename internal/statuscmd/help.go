package statuscmd

import "github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/cli"

const (
	useLine = "status [NAME|ID]... [flags]"
	short   = "Show the sync status of fabrics"
)

const description = `Shows the sync status of all fabrics in NetBox, or of those that you name. The command
works it out from the facts in each record, by the same rule as in Terraform. It does not
use the status that NetBox stores. All times are by NetBox's clock. The command writes
nothing.

Fabrics that need attention come first. Contradictions in a fabric's record (its
inconsistencies) are shown under its status.

With --health or --fail-on unhealthy, the command also asks the clusters: how many
switches are ready, and whether the control nodes are ready. It takes the fabrics'
Kubernetes tokens from NetBox. The guide "Secrets" (see the end) has the permissions
that these tokens need in the clusters. A fabric without a Kubernetes server has no
health, and is never unhealthy.

If a name has only digits, write name:NAME. Separate the values of a LIST with commas,
such as error,out_of_sync. A fabric is shown if it passes every filter. If no fabric
passes --name-regex, --status and --tag, nothing was checked, and the exit code is 3. If
only --sync-status or --connection-status leaves out all fabrics, the exit code is 0.
`

// helpFooter is the part of --help after the flags: environment, exit codes and examples.
const helpFooter = `Environment variables, the same as the provider's:
  NETBOX_SERVER_URL      URL of NetBox, such as https://netbox.example.com (required)
  NETBOX_API_TOKEN       API token of NetBox (required). Its user needs permission to
                         view fabrics; with the name of a branch, also to view
                         branches (NetBox Branching: Branch). A branch's schema id
                         does not need that
` + cli.Variables + `  HTTPS_PROXY, HTTP_PROXY
                         proxies for https:// and for http:// URLs, of NetBox and
                         of the clusters (with --health)
  NO_PROXY               hosts to reach without a proxy, separated by commas
  NO_COLOR               any value: no colors and no links on a terminal

Exit codes:
  0    no fabric matches --fail-on, or you stopped a watch
  1    a fabric matches --fail-on, or NetBox does not show a fabric that you named
  2    the command line or the environment is wrong; nothing was read
  3    unknown: NetBox cannot be read; or no fabric passes --name-regex, --status and
       --tag; or, with --fail-on unhealthy, no fabric matches, but the health of at
       least one is not known

Examples:
  # Show all fabrics
  terraform-provider-hedgehog status

  # Show two of them
  terraform-provider-hedgehog status berlin hamburg

  # Show those that need attention, with the reasons
  terraform-provider-hedgehog status --sync-status error,out_of_sync

  # Check the fabrics in production, from monitoring
  terraform-provider-hedgehog status --tag production --timeout 10s

  # Check the health of the fabrics themselves
  terraform-provider-hedgehog status --fail-on unhealthy

  # Keep the table up to date
  terraform-provider-hedgehog status --watch

  # Write JSON for another program, which decides what needs attention
  terraform-provider-hedgehog status --output json --fail-on none

` + cli.Guides
