//go:build unix

package synccmd

import (
	"os"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/cli"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

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
			allowHangups(t)
			p := s.startHeld(c.flag)
			s.wantStatus("syncing")
			p.signal(c.signal)
			p.wantExit(c.code)
			s.wantStatus("never_synced")
		})
	}
}

// allowHangups lets programs that a test starts receive SIGHUP, even if the test itself runs
// under nohup.
func allowHangups(t *testing.T) {
	t.Helper()
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	t.Cleanup(func() { signal.Stop(hangups) })
}

// When a terminal closes, the kernel and the shell may both send SIGHUP. The sync still releases
// its lock.
func TestProcess_secondHangupEndsNothing(t *testing.T) {
	s := newProcessSite(t)
	allowHangups(t)
	p := s.startHeld("--watch")
	last, release := s.holdWrites()
	p.signal(syscall.SIGHUP)
	s.await(last, p)
	p.signal(syscall.SIGHUP)
	release()
	p.wantExit(cli.ExitSuccess)
	s.wantStatus("never_synced")
}

// The command timeout signals the process and then its process group. That counts as one signal,
// and the sync releases its lock.
func TestProcess_twoSignalsAtOnceAreOne(t *testing.T) {
	s := newProcessSite(t)
	p := s.startHeld("--once")
	p.signal(syscall.SIGTERM)
	p.signal(os.Interrupt) // of another kind, since the system makes one of two that are the same
	p.wantExit(cli.ExitStopped)
	s.wantStatus("never_synced")
}

// A program that nohup started continues when the terminal closes.
func TestProcess_nohup(t *testing.T) {
	s := newProcessSite(t)
	p := newProcess(t, s.netbox.URL(), netboxtest.AdminToken, "--once")
	p.Args = append([]string{"sh", "-c", `trap "" HUP; exec "$@"`, "sh", p.Path}, p.Args[1:]...)
	p.Path = "/bin/sh"
	p, release := s.runHeld(p)
	p.signal(syscall.SIGHUP)
	release()
	p.wantExit(cli.ExitSuccess)
	s.wantStatus("in_sync")
}

// While the last write of a sync waits for NetBox, a later second signal ends the program.
func TestProcess_secondSignalEndsAtOnce(t *testing.T) {
	s := newProcessSite(t)
	p := s.startHeld("--watch")
	last, _ := s.holdWrites()
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

// The reader of the output may exit, like head. Running syncs still finish, and leave no lock.
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
	p := newProcess(t, s.netbox.URL(), netboxtest.AdminToken, "--once", "--output", "json")
	p.Stdout = writer
	p, release := s.runHeld(p)
	_ = writer.Close() // the program has its own
	p.waitForOutput(&p.log, func(text string) bool {
		return strings.Contains(text, "fabric=beta fabric_id=2 outcome=failed")
	})
	release()
	p.wantExit(cli.ExitFailure)
	s.wantStatus("in_sync")
	if text := p.log.String(); strings.Count(text, "broken pipe") != 1 {
		t.Errorf("the broken pipe is not reported once:\n%s", text)
	}
}
