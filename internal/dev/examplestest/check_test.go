package examplestest

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// A failed check is a warning of apply and an error of test.
func TestAccCheckExample_saysWhichFabricAndWhy(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	w := newWorkspace(t, c, "check")
	w.netbox.AddFabric(synced("berlin", nil))
	w.netbox.AddFabric(synced("porto", map[string]any{"last_sync": observed.Add(-5 * time.Hour)}))
	w.netbox.AddFabric(map[string]any{"name": "bench", "status": "active", "sync_status": "in_sync",
		"last_sync": observed})
	w.netbox.AddFabric(map[string]any{"name": "spare", "status": "planned", "sync_status": "in_sync"}) // not in service
	said := []string{
		"porto: The last sync was 5 h ago, more than twice the interval of 5 min.",
		`bench: NetBox stores the sync status "in_sync", but no Kubernetes server is configured.`,
	}

	applied := w.run("apply", "-auto-approve")
	applied.must(t)
	if got, want := applied.warnings(), []string{"Check block assertion failed", "Check block assertion " +
		"failed"}; !slices.Equal(got, want) {
		t.Errorf("apply warns of %q, want %q", got, want)
	}
	tested := w.run("test", "-filter=tests/netbox.tftest.hcl")
	if tested.code != 1 {
		t.Errorf("test: got exit code %d, want 1:\n%s%s", tested.code, tested.stdout, tested.stderr)
	}
	for command, o := range map[string]outcome{"apply": applied, "test": tested} {
		for _, sentence := range said {
			if !strings.Contains(unframed(o), sentence) {
				t.Errorf("%s does not say %q:\n%s%s", command, sentence, o.stdout, o.stderr)
			}
		}
		if strings.Contains(unframed(o), "spare:") {
			t.Errorf("%s reports a fabric that is not in service", command)
		}
	}
}

// A critical fabric that is disabled or missing is a warning of a plan without changes, and an
// error of test.
func TestAccCheckExample_aCriticalFabricStopsNoPlan(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	for what, want := range map[string]struct {
		fabric map[string]any
		said   string
	}{
		"missing":  {synced("lisbon", nil), "berlin: NetBox shows no fabric with this name."},
		"disabled": {synced("berlin", map[string]any{"sync_enabled": false}), "berlin: Sync is switched off"},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			w := newWorkspace(t, c, "check")
			w.netbox.AddFabric(want.fabric)
			planned := w.run("plan", "-var", "critical=berlin", "-detailed-exitcode")
			planned.must(t)
			if got := planned.warnings(); !slices.Equal(got, []string{"Check block assertion failed"}) ||
				!strings.Contains(unframed(planned), want.said) {
				t.Errorf("plan does not warn of %q:\n%s%s", want.said, planned.stdout, planned.stderr)
			}
			tested := w.run("test", "-filter=tests/netbox.tftest.hcl")
			if tested.code != 1 || !strings.Contains(unframed(tested), want.said) {
				t.Errorf("test: got exit code %d, want 1 and %q:\n%s%s", tested.code, want.said,
					tested.stdout, tested.stderr)
			}
		})
	}
}

// unframed returns a command's output in one line, without the CLI's line breaks and frames.
func unframed(o outcome) string {
	return strings.Join(strings.Fields(strings.ReplaceAll(o.stdout+o.stderr, "│", " ")), " ")
}
