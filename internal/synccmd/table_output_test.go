package synccmd

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabricsync"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/terminal"
)

// reported returns a report of a fabric whose cluster has some VPCs.
func reported(id int64, name string, outcome fabricsync.Outcome, status fabric.Status, kind fabricsync.KindResult,
	message string) *report {
	result := &fabricsync.Result{FabricID: id, Fabric: name, Outcome: outcome, Status: status, Message: message}
	if outcome == fabricsync.Synced || outcome == fabricsync.Failed {
		result.Kinds, result.StartedAt = []fabricsync.KindResult{kind}, testTime
	}
	return &report{id: id, name: name, result: result}
}

const longMessage = "https://paris.k8s.example.com:6443 gave no complete answer within 30s; check the address, the " +
	"firewalls on the way, and whether the server is up"

func tableOf(t *testing.T, screen *terminal.Terminal) string {
	t.Helper()
	var out bytes.Buffer
	shown := &tableOutput{out: &out, terminal: screen}
	for _, r := range []*report{
		reported(1, "berlin", fabricsync.Synced, fabric.StatusInSync, fabricsync.KindResult{InCluster: 512, Created: 2,
			Unchanged: 510}, ""),
		reported(2, "東京", fabricsync.Synced, fabric.StatusInSync,
			fabricsync.KindResult{InCluster: 7, Unchanged: 7}, ""),
		reported(3, "paris", fabricsync.Failed, fabric.StatusError, fabricsync.KindResult{}, longMessage),
		reported(4, "zu\u0308rich", fabricsync.NotDue, fabric.StatusInSync, fabricsync.KindResult{},
			"the next sync is due in 40 s"),
		reported(5, "bare", fabricsync.Skipped, fabric.StatusNotConfigured, fabricsync.KindResult{},
			"it has no Kubernetes server"),
	} {
		if err := shown.add(r); err != nil {
			t.Fatal(err)
		}
	}
	if err := shown.end(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func at(columns int, color bool) *terminal.Terminal {
	return &terminal.Terminal{Width: func() int { return columns }, Color: color}
}

func TestTable_fitsEveryWidth(t *testing.T) {
	for columns := 20; columns <= 220; columns += 7 {
		for line := range strings.Lines(tableOf(t, at(columns, false))) {
			line = strings.TrimSuffix(line, "\n")
			if n := terminal.Width(line); n > max(columns, 33) && !strings.HasPrefix(line, "5 fabrics") {
				t.Errorf("got a line of %d columns, want at most %d: %q", n, columns, line)
			}
		}
	}
}

func TestTable_atEightyColumns(t *testing.T) {
	want := `FABRIC  ID  OUTCOME  SYNC STATUS     IN CLUSTER  CREATED  UNCHANGED
paris    3  failed   error                    0        0          0
    https://paris.k8s.example.com:6443 gave no complete answer within 30s; check
    the address, the firewalls on the way, and whether the server is up
berlin   1  synced   in_sync                512        2        510
東京     2  synced   in_sync                  7        0          7
zürich   4  not_due  in_sync                  -        -          -
    the next sync is due in 40 s
bare     5  skipped  not_configured           -        -          -
    it has no Kubernetes server
5 fabrics: 2 synced, 1 failed, 1 skipped, 1 not due.
`
	if got := tableOf(t, at(80, false)); got != strings.ReplaceAll(want, "zürich", "zu\u0308rich") {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestTable_wideHasItsMessagesInAColumn(t *testing.T) {
	got := tableOf(t, at(200, false))
	wantText(t, got, "UNCHANGED  MESSAGE\n", "0          0  "+longMessage[:60], "-          -  the next sync is due "+
		"in 40 s\n")
	if strings.Contains(got, "UPDATED") || strings.Contains(got, "\n    ") && !strings.Contains(got, "\n"+
		strings.Repeat(" ", 50)) {
		t.Errorf("got\n%s", got)
	}
}

// If the output is not a terminal, each fabric has one line with every column, since a program may
// read it.
func TestTable_elsewhereHasEveryColumnAndOneLineForEach(t *testing.T) {
	got := tableOf(t, nil)
	wantText(t, got, "IN CLUSTER  CREATED  UPDATED", "NOT STORABLE  FAILED  DELETED  KEPT  MESSAGE\n", longMessage+"\n")
	if n := strings.Count(got, "\n"); n != 7 {
		t.Errorf("got %d lines:\n%s", n, got)
	}
}

func TestTable_colorsAreThoseOfTheBadges(t *testing.T) {
	got := tableOf(t, at(80, true))
	for text, color := range map[string]string{
		"failed": terminal.Red, "error": terminal.Red, "synced": terminal.Green, "in_sync": terminal.Green,
		"not_configured": terminal.Gray, "skipped": terminal.Gray,
	} {
		wantText(t, got, color+text+terminal.Reset)
	}
	if bare := regexp.MustCompile(`\x1b\[\d+m`).ReplaceAllString(got, ""); bare != tableOf(t, at(80, false)) {
		t.Errorf("got columns that colors have moved:\n%s", bare)
	}
	for _, status := range fabric.Statuses() {
		want := map[string]string{
			"bg-danger": terminal.Red, "bg-warning": terminal.Yellow, "bg-success": terminal.Green,
			"bg-secondary": terminal.Gray,
		}[strings.Fields(status.Badge())[0]]
		if got := terminal.BadgeColor(status.Badge()); got != want || want == "" {
			t.Errorf("%s: got %q, want %q", status, got, want)
		}
	}
}
