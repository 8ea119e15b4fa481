package fabricsync

import (
	"log/slog"
	"regexp"
	"strings"
	"testing"
)

// The id leads from a change in NetBox's change log to the log of the sync.
func TestRunID_isInTheChangeLogOfEveryWriteAndInTheLog(t *testing.T) {
	w := newWorld(t)
	fill(w)
	w.sync()
	w.cluster.change("Server", 0, "2")
	w.cluster.add("External", 1)
	w.cluster.objects["VPC"] = w.cluster.objects["VPC"][1:]
	w.netbox.ResetRequests()
	var log strings.Builder
	before := len(w.netbox.Changelog())
	result := w.sync(prune, func(o *Options) {
		o.Run, o.Logger = "1a2b3c4d", slog.New(slog.NewJSONHandler(&log, nil))
	})
	if totals := result.Totals(); totals.Created != 1 || totals.Updated != 1 || totals.Deleted != 1 ||
		result.Run != "1a2b3c4d" {
		t.Errorf("run %q: %+v", result.Run, totals)
	}
	changes := w.netbox.Changelog()[before:]
	if len(changes) < 4 {
		t.Errorf("only %d changes", len(changes))
	}
	for _, change := range changes {
		if change.Message != "sync run 1a2b3c4d" {
			t.Errorf("%s of %s: %q", change.Action, change.ObjectRepr, change.Message)
		}
	}
	for line := range strings.Lines(log.String()) {
		if !strings.Contains(line, `"run":"1a2b3c4d"`) {
			t.Errorf("a line of the log does not name the sync: %s", line)
		}
	}
	if log.Len() == 0 {
		t.Error("nothing was logged")
	}
}

func TestRunID_differsFromSyncToSync(t *testing.T) {
	w := newWorld(t)
	first, second := w.sync().Run, w.sync().Run
	if !regexp.MustCompile(`^[0-9a-f]{8}$`).MatchString(first) || first == second {
		t.Errorf("run ids %q and %q", first, second)
	}
}
