package synccmd

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/cli"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

func TestOnce_jsonHasEveryKey(t *testing.T) {
	w := newStandins(t)
	w.add("alpha")
	w.add("bare", map[string]any{"kubernetes_server": ""})
	w.wantCode(w.run("--once", "--output", "json"), cli.ExitSuccess)
	keys := []string{"dry_run", "duration_seconds", "error_class", "fabric", "fabric_id", "failed", "finished_at",
		"kinds", "message", "objects",
		"outcome", "run", "started_at", "sync_status", "warnings"}
	for name, r := range w.records() {
		var got []string
		for key := range r {
			got = append(got, key)
		}
		if slices.Sort(got); !slices.Equal(got, keys) {
			t.Errorf("%s: got %q", name, got)
		}
	}
	r := w.records()["alpha"]
	kinds, _ := r["kinds"].([]any)
	first, _ := kinds[0].(map[string]any)
	want := map[string]any{"kind": "VPC", "complete": true, "error": "", "failures": []any{}, "absent": false,
		"not_storable_names": []any{}, "objects": map[string]any{
			"in_cluster": 2.0, "created": 2.0, "updated": 0.0, "repaired": 0.0, "unchanged": 0.0, "not_storable": 0.0,
			"failed": 0.0, "deleted": 0.0, "kept": 0.0}}
	if len(kinds) != 12 || fmt.Sprint(first) != fmt.Sprint(want) {
		t.Errorf("got %d kinds; the first is %v", len(kinds), first)
	}
	if r["fabric_id"] != 1.0 || r["sync_status"] != "in_sync" || r["started_at"] != "2030-05-01T12:00:00Z" ||
		r["finished_at"] != "2030-05-01T12:00:00Z" {
		t.Errorf("got %v", r)
	}
	if bare := w.records()["bare"]; bare["started_at"] != nil || bare["finished_at"] != nil ||
		bare["sync_status"] != "not_configured" {
		t.Errorf("got %v", bare)
	}
}

func TestOnce_tableIsAlignedAndByName(t *testing.T) {
	w := newStandins(t)
	w.add("zeta", syncedAgo(time.Second))
	w.add("a-fabric-with-a-long-name")
	w.add("evil\x1b[2J\tname", syncedAgo(time.Second))
	w.wantCode(w.run("--once"), cli.ExitSuccess)
	rows := strings.Split(w.stdout.String(), "\n")
	if len(rows) != 6 {
		t.Fatalf("got %q", rows)
	}
	at := strings.Index(rows[0], "OUTCOME")
	for i, want := range []string{"OUTCOME", "synced", "not_due", "not_due"} {
		if !strings.HasPrefix(rows[i][at:], want) {
			t.Errorf("row %d: got %q", i, rows[i])
		}
	}
	if !strings.HasPrefix(rows[2], "evil [2J name ") || strings.Contains(w.stdout.String(), "\x1b") {
		t.Errorf("row 2: got %q", rows[2])
	}
	if rows[4] != "3 fabrics: 1 synced, 2 not due." {
		t.Errorf("got the summary %q", rows[4])
	}
}

// No output has NetBox's or a cluster's token, even if an answer repeats it.
func TestOnce_secretsAreNowhere(t *testing.T) {
	for _, format := range []string{"text", "json"} {
		w := newStandins(t)
		w.add("alpha")
		w.add("beta")
		w.environment["NETBOX_HEADERS"] = `{"X-Secret": "secret-of-a-header"}`
		w.cluster.problem[server("alpha")] = fmt.Errorf("the cluster said: %s is no good", clusterToken)
		w.netbox.Intercept(func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodPost {
					rw.Header().Set("Content-Type", "application/json")
					rw.Header().Set("API-Version", "4.7")
					rw.WriteHeader(http.StatusForbidden)
					fmt.Fprintf(rw, `{"detail": "no: %s %s %s"}`, r.Header.Get("Authorization"),
						r.Header.Get("X-Secret"), clusterToken)
					return
				}
				next.ServeHTTP(rw, r)
			})
		})
		w.wantCode(w.run("--once", "--output", "json", "--log-level", "debug", "--log-format", format), cli.ExitFailure)
		w.wantOutcomes("alpha: failed, beta: failed")
		all := w.stdout.String() + w.stderr.String()
		wantText(t, all, "(redacted) is no good", "no: ")
		for _, secret := range []string{netboxtest.AdminToken, clusterToken, "secret-of-a-header"} {
			if strings.Contains(all, secret) {
				t.Errorf("%q is in the output:\n%s", secret, all)
			}
		}
	}
}

// The log's writer masks secrets that nothing else masks.
func TestLog_masksTokensInAnyAttribute(t *testing.T) {
	var out strings.Builder
	masked := &maskedWriter{out: &out}
	mask := func(text string) string { return strings.ReplaceAll(text, "secret", "(redacted)") }
	masked.mask.Store(&mask)
	newLogger(&options{}, masked, false).Info("a secret", "key", "another secret")
	if strings.Contains(out.String(), "secret") || strings.Count(out.String(), "(redacted)") != 2 {
		t.Errorf("got %s", out.String())
	}
}
