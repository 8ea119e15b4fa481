package synccmd

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/cli"
)

// One id connects a line of the output, the log and NetBox's change log.
func TestRunID_isInOutputLogAndChangeLog(t *testing.T) {
	w := newStandins(t)
	w.add("alpha")
	w.add("young", syncedAgo(0))
	w.wantCode(w.run("--once", "--output", "json", "--log-format", "json", "--log-level", "debug"), cli.ExitSuccess)
	records := w.records()
	run, _ := records["alpha"]["run"].(string)
	if len(run) != 8 || records["young"]["run"] != "" {
		t.Fatalf("run %q, and %v of a fabric that was not synced", run, records["young"]["run"])
	}
	for _, change := range w.netbox.Changelog() {
		if !strings.HasSuffix(change.Message, "sync run "+run) {
			t.Errorf("%s of %s: got the message %q", change.Action, change.ObjectRepr, change.Message)
		}
	}
	seen, outside := map[string]int{}, 0
	for line := range strings.Lines(w.stderr.String()) {
		var entry struct{ Msg, Run, Fabric, Path string }
		if err := json.Unmarshal([]byte(line), &entry); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		switch {
		case entry.Run == run:
			seen[entry.Msg]++
		case entry.Msg == "request to NetBox":
			outside++
		case entry.Fabric != "young":
			t.Errorf("got a line without the run: %s", line)
		}
	}
	// The list of fabrics belongs to no sync.
	if seen["sync begins"] != 1 || seen["sync ended"] < 1 || seen["request to NetBox"] < 12 || outside != 1 {
		t.Errorf("got %v, and %d requests outside of it", seen, outside)
	}
}
