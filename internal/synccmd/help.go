package synccmd

import "github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/cli"

const (
	useLine = "sync (--once | --watch) [flags]"
	short   = "Sync fabrics with their clusters: once, or for as long as it runs"
)

const description = `Reads the objects of NetBox's fabrics from their Kubernetes clusters, stores them in
NetBox, and records the outcome in each fabric. NetBox's plugin keeps a sync interval
for every fabric but does not act on it: this command does.

A fabric is due when it has a Kubernetes server, its sync is enabled, its interval
is not 0, and it was never synced or its last sync is at least as old as the
interval. All times are NetBox's own; the clock of this machine does not matter.
Several of these commands may run at once: only one of them syncs a fabric at a time.

NetBox's plugin cannot list the objects of one fabric alone. A watch, and --once with
several fabrics, therefore keep an inventory of all fabrics' objects in memory. They
read all objects once, 1000 in a request, and then only what has changed. --once with
one fabric reads all objects too, unless the administrator has added a filter to the
plugin.
`

// helpFooter has the environment, the exit codes and examples.
const helpFooter = `Environment, the same as the provider's:
  NETBOX_SERVER_URL      URL of NetBox, such as https://netbox.example.com (required)
  NETBOX_API_TOKEN       API token of NetBox (required). Its user must be allowed
                         to see the fabrics' kubernetes_token, to view and change
                         fabrics, and to view, add and change the objects under
                         them; with --prune delete also to delete them
` + cli.Variables + `  HTTPS_PROXY, HTTP_PROXY, NO_PROXY
                         proxies for NetBox and the clusters
  NO_COLOR               any value: no colors on a terminal

Exit codes:
  0    all is well; also a watch that a signal stopped
  1    a fabric has an outcome with this code, or NetBox cannot be read
  2    the command line or the environment is wrong; nothing was done
  130  --once was stopped by a signal before it was done, or a second one came later

Examples:
  # Show what a sync would do
  terraform-provider-hedgehog sync --once --dry-run --force

  # One fabric, now, whatever its interval
  terraform-provider-hedgehog sync --once --fabric berlin --force

  # From a timer, with output for a program
  terraform-provider-hedgehog sync --once --output json

  # As a service
  terraform-provider-hedgehog sync --watch --listen 127.0.0.1:9641 --log-format json

  # One of three services that share the fabrics
  terraform-provider-hedgehog sync --watch --shard 0 --shards 3
`
