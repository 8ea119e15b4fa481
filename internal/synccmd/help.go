package synccmd

import "github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/cli"

const (
	useLine = "sync (--once | --watch) [flags]"
	short   = "Sync fabrics from their clusters into NetBox, once or continuously"
)

const description = `Reads each fabric's objects from its Kubernetes cluster, stores them in NetBox, and
records the outcome in the fabric's record. The NetBox plugin stores a sync interval
for every fabric but never acts on it; this command does.

A fabric is due if it has a Kubernetes server, sync_enabled is true, its interval is
not 0, and it was never synced, its latest sync failed, or its last successful sync is
at least one interval ago. All times are by NetBox's clock; the clock of this machine
does not matter. You can run several of these commands at once: each sync locks its
fabric.
`

// helpFooter is the part of --help after the flags: environment, exit codes and examples.
const helpFooter = `Environment variables, the same as the provider's:
  NETBOX_SERVER_URL      URL of NetBox, such as https://netbox.example.com (required)
  NETBOX_API_TOKEN       API token of NetBox (required). Its user needs permission to
                         view and change fabrics, and to view, add and change their
                         objects; with --prune delete, also to delete these
` + cli.Variables + `  HTTPS_PROXY, HTTP_PROXY
                         proxies for https:// and for http:// URLs, of NetBox and
                         of the clusters
  NO_PROXY               hosts to reach without a proxy, separated by commas
  NO_COLOR               any value: no colors on a terminal

Exit codes:
  0    all fabrics have outcomes with code 0, or a signal stopped a watch
  1    at least one fabric has an outcome with code 1, or NetBox cannot be read
  2    the command line or the environment is wrong; nothing was done
  3    NetBox shows no fabrics at all: --once had nothing to sync
  130  a signal stopped --once before it was done; or a second signal, more than a
       second after the first, stopped the command immediately

Memory and requests:
  The NetBox plugin cannot list the objects of one fabric. --once with one fabric
  therefore reads all objects, unless an administrator has added a filter to the
  plugin. --once with several fabrics, and --watch, read all objects once, 1000 in a
  request, and keep them in memory. They then read only what has changed; --watch
  reads everything again every six hours.

Examples:
  # Show what a sync would do
  terraform-provider-hedgehog sync --once --dry-run --force

  # Sync one fabric now, whatever its interval
  terraform-provider-hedgehog sync --once --fabric berlin --force

  # Run from a timer, with output for a program
  terraform-provider-hedgehog sync --once --output json

  # Run as a service
  terraform-provider-hedgehog sync --watch --listen 127.0.0.1:9641 --log-format json

  # Run one of three services that share the fabrics
  terraform-provider-hedgehog sync --watch --shard 0 --shards 3

` + cli.Guides
