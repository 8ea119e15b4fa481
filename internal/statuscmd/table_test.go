package statuscmd

import (
	"strings"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/cli"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/terminal"
)

const narrowTable = `FABRIC     STATUS          LAST SYNC  NEXT SYNC
munich     Sync Error      20m ago    due
    The last sync could not use the Kubernetes cluster: no answer from
    10.0.0.5:6443 within 30 s.
bare       Not Configured  never      -
    NetBox stores the sync status "in_sync", but no Kubernetes server is
      configured.
    NetBox stores the connection status "connected", but no Kubernetes server
      is configured.
    NetBox stores the sync status "in_sync", but no last sync time.
hamburg    Out of Sync     3h ago     due
    The last sync was 3 h ago, more than twice the interval of 5 min.
cologne    Never Synced    never      due
berlin     In Sync         2m ago     in 3m
stuttgart  Sync Disabled   never      -
lab        Not Configured  never      -

How to end an inconsistency:
` + inconsistencyGuide + `

7 fabrics: 1 error, 1 out of sync, 1 never synced, 1 in sync, 1 disabled, 2 not
configured; 1 inconsistent.
`

func TestTable_fits80Columns(t *testing.T) {
	s := newStandin(t, netboxtest.Options{})
	s.addEach()
	s.on(80)
	s.want(cli.ExitFailure)
	if got := s.stdout.String(); got != narrowTable {
		t.Errorf("got\n%swant\n%s", got, narrowTable)
	}
	for _, columns := range []int{40, 60, 80, 120, 200} {
		s.on(columns)
		s.run()
		for line := range strings.Lines(s.stdout.String()) {
			line = strings.TrimSuffix(line, "\n")
			if n := terminal.Width(line); n > columns && line != inconsistencyGuide { // an address stays whole
				t.Errorf("a line of %d columns on a terminal of %d: %s", n, columns, line)
			}
		}
	}
}

// If stdout is not a terminal, each fabric is one line with its reason.
func TestTable_elsewhereHasOneLineForEach(t *testing.T) {
	s := newStandin(t, netboxtest.Options{})
	s.addEach()
	s.run()
	wantText(t, s.stdout.String(), "NEXT SYNC  MESSAGE\n",
		"berlin     In Sync         2m ago     in 3m      The last sync was 2 min ago, within the interval of 5 min.\n",
		"\n\nHow to end an inconsistency: https://github.com/hedgehog-fabric/terraform-provider-hedgehog/blob/main/"+
			"docs/guides/sync-status.md#inconsistencies\n7 fabrics: ")
	if n := strings.Count(s.stdout.String(), "\n"); n != 1+7+3 {
		t.Errorf("got %d lines:\n%s", n, s.stdout.String())
	}
}

// A fabric that is named on the command line shows its reason on any terminal.
func TestTable_namedFabricsShowTheirReasons(t *testing.T) {
	s := newStandin(t, netboxtest.Options{})
	s.addEach()
	s.on(80)
	s.want(cli.ExitSuccess, "berlin", "6")
	const want = `FABRIC  STATUS          LAST SYNC  NEXT SYNC
berlin  In Sync         2m ago     in 3m
    The last sync was 2 min ago, within the interval of 5 min.
lab     Not Configured  never      -
    No Kubernetes server is configured, so there is nothing to sync with.

2 fabrics: 1 in sync, 1 not configured.
`
	if got := s.stdout.String(); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestTable_colorsAndLinksTakeNoColumns(t *testing.T) {
	s := newStandin(t, netboxtest.Options{})
	s.addEach()
	s.add("東京")
	s.on(80)
	s.run()
	plain := s.stdout.String()
	s.program.terminal.Color, s.program.terminal.Links = true, true
	s.run()
	shown := s.stdout.String()
	link := "\x1b]8;;" + s.netbox.URL() + "/plugins/hedgehog/fabrics/8/\x1b\\"
	wantText(t, shown, link+"東京\x1b]8;;\x1b\\     ", terminal.Red+"Sync Error"+terminal.Reset,
		terminal.Red+"Out of Sync"+terminal.Reset, terminal.Yellow+"Never Synced"+terminal.Reset,
		terminal.Green+"In Sync"+terminal.Reset, terminal.Gray+"Sync Disabled"+terminal.Reset,
		terminal.Gray+"Not Configured"+terminal.Reset)
	if bare := sequences.ReplaceAllString(shown, ""); bare != plain {
		t.Errorf("sequences move columns:\n%s\nwant\n%s", bare, plain)
	}
}

func TestTable_aSyncThatRuns(t *testing.T) {
	s := newStandin(t, netboxtest.Options{})
	s.add("berlin", synced(2*time.Minute), map[string]any{"sync_status": "syncing", "last_updated": testTime})
	s.run()
	wantText(t, s.stdout.String(), "berlin  In Sync  2m ago     syncing now")
}

// Names and errors from others don't move the cursor and show no secret.
func TestTable_textsOfOthersAreSafe(t *testing.T) {
	s := newStandin(t, netboxtest.Options{})
	s.add("a\x1b[2Jb", map[string]any{"connection_error": "refused: " + netboxtest.AdminToken + "\r\n\x1b]0;owned\a"})
	for _, output := range []string{"table", "json"} {
		s.run("--output", output)
		if text := s.stdout.String(); strings.Contains(text, netboxtest.AdminToken) ||
			strings.ContainsAny(text, "\x1b\r\a") || !strings.Contains(text, "refused: ") {
			t.Errorf("got %q", text)
		}
	}
}
