//go:build unix

package synccmd

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/acctest"
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
	code := acctest.Main(m, acctest.Logs{Secrets: []string{clusterToken}, Ours: []string{"level=DEBUG",
		`"level":"DEBUG"`}})
	if binary.dir != "" {
		_ = os.RemoveAll(binary.dir)
	}
	os.Exit(code)
}

// builtProgram builds the provider.
func builtProgram(t testing.TB) string {
	t.Helper()
	binary.once.Do(func() {
		//nolint:usetesting // it outlives the test that builds it
		binary.dir, binary.err = os.MkdirTemp("", "hedgehog-command-")
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

// processSite is a NetBox with one fabric, and the fabric's cluster.
type processSite struct {
	*testing.T
	netbox  *netboxtest.Server
	cluster *clustertest.Server
}

const siteObjects = 250

func newProcessSite(t *testing.T) *processSite {
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
		"name": "alpha", "kubernetes_server": c.URL(), "kubernetes_token": clustertest.FullToken,
		"kubernetes_ca_cert": c.CA(), "sync_interval": 60,
	})
	return &processSite{t, n, c}
}

// process is a process of the real program.
type process struct {
	*exec.Cmd
	t        testing.TB
	out, log syncBuffer
	shown    chan struct{} // closed when all that a terminal showed is in the log; nil without one
	ended    chan struct{}
}

func (s *processSite) start(args ...string) *process {
	s.Helper()
	p := newProcess(s.T, s.netbox.URL(), netboxtest.AdminToken, args...)
	p.run()
	return p
}

// newProcess prepares a run of the program for a NetBox.
func newProcess(t testing.TB, url, token string, args ...string) *process {
	t.Helper()
	p := &process{t: t, ended: make(chan struct{})}
	p.Cmd = exec.Command(builtProgram(t), append([]string{"sync", "--log-level", "debug"}, args...)...)
	p.Stdout, p.Stderr = &p.out, io.MultiWriter(&p.log, acctest.Log(t))
	p.Env = []string{"NETBOX_SERVER_URL=" + url, "NETBOX_API_TOKEN=" + token}
	return p
}

func (p *process) run() {
	p.t.Helper()
	if err := p.Start(); err != nil {
		p.t.Fatal(err)
	}
	go func() {
		_ = p.Wait() // its state says how it ended
		if p.shown != nil {
			<-p.shown
		}
		close(p.ended)
	}()
	p.t.Cleanup(func() {
		_ = p.Process.Kill()
		<-p.ended
	})
}

// waitForOutput waits until a buffer has the wanted text.
func (p *process) waitForOutput(b *syncBuffer, wanted func(text string) bool) {
	p.t.Helper()
	deadline := time.After(2 * time.Minute)
	for {
		text, more := b.next()
		if wanted(text) {
			return
		}
		select {
		case <-more:
		case <-p.ended:
			if !wanted(b.String()) {
				p.t.Fatalf("the program ended before it printed the text:\n%s%s", b.String(), p.log.String())
			}
			return
		case <-deadline:
			p.t.Fatalf("the program did not print the text in time:\n%s%s", text, p.log.String())
		}
	}
}

func (p *process) signal(s os.Signal) {
	p.t.Helper()
	if err := p.Process.Signal(s); err != nil {
		p.t.Fatal(err)
	}
}

// wait waits until the program ends, and returns its exit code.
func (p *process) wait() int {
	p.t.Helper()
	select {
	case <-p.ended:
		return p.ProcessState.ExitCode()
	case <-time.After(2 * time.Minute):
		p.t.Fatalf("the program did not end in time:\n%s", p.log.String())
		return 0
	}
}

// holdCluster lets a sync read the kinds of the first group. The cluster holds the answers for
// the other kinds until release is called, and held reports the first request.
func (s *processSite) holdCluster() (held <-chan struct{}, release func()) {
	arrived, free := make(chan struct{}, 1), make(chan struct{})
	s.cluster.Intercept(holding("/apis/wiring.githedgehog.com/", "", arrived, free))
	return arrived, func() { close(free) }
}

// startHeld starts the program and waits until the cluster holds its sync.
func (s *processSite) startHeld(args ...string) *process {
	s.Helper()
	p, _ := s.runHeld(newProcess(s.T, s.netbox.URL(), netboxtest.AdminToken, args...))
	return p
}

// runHeld is like startHeld, for a process that the test has prepared.
func (s *processSite) runHeld(p *process) (_ *process, release func()) {
	s.Helper()
	held, release := s.holdCluster()
	p.run()
	s.await(held, p)
	return p, release
}

// holdWrites holds the answers to writes of the fabric, and reports the first.
func (s *processSite) holdWrites() (held <-chan struct{}, release func()) {
	arrived, free := make(chan struct{}, 1), make(chan struct{})
	s.netbox.Intercept(holding("", http.MethodPatch, arrived, free))
	return arrived, func() { close(free) }
}

// holding holds requests whose path contains part and that have the method, if it is not empty,
// and reports the first.
func holding(part, method string, arrived chan<- struct{}, free <-chan struct{}) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.Contains(r.URL.Path, part) && (method == "" || r.Method == method) {
				select {
				case arrived <- struct{}{}:
				default:
				}
				select {
				case <-free:
				case <-r.Context().Done():
				}
			}
			next.ServeHTTP(w, r)
		})
	}
}

func (s *processSite) await(held <-chan struct{}, p *process) {
	s.Helper()
	select {
	case <-held:
	case <-p.ended:
		s.Fatalf("it ended:\n%s%s", p.out.String(), p.log.String())
	case <-time.After(20 * time.Second):
		s.Fatalf("it does not come so far:\n%s", p.log.String())
	}
}

func (s *processSite) wantStatus(want string) {
	s.Helper()
	if f, _ := s.netbox.FabricByName("alpha"); f["sync_status"] != want {
		s.Errorf("the status is %v, want %s", f["sync_status"], want)
	}
}

func (p *process) wantExit(want int) {
	p.t.Helper()
	if code := p.wait(); code != want {
		p.t.Errorf("exit code %d, want %d:\n%s", code, want, p.log.String())
	}
}
