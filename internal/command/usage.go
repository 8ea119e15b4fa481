package command

// summary goes to stderr when the command line cannot be meant.
const summary = `Usage: terraform-provider-hedgehog sync (--once | --watch) [FLAG...]

  --once     sync all fabrics that are due, then exit
  --watch    keep running, and sync each fabric on its own interval

All flags, the environment and examples: terraform-provider-hedgehog sync --help
`

// manual is what --help prints.
const manual = `Usage: terraform-provider-hedgehog sync (--once | --watch) [FLAG...]

Reads what NetBox's fabrics consist of from their Kubernetes clusters, stores it
in NetBox, and records in each fabric how that went. NetBox's plugin keeps a sync
interval for every fabric but does not act on it: this command does.

A fabric is due when it has a Kubernetes server, its sync is enabled, its interval
is not 0, and it was never synced or its last sync is at least as old as the
interval. All times are NetBox's own; the clock of this machine plays no part.
Several of these commands may run at once: a fabric is synced by one at a time.

NetBox's plugin cannot list the objects of one fabric alone, so every sync reads the
names and versions of all fabrics' objects, 1000 in a request. With many fabrics, the
requests grow with the square of their number: give them longer intervals.

Exactly one of:
  --once                 sync all fabrics that are due, then exit
  --watch                keep running, and sync each fabric on its own interval,
                         up to 10 % of it or 30 s later so that they spread out,
                         never earlier. One that failed is tried again after its
                         interval, or after 5 minutes where that is shorter. End
                         with SIGTERM or Ctrl-C

What to sync:
  --fabric NAME|ID       only this fabric; may be given several times. A name
                         that consists of digits is written name:NAME
  --force                sync what is not due as well, intervals of 0 included (with
                         --once). What has no server or is switched off is skipped,
                         with --force and --fabric too
  --dry-run              read everything, write nothing, and say what would be
                         done (with --once)
  --prune keep|delete    what becomes of objects in NetBox that are no longer in
                         the cluster (default keep, as the plugin does)

How:
  --parallelism N        fabrics that are synced at the same time, 1 to 100 (default 4)
  --timeout DURATION     the longest time for one fabric, such as 90s or 1h; at least 1s
                         (default 15m). A sync that takes longer has failed, and the
                         fabric's record says so
  --insecure-skip-tls-verify
                         do not verify the certificates of clusters; whoever is
                         in between can read the fabrics' tokens

Output:
  --output table|json    to stdout. table: all fabrics, at the end (with --once,
                         where it is the default). json: one object on a line for
                         each fabric, as soon as it is done
  --log-format text|json the form of the log, which goes to stderr (default text)
  --log-level LEVEL      debug, info, warn or error (default info; warn with --once
                         on a terminal, which shows the progress instead)
  --listen [HOST]:PORT   with --watch: answer /healthz (200, or 503 and the reason
                         when NetBox's fabrics cannot be read) and /metrics, for
                         Prometheus. Anybody who reaches the port may read both

Environment, the same as the provider's:
  NETBOX_SERVER_URL      URL of NetBox, such as https://netbox.example.com (required)
  NETBOX_API_TOKEN       API token of NetBox (required). It must see the fabrics'
                         kubernetes_token, and may change fabrics and the objects
                         under them
  NETBOX_CA_CERT_FILE    PEM file of the authorities to trust for NetBox
  NETBOX_ALLOW_INSECURE_HTTPS
                         true: do not verify NetBox's certificate
  NETBOX_HEADERS         JSON object of HTTP headers for every request to NetBox
  NETBOX_REQUEST_TIMEOUT seconds that one request to NetBox may take (default 30)
  NETBOX_SKIP_VERSION_CHECK
                         true: do not check that NetBox is new enough
  NETBOX_STRIP_TRAILING_SLASHES_FROM_URL
                         false: keep slashes at the end of the URL
  HTTPS_PROXY, HTTP_PROXY, NO_PROXY
                         proxies, towards NetBox and the clusters
  NO_COLOR               anything: no colours on a terminal

Exit codes:
  0    all is well: every sync that was due succeeded, or none was. So it is with
       fabrics that are skipped, and with those that another command is syncing.
       Also a watch that was told to stop
  1    a sync failed, a fabric named by --fabric is not there, or NetBox cannot
       be read
  2    the command line or the environment is wrong; nothing was done
  130  --once was stopped by a signal before it was done, or a second signal came

Examples:
  # What would a sync do?
  terraform-provider-hedgehog sync --once --dry-run --force

  # One fabric, now, whatever its interval
  terraform-provider-hedgehog sync --once --fabric berlin --force

  # From a timer, for a program to read
  terraform-provider-hedgehog sync --once --output json

  # As a service
  terraform-provider-hedgehog sync --watch --listen 127.0.0.1:9641 --log-format json
`
