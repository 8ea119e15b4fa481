//go:build unix

package synccmd

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/acctest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/cli"
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

// process is the real program at work.
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

// newProcess is a run of the program for a NetBox that is yet to begin.
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
		_ = p.Wait() // its state tells how it ended
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

// waitForOutput waits until what was written to a buffer is as it is wanted.
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
				p.t.Fatalf("it ended:\n%s%s", b.String(), p.log.String())
			}
			return
		case <-deadline:
			p.t.Fatalf("it does not come so far:\n%s%s", text, p.log.String())
		}
	}
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
	case <-time.After(2 * time.Minute):
		p.t.Fatalf("it does not end:\n%s", p.log.String())
		return 0
	}
}

// holdWiring lets a sync come past the kinds of the first group.
func (s *processSite) holdWiring() (held <-chan struct{}, release func()) {
	return s.hold("/apis/wiring.githedgehog.com/")
}

// hold keeps the cluster's answers to requests waiting whose path has a part, and
// tells of the first.
func (s *processSite) hold(part string) (held <-chan struct{}, release func()) {
	arrived, free := make(chan struct{}, 1), make(chan struct{})
	s.cluster.Intercept(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.Contains(r.URL.Path, part) {
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
	})
	return arrived, func() { close(free) }
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

func TestProcess_signalInTheMiddleOfASync(t *testing.T) {
	for name, c := range map[string]struct {
		flag   string
		signal os.Signal
		code   int
	}{
		"watch, SIGTERM": {"--watch", syscall.SIGTERM, cli.ExitSuccess},
		"watch, SIGINT":  {"--watch", os.Interrupt, cli.ExitSuccess},
		"once, SIGTERM":  {"--once", syscall.SIGTERM, cli.ExitStopped},
		"once, SIGINT":   {"--once", os.Interrupt, cli.ExitStopped},
		"watch, SIGHUP":  {"--watch", syscall.SIGHUP, cli.ExitSuccess},
		"once, SIGHUP":   {"--once", syscall.SIGHUP, cli.ExitStopped},
	} {
		t.Run(name, func(t *testing.T) {
			s := newProcessSite(t)
			held, _ := s.holdWiring()
			allowHangups(t)
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

// allowHangups lets programs that a test starts get SIGHUP, also where the test itself runs
// under nohup.
func allowHangups(t *testing.T) {
	t.Helper()
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	t.Cleanup(func() { signal.Stop(hangups) })
}

// A terminal that closes can send SIGHUP twice: by the kernel, and by the shell. The
// lock comes off nevertheless.
func TestProcess_secondHangupEndsNothing(t *testing.T) {
	s := newProcessSite(t)
	held, _ := s.holdWiring()
	allowHangups(t)
	p := s.start("--watch")
	s.await(held, p)
	last, free := make(chan struct{}, 1), make(chan struct{})
	s.netbox.Intercept(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPatch {
				last <- struct{}{}
				<-free
			}
			next.ServeHTTP(w, r)
		})
	})
	p.signal(syscall.SIGHUP)
	s.await(last, p)
	p.signal(syscall.SIGHUP)
	close(free)
	if code := p.wait(); code != cli.ExitSuccess {
		t.Errorf("exit code %d, want %d:\n%s", code, cli.ExitSuccess, p.log.String())
	}
	s.wantStatus("never_synced")
}

// The command timeout signals the process, and then its group, which it is in: that is
// one request to stop, and the lock comes off.
func TestProcess_twoSignalsAtOnceAreOne(t *testing.T) {
	s := newProcessSite(t)
	held, _ := s.holdWiring()
	p := s.start("--once")
	s.await(held, p)
	p.signal(syscall.SIGTERM)
	p.signal(os.Interrupt) // of another kind, since the system makes one of two that are the same
	if code := p.wait(); code != cli.ExitStopped {
		t.Errorf("exit code %d, want %d:\n%s", code, cli.ExitStopped, p.log.String())
	}
	s.wantStatus("never_synced")
}

// What nohup starts goes on when the terminal closes.
func TestProcess_nohup(t *testing.T) {
	s := newProcessSite(t)
	held, release := s.holdWiring()
	p := newProcess(t, s.netbox.URL(), netboxtest.AdminToken, "--once")
	p.Args = append([]string{"sh", "-c", `trap "" HUP; exec "$@"`, "sh", p.Path}, p.Args[1:]...)
	p.Path = "/bin/sh"
	p.run()
	s.await(held, p)
	p.signal(syscall.SIGHUP)
	release()
	if code := p.wait(); code != cli.ExitSuccess {
		t.Errorf("exit code %d, want %d:\n%s", code, cli.ExitSuccess, p.log.String())
	}
	s.wantStatus("in_sync")
}

// While the last write of a sync waits for NetBox, a second signal that comes later ends it.
func TestProcess_secondSignalEndsAtOnce(t *testing.T) {
	s := newProcessSite(t)
	held, _ := s.holdWiring()
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
	again := time.NewTicker(stopsAtOnce / 4)
	defer again.Stop()
	for ended := false; !ended; {
		select {
		case <-p.ended:
			ended = true
		case <-again.C:
			_ = p.Process.Signal(syscall.SIGTERM) // it may just have ended
		}
	}
	if code := p.wait(); code != cli.ExitStopped || strings.Contains(p.log.String(), "watch stopped") {
		t.Errorf("exit code %d, want %d at once:\n%s", code, cli.ExitStopped, p.log.String())
	}
}

// Who reads the output may go, as head does. What is being synced then still comes to
// its end, and no lock is left.
func TestProcess_readerOfTheOutputGoes(t *testing.T) {
	s := newProcessSite(t)
	s.netbox.AddFabric(map[string]any{
		"name": "beta", "kubernetes_server": s.cluster.URL(), "kubernetes_token": "wrong",
		"kubernetes_ca_cert": s.cluster.CA(), "sync_interval": 60,
	})
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	_ = reader.Close()
	held, release := s.holdWiring()
	p := newProcess(t, s.netbox.URL(), netboxtest.AdminToken, "--once", "--output", "json")
	p.Stdout = writer
	p.run()
	_ = writer.Close() // the program has its own
	s.await(held, p)
	p.waitForOutput(&p.log, func(text string) bool { return strings.Contains(text, "fabric=beta fabric_id=2 outcome=failed") })
	release()
	if code := p.wait(); code != cli.ExitFailure {
		t.Errorf("exit code %d, want %d:\n%s", code, cli.ExitFailure, p.log.String())
	}
	s.wantStatus("in_sync")
	if text := p.log.String(); strings.Count(text, "broken pipe") != 1 {
		t.Errorf("the broken pipe is not told once:\n%s", text)
	}
}

func TestProgram_whatItIsCalledWith(t *testing.T) {
	for args, want := range map[string]struct {
		code           int
		stdout, stderr string
	}{
		"": {1, "", "To sync fabrics with their clusters, see: terraform-provider-hedgehog sync --help\nThis binary " +
			"is a plugin."},

		"--version": {0, "dev\n", ""},
		"-version":  {0, "dev\n", ""},
		"version":   {0, "terraform-provider-hedgehog dev\n", ""},

		"--help":       {0, "sync        Sync fabrics with their clusters", ""},
		"-h":           {0, "--debug", ""},
		"help":         {0, "version     Print the version", ""},
		"help sync":    {0, "Exit codes:", ""},
		"sync -h":      {0, "Exit codes:", ""},
		"sync -help":   {0, "Usage: terraform-provider-hedgehog sync (--once | --watch) [flags]\n", ""},
		"sync --help":  {0, "Exit codes:", ""},
		"version -h":   {0, "Print the version", ""},
		"help version": {0, "Print the version", ""},
		"help help":    {0, "Print the help of a command", ""},

		"snyc":          {2, "", `terraform-provider-hedgehog: unknown command "snyc"; did you mean sync?`},
		"help nope":     {2, "", `terraform-provider-hedgehog help: unknown command "nope"` + "\n"},
		"help snyc":     {2, "", `unknown command "snyc"; did you mean sync?`},
		"help sync now": {2, "", `unexpected argument "now"`},
		"--debug=maybe": {2, "", `invalid argument "maybe" for "--debug" flag: it must be true or false`},
		"-version sync": {2, "", "terraform-provider-hedgehog sync: unknown flag --version"},
		"version 2":     {2, "", `terraform-provider-hedgehog version: unexpected argument "2"`},
		"--vresion":     {2, "", "unknown flag --vresion; did you mean --version?"},
		"--once":        {2, "", "terraform-provider-hedgehog: unknown flag --once\n"},
		"sync":          {2, "", "terraform-provider-hedgehog sync: give either --once or --watch\n"},
		"sync --onec":   {2, "", "terraform-provider-hedgehog sync: unknown flag --onec; did you mean --once?\n"},
		"sync --once":   {2, "", "Set the environment variable NETBOX_SERVER_URL"},
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
			!strings.Contains(stderr.String(), want.stderr) || (want.stdout == "") != (stdout.Len() == 0) ||
			(want.stderr == "") != (stderr.Len() == 0) {
			t.Errorf("%q: exit code %d\n%s%s", args, code, stdout.String(), stderr.String())
		}
	}
}
