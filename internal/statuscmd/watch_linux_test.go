package statuscmd

import (
	"context"
	"fmt"
	"io"
	"os"
	signals "os/signal"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/cli"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/terminal"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/terminaltest"
)

// watched is the command on a terminal, with ticks from the test.
type watched struct {
	*standin
	redraw, read chan time.Time
	ended        chan int // the exit code

	mu    sync.Mutex
	all   string // what was written so far
	now   time.Time
	wrote chan struct{} // more was written
}

// watch starts a watch on a terminal with 60 columns.
func (s *standin) watch(args ...string) *watched {
	s.Helper()
	w := &watched{
		standin: s, redraw: make(chan time.Time), read: make(chan time.Time), ended: make(chan int, 1),
		now: testTime, wrote: make(chan struct{}, 1),
	}
	screen, shown := terminaltest.Open(s.T, 60)
	s.program.stdout, s.program.terminal = screen, terminal.Of(screen, func(string) string { return "" })
	s.program.now = func() time.Time {
		w.mu.Lock()
		defer w.mu.Unlock()
		return w.now
	}
	s.program.every = func(d time.Duration) (<-chan time.Time, func()) {
		if d == redrawEvery {
			return w.redraw, func() {}
		}
		return w.read, func() {}
	}
	go w.collect(shown)
	go func() {
		w.ended <- cli.Execute(context.WithoutCancel(s.Context()), s.program.command(), append(args, "--watch"))
		_ = screen.Close()
	}()
	return w
}

func (w *watched) collect(shown io.Reader) {
	buffer := make([]byte, 1<<16)
	for {
		n, err := shown.Read(buffer)
		if err != nil {
			return
		}
		w.mu.Lock()
		w.all += string(buffer[:n])
		w.mu.Unlock()
		select {
		case w.wrote <- struct{}{}:
		default:
		}
	}
}

// await waits until the last screen contains a string, and returns the screen.
func (w *watched) await(text string) string {
	w.Helper()
	deadline := time.After(20 * time.Second)
	for {
		w.mu.Lock()
		drawn := w.all[strings.LastIndex(w.all, "\x1b[H")+1:]
		w.mu.Unlock()
		if strings.Contains(drawn, text) {
			return drawn
		}
		select {
		case <-w.wrote:
		case <-deadline:
			w.Fatalf("%q is missing in %q", text, drawn)
		}
	}
}

// stop stops the watch with a signal. The exit code must be 0.
func (w *watched) stop(signal syscall.Signal) {
	w.Helper()
	if err := syscall.Kill(syscall.Getpid(), signal); err != nil {
		w.Fatal(err)
	}
	if code := <-w.ended; code != cli.ExitSuccess {
		w.Errorf("exit code %d", code)
	}
}

// later advances the clock and draws again.
func (w *watched) later(d time.Duration) {
	w.mu.Lock()
	w.now = w.now.Add(d)
	w.mu.Unlock()
	w.redraw <- time.Time{}
}

func TestWatch_showsWhatChangesUntilCtrlC(t *testing.T) {
	s := newStandin(t, netboxtest.Options{})
	id := s.add("berlin", synced(2*time.Minute))
	w := s.watch("--interval", "5s")
	w.await("Updated 0 s ago. Updates every 5 s. Press Ctrl-C to stop.")

	// Time alone makes it go out of sync, without another request.
	asked := len(s.netbox.Requests())
	w.later(2 * time.Hour)
	w.await("Out of Sync")
	if n := len(s.netbox.Requests()); n != asked {
		t.Errorf("%d more requests", n-asked)
	}
	s.netbox.UpdateFabric(id, map[string]any{"sync_error": "quota"})
	w.read <- time.Time{}
	w.await("The last sync failed: quota.")

	w.stop(syscall.SIGINT)
	last := w.await("\nRead at 2030-05-01 14:00:00 UTC, 0 s ago.\r\n")
	w.mu.Lock()
	defer w.mu.Unlock()
	if !strings.HasPrefix(w.all, "\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[H") ||
		!strings.Contains(last, "Press Ctrl-C to stop.\x1b[?7h\x1b[?25h\x1b[?1049lFABRIC  ") ||
		strings.Count(w.all, "\x1b[?1049") != 2 {
		t.Errorf("got %q", w.all)
	}
}

// While NetBox cannot be read, the last data stays, with the reason.
func TestWatch_outlivesANetBoxThatIsAway(t *testing.T) {
	s := newStandin(t, netboxtest.Options{})
	s.add("berlin", synced(2*time.Minute))
	w := s.watch("berlin", "berln")
	w.await(`NetBox shows no fabric named "berln"; did you mean`)
	gone := s.netbox.Fault(netboxtest.Fault{Kind: netboxtest.Detail(403, "not now")})
	w.read <- time.Time{}
	w.await("This was read 0 s ago. Now the fabrics cannot be")
	if drawn := w.await("The next try"); !strings.Contains(drawn, "In Sync") ||
		!strings.Contains(drawn, "Hedgehog Fabric. The next try is within 10 s. Press\r\n\x1b[JCtrl-C to stop.") {
		t.Errorf("got %q", drawn)
	}
	gone.Remove()
	w.read <- time.Time{}
	w.await("Updated 0 s ago. Updates every 10 s. Press Ctrl-C to stop.")
	w.stop(syscall.SIGTERM)
}

// The last screen says that NetBox could not be read, so that nobody takes it for current data.
func TestWatch_lastScreenSaysThatNetBoxWasAway(t *testing.T) {
	s := newStandin(t, netboxtest.Options{Claims: "4.8.0"})
	s.add("berlin", synced(2*time.Minute))
	w := s.watch()
	w.await("Updated 0 s ago")
	s.netbox.Fault(netboxtest.Fault{Kind: netboxtest.Detail(403, "not now")})
	w.read <- time.Time{}
	w.await("Now the fabrics cannot be")
	w.later(8 * time.Second)
	w.await("This was read 8 s ago.")
	w.stop(syscall.SIGINT)
	last := w.await("After that, the")
	_, last, _ = strings.Cut(last, "\x1b[?1049l")
	wantText(t, strings.Join(strings.Fields(sequences.ReplaceAllString(last, "")), " "), "berlin In Sync 2m8s ago",
		"NetBox is version 4.8.0, newer than", "Read at 2030-05-01 12:00:00 UTC, 8 s ago. After that, the fabrics "+
			"could not be read: NetBox answered \"not now\" to GET ")
}

// With a slow NetBox or a branch that is not ready, the screen is not empty.
func TestWatch_saysAtOnceWhatItReads(t *testing.T) {
	s := newStandin(t, netboxtest.Options{Branching: true})
	s.netbox.AddBranch("pr-7")
	s.environment["NETBOX_BRANCH"] = "pr-7"
	s.netbox.Fault(netboxtest.Fault{Kind: netboxtest.Hold()})
	w := s.watch()
	w.await("Reading the fabrics of " + s.netbox.URL())
	w.later(6 * time.Second)
	wantText(t, w.await("6 s so"), ", in the branch", `"pr-7", for 6 s so far. Press Ctrl-C to stop.`)
	w.stop(syscall.SIGINT)
	if w.await("\x1b[?1049l"); s.stderr.Len() > 0 {
		t.Errorf("got %s", s.stderr.String())
	}
}

func TestWatch_withoutADateSaysThatTheLocalClockCounts(t *testing.T) {
	s := newStandin(t, netboxtest.Options{})
	s.add("berlin")
	s.removeDate()
	w := s.watch()
	wantText(t, w.await("Updated 0 s ago"), "NetBox's answers have no Date header")
	w.stop(syscall.SIGTERM)
}

// On a small terminal every fabric keeps its line, and the command says what it leaves out.
func TestWatch_onASmallTerminal(t *testing.T) {
	s := newStandin(t, netboxtest.Options{})
	for i := range 30 {
		s.add(fmt.Sprintf("berlin-%02d", i), map[string]any{"sync_error": strings.Repeat("quota ", 30)})
	}
	w := s.watch()
	drawn := w.await("Updated 0 s ago")
	wantText(t, drawn, "berlin-18", "… 11 more fabrics: name some, or use a filter\r\n", "30 fabrics: 30 error.")
	w.stop(syscall.SIGINT)
}

// Each signal that ends a watch, including a closed terminal's, restores the screen.
func TestWatch_endsOnSignals(t *testing.T) {
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		caught := make(chan os.Signal, 1)
		signals.Notify(caught, signal) // so that an unhandled signal does not end the test
		s := newStandin(t, netboxtest.Options{})
		s.add("berlin", synced(2*time.Minute))
		w := s.watch()
		w.await("Updated 0 s ago")
		if err := syscall.Kill(syscall.Getpid(), signal); err != nil {
			t.Fatal(err)
		}
		<-caught
		signals.Stop(caught)
		select {
		case code := <-w.ended:
			if code != cli.ExitSuccess {
				t.Errorf("%s: exit code %d", signal, code)
			}
		case <-time.After(20 * time.Second):
			t.Fatalf("%s: the watch continues", signal)
		}
		w.await("\x1b[?1049lFABRIC  ")
	}
}

func TestWatch_whatItNeeds(t *testing.T) {
	s := newStandin(t, netboxtest.Options{})
	for args, want := range map[string]string{
		"--watch":                 "--watch needs a terminal",
		"--watch --output json":   "--watch only shows a table; for other output, run the command without --watch",
		"--watch --fail-on error": "--fail-on has no effect with --watch",
		"--interval 5s":           "--interval needs --watch",
		"--watch --interval 1ms":  "it must be a number with a unit, at least 1s",
	} {
		s.want(cli.ExitUsage, strings.Fields(args)...)
		wantText(t, s.stderr.String(), want)
	}
	s.on(80)
	s.want(cli.ExitUsage, "--watch") // its cursor cannot be moved
	s.program.terminal.Cursor = true
	s.environment["NETBOX_API_TOKEN"] = strings.Repeat("0", 40)
	s.want(cli.ExitUnknown, "--watch")
	wantText(t, s.stderr.String(), "the fabrics cannot be read: NetBox refused the API token")
	if !strings.HasSuffix(s.stdout.String(), "Press Ctrl-C to\n\x1b[Jstop.\x1b[?7h\x1b[?25h\x1b[?1049l") {
		t.Errorf("got %q", s.stdout.String())
	}
}
