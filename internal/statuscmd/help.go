package statuscmd

import "github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/cli"

const (
	useLine = "status [NAME|ID]... [flags]"
	short   = "Show the sync status of fabrics"
)

const description = `Shows the sync status of all fabrics in NetBox, or of those that you name. The command
works it out from the facts in each record, by the same rule as in Terraform. It does not
use the status that NetBox stores. All times are NetBox's. Nothing is written.

Fabrics that need attention come first. Contradictions in a fabric's record (its
inconsistencies) are shown under its status.

With --health or --fail-on unhealthy, the command also asks the clusters: how many
switches are ready, and whether the control nodes are. NetBox must show the fabrics'
kubernetes_token to the user of the API token. These tokens need permissions in the
clusters; the guide Secrets lists them. A fabric without a Kubernetes server has no
health, and is never unhealthy.

If a name has only digits, write name:NAME. Separate the values of a LIST by commas, such
as error,out_of_sync. A fabric is shown if it passes every filter. --name-regex, --status
and --tag select the fabrics to check: if no fabric passes them, nothing was checked, and
the exit code is 3. It is not an error if the other filters match none.
`

// helpFooter is the part of --help after the flags: environment, exit codes and examples.
const helpFooter = `Environment variables, the same as the provider's:
  NETBOX_SERVER_URL      URL of NetBox, such as https://netbox.example.com (required)
  NETBOX_API_TOKEN       API token of NetBox (required). Its user needs permission to
                         view fabrics; with --health, also to see their
                         kubernetes_token; with the name of a branch, also to view
                         branches (NetBox Branching: Branch). A branch's schema id
                         does not need that
` + cli.Variables + `  HTTPS_PROXY, HTTP_PROXY, NO_PROXY
                         proxies for NetBox and, with --health, for clusters
  NO_COLOR               any value: no colors and no links on a terminal

Exit codes:
  0    no fabric matches --fail-on, or you stopped a watch
  1    a fabric matches --fail-on, or NetBox does not show a fabric that you named
  2    the command line or the environment is wrong; nothing was read
  3    unknown: NetBox cannot be read; or no fabric passes --name-regex, --status and
       --tag, so nothing was checked; or --fail-on lists unhealthy, no fabric is known
       to be unhealthy, and the health of at least one is not known

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

  # Write JSON, and let the program that reads it decide
  terraform-provider-hedgehog status --output json --fail-on none
`
