package statuscmd

import (
	"bytes"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/cli"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/terminal"
)

var testTime = time.Date(2030, 5, 1, 12, 0, 0, 0, time.UTC)

// standin is a NetBox stand-in, and the command that reads it.
type standin struct {
	*testing.T
	netbox         *netboxtest.Server
	program        *program
	environment    map[string]string
	stdout, stderr bytes.Buffer
}

func newStandin(t *testing.T, o netboxtest.Options) *standin {
	t.Helper()
	s := &standin{T: t, netbox: netboxtest.Start(t, o)}
	s.netbox.SetNow(testTime)
	s.environment = map[string]string{
		"NETBOX_SERVER_URL": s.netbox.URL(), "NETBOX_API_TOKEN": netboxtest.AdminToken,
	}
	s.program = &program{
		version: "1.2.3", stdout: &s.stdout, stderr: &s.stderr, now: time.Now, retryWait: time.Millisecond,
		getenv: func(name string) string { return s.environment[name] },
		every:  func(time.Duration) (<-chan time.Time, func()) { return nil, func() {} },
	}
	return s
}

// add adds a fabric with an interval of 5 minutes that was never synced.
func (s *standin) add(name string, fields ...map[string]any) int64 {
	values := map[string]any{
		"name": name, "kubernetes_server": "https://10.0.0.5:6443", "kubernetes_token": "token-of-a-cluster-1",
		"created": testTime.Add(-24 * time.Hour), "last_updated": testTime.Add(-24 * time.Hour),
	}
	for _, more := range fields {
		maps.Copy(values, more)
	}
	return s.netbox.AddFabric(values)
}

// synced returns the fields of a fabric with a last sync of this age.
func synced(age time.Duration) map[string]any {
	return map[string]any{"last_sync": testTime.Add(-age), "sync_status": "in_sync", "connection_status": "connected"}
}

// addEach adds a fabric for each status, and one with inconsistencies.
func (s *standin) addEach() {
	s.add("berlin", synced(2*time.Minute), map[string]any{"status": "active"})
	s.add("hamburg", synced(3*time.Hour))
	s.add("munich", map[string]any{"last_sync": testTime.Add(-20 * time.Minute), "sync_status": "error",
		"connection_status": "disconnected", "connection_error": "no answer from 10.0.0.5:6443 within 30 s"})
	s.add("cologne")
	s.add("stuttgart", map[string]any{"sync_enabled": false})
	s.add("lab", map[string]any{"kubernetes_server": ""})
	s.add("bare", map[string]any{"kubernetes_server": "", "sync_status": "in_sync", "connection_status": "connected"})
}

// run clears the output, runs the command and returns its exit code.
func (s *standin) run(args ...string) int {
	s.Helper()
	s.stdout.Reset()
	s.stderr.Reset()
	return cli.Execute(s.Context(), s.program.command(), args)
}

func (s *standin) want(code int, args ...string) {
	s.Helper()
	if got := s.run(args...); got != code {
		s.Errorf("%q: exit code %d, want %d\n%s%s", args, got, code, s.stdout.String(), s.stderr.String())
	}
}

// on makes stdout a terminal with this number of columns.
func (s *standin) on(columns int) {
	s.program.terminal = &terminal.Terminal{Width: func() int { return columns }, Height: func() int { return 24 }}
}

// names returns the names of the fabrics in the table, in order.
func (s *standin) names() string {
	var names []string
	for line := range strings.Lines(s.stdout.String()) {
		if strings.TrimSpace(line) == "" {
			break
		}
		if name, _, _ := strings.Cut(line, " "); name != "" && name != "FABRIC" {
			names = append(names, name)
		}
	}
	return strings.Join(names, " ")
}

func wantText(t *testing.T, text string, phrases ...string) {
	t.Helper()
	for _, phrase := range phrases {
		if !strings.Contains(text, phrase) {
			t.Errorf("%q is missing in:\n%s", phrase, text)
		}
	}
}
