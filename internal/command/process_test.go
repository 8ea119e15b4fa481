//go:build unix

package command

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/clustertest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

var binary struct {
	once sync.Once
	dir  string
	err  error
}

func TestMain(m *testing.M) {
	code := m.Run()
	if binary.dir != "" {
		_ = os.RemoveAll(binary.dir)
	}
	os.Exit(code)
}

// program is the built provider.
func builtProgram(t *testing.T) string {
	t.Helper()
	binary.once.Do(func() {
		binary.dir, binary.err = os.MkdirTemp("", "hedgehog-command-") //nolint:usetesting // it outlives the test that builds it
		if binary.err != nil {
			return
		}
		out, err := exec.Command("go", "build", "-o", filepath.Join(binary.dir, "provider"), "../..").CombinedOutput()
		if err != nil {
			binary.err = fmt.Errorf("%w: %s", err, out)
		}
	})
	if binary.err != nil {
		t.Fatal(binary.err)
	}
	return filepath.Join(binary.dir, "provider")
}

// site is a NetBox with one fabric, and the fabric's cluster.
type site struct {
	*testing.T
	netbox  *netboxtest.Server
	cluster *clustertest.Server
}

const siteObjects = 250

func newSite(t *testing.T) *site {
	t.Helper()
	n, err := netboxtest.New(netboxtest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(n.Close)
	c, err := clustertest.New(clustertest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	vpc := fabric.Kinds()[0]
	for i := range siteObjects {
		c.Put(vpc, "default", clustertest.Example(vpc, fmt.Sprintf("vpc-%03d", i)))
	}
	n.AddFabric(map[string]any{
		"name": "alpha", "kubernetes_server": c.URL(), "kubernetes_token": clustertest.FullToken, "kubernetes_ca_cert": c.CA(), "sync_interval": 60,
	})
	return &site{t, n, c}
}

// process is the real program at work.
type process struct {
	*exec.Cmd
	t        *testing.T
	out, log syncBuffer
	ended    chan struct{}
}

func (s *site) start(args ...string) *process {
	s.Helper()
	p := &process{t: s.T, ended: make(chan struct{})}
	p.Cmd = exec.Command(builtProgram(s.T), append([]string{"sync"}, args...)...)
	p.Stdout, p.Stderr = &p.out, &p.log
	p.Env = []string{"NETBOX_SERVER_URL=" + s.netbox.URL(), "NETBOX_API_TOKEN=" + netboxtest.AdminToken}
	if err := p.Start(); err != nil {
		s.Fatal(err)
	}
	go func() {
		_ = p.Wait() // its state tells how it ended
		close(p.ended)
	}()
	s.Cleanup(func() {
		_ = p.Process.Kill()
		<-p.ended
	})
	return p
}

func (p *process) signal(s os.Signal) {
	p.t.Helper()
	if err := p.Process.Signal(s); err != nil {
		p.t.Fatal(err)
	}
}

// wait waits for the end, and returns the exit code.
func (p *process) wait() int {
	p.t.Helper()
	select {
	case <-p.ended:
		return p.ProcessState.ExitCode()
	case <-time.After(20 * time.Second):
		p.t.Fatalf("it does not end:\n%s", p.log.String())
		return 0
	}
}

// holdLists keeps every list of the cluster waiting, and tells of the first.
func (s *site) holdLists() (held <-chan struct{}, release func()) {
	arrived := make(chan struct{}, 1)
	return arrived, s.cluster.Intercept(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !strings.Contains(r.URL.Path, "/namespaces/") {
				next.ServeHTTP(w, r)
				return
			}
			select {
			case arrived <- struct{}{}:
			default:
			}
			<-r.Context().Done()
		})
	})
}

func (s *site) await(held <-chan struct{}, p *process) {
	s.Helper()
	select {
	case <-held:
	case <-p.ended:
		s.Fatalf("it ended:\n%s%s", p.out.String(), p.log.String())
	case <-time.After(20 * time.Second):
		s.Fatalf("it does not come so far:\n%s", p.log.String())
	}
}

func (s *site) wantStatus(want string) {
	s.Helper()
	if f, _ := s.netbox.FabricByName("alpha"); f["sync_status"] != want {
		s.Errorf("the status is %v, want %s", f["sync_status"], want)
	}
}

func TestProcess_signalInTheMiddleOfASync(t *testing.T) {
	for name, c := range map[string]struct {
		flag   string
		signal os.Signal
		code   int
	}{
		"watch, SIGTERM": {"--watch", syscall.SIGTERM, exitWell},
		"watch, SIGINT":  {"--watch", os.Interrupt, exitWell},
		"once, SIGTERM":  {"--once", syscall.SIGTERM, exitStopped},
		"once, SIGINT":   {"--once", os.Interrupt, exitStopped},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t)
			held, _ := s.holdLists()
			p := s.start(c.flag)
			s.await(held, p)
			s.wantStatus("syncing")
			p.signal(c.signal)
			if code := p.wait(); code != c.code {
				t.Errorf("exit code %d, want %d:\n%s", code, c.code, p.log.String())
			}
			s.wantStatus("never_synced")
		})
	}
}

// While the last write of a sync waits for NetBox, a second signal ends it at once.
func TestProcess_secondSignalEndsAtOnce(t *testing.T) {
	s := newSite(t)
	held, _ := s.holdLists()
	p := s.start("--watch")
	s.await(held, p)
	last := make(chan struct{}, 1)
	s.netbox.Intercept(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method != http.MethodPatch {
				next.ServeHTTP(w, r)
				return
			}
			select {
			case last <- struct{}{}:
			default:
			}
			<-r.Context().Done()
		})
	})
	p.signal(syscall.SIGTERM)
	s.await(last, p)
	p.signal(syscall.SIGTERM)
	if code := p.wait(); code != exitStopped {
		t.Errorf("exit code %d, want %d", code, exitStopped)
	}
}

// Whoever is killed leaves a mark. It is respected until it is stale; then the
// next sync ends as if nothing had been. The process is killed at each of its
// requests to NetBox in turn, once before NetBox has done it and once after.
func TestProcess_killedAtAnyPoint(t *testing.T) {
	whole := newSite(t)
	if code := whole.start("--once").wait(); code != exitWell {
		t.Fatalf("exit code %d", code)
	}
	requests := len(whole.netbox.Requests())
	whole.wantEachOnce()
	if requests < 20 {
		t.Errorf("a sync makes %d requests; at least 20 points were expected", requests)
	}
	marked := 0
	for n := range requests {
		t.Run(fmt.Sprintf("request %d of %d", n+1, requests), func(t *testing.T) {
			if newSite(t).killAndRepeat(n+1, n%2 == 0) {
				marked++
			}
		})
	}
	if marked < requests/2 {
		t.Errorf("%d of %d kills left a mark", marked, requests)
	}
}

// killAndRepeat kills a sync at a request, and lets the next ones end what it began.
func (s *site) killAndRepeat(at int, done bool) (marked bool) {
	s.Helper()
	held := make(chan struct{}, 1)
	remove := s.netbox.Intercept(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if len(s.netbox.Requests()) < at {
				next.ServeHTTP(w, r)
				return
			}
			if done {
				next.ServeHTTP(httptest.NewRecorder(), r)
			}
			select {
			case held <- struct{}{}:
			default:
			}
			<-r.Context().Done()
		})
	})
	p := s.start("--once")
	s.await(held, p)
	p.signal(syscall.SIGKILL)
	p.wait()
	remove()
	f, _ := s.netbox.FabricByName("alpha")
	marked = f["sync_status"] == "syncing"

	s.netbox.SetNow(s.netbox.Now())
	if marked {
		second := s.start("--once", "--output", "json")
		if code := second.wait(); code != exitWell || !strings.Contains(second.out.String(), `"outcome":"busy"`) {
			s.Errorf("exit code %d:\n%s", code, second.out.String())
		}
	}
	s.netbox.Advance(fabric.MarkStaleAfter + time.Second) // NetBox tells whole seconds
	third := s.start("--once", "--output", "json")
	if code := third.wait(); code != exitWell || !strings.Contains(third.out.String(), `"outcome":"synced"`) {
		s.Errorf("exit code %d:\n%s%s", code, third.out.String(), third.log.String())
	}
	s.wantStatus("in_sync")
	s.wantEachOnce()
	return marked
}

func (s *site) wantEachOnce() {
	s.Helper()
	f, _ := s.netbox.FabricByName("alpha")
	if f["vpcs_count"] != float64(siteObjects) {
		s.Errorf("the fabric counts %v VPCs, want %d", f["vpcs_count"], siteObjects)
	}
	w := &world{T: s.T, netbox: s.netbox}
	names := map[string]int{}
	for _, o := range w.stored("vpcs") {
		names[fmt.Sprint(o["name"])]++
	}
	for name, n := range names {
		if n != 1 {
			s.Errorf("%s is there %d times", name, n)
		}
	}
	if len(names) != siteObjects {
		s.Errorf("%d VPCs are stored, want %d", len(names), siteObjects)
	}
}

func TestProgram_whatItIsCalledWith(t *testing.T) {
	for args, want := range map[string]struct {
		code           int
		stdout, stderr string
	}{
		"":              {1, "", "To sync fabrics with their clusters, see: terraform-provider-hedgehog sync --help\nThis binary is a plugin."},
		"-version":      {0, "dev\n", ""},
		"snyc":          {2, "", `unknown command "snyc"; the only command is sync`},
		"sync":          {2, "", "give either --once or --watch"},
		"sync -h":       {0, "Exit codes:", ""},
		"sync --help":   {0, "Exit codes:", ""},
		"sync --once":   {2, "", "Set the environment variable NETBOX_SERVER_URL"},
		"--once":        {2, "", "flag provided but not defined: -once"},
		"-version sync": {2, "", `unknown command "sync"`},
	} {
		cmd := exec.Command(builtProgram(t), strings.Fields(args)...)
		var stdout, stderr bytes.Buffer
		cmd.Stdout, cmd.Stderr, cmd.Env = &stdout, &stderr, []string{}
		err := cmd.Run()
		var exit *exec.ExitError
		if err != nil && !errors.As(err, &exit) {
			t.Fatal(err)
		}
		if code := cmd.ProcessState.ExitCode(); code != want.code || !strings.Contains(stdout.String(), want.stdout) ||
			!strings.Contains(stderr.String(), want.stderr) || (want.stdout == "") != (stdout.Len() == 0) {
			t.Errorf("%q: exit code %d\n%s%s", args, code, stdout.String(), stderr.String())
		}
	}
}
