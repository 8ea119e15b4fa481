package statuscmd

import (
	"context"
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

// watched is the command on a terminal, with ticks that the test gives.
type watched struct {
	*standin
	redraw, read chan time.Time
	ended        chan int // the exit code

	mu    sync.Mutex
	all   string // what was written so far
	now   time.Time
	wrote chan struct{} // more was written
}

// watch begins a watch on a terminal of 60 columns.
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

// await waits until what was drawn last has a text, and returns it.
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

// later draws again after a time.
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
	w.await("Read 0 s ago, and every 5 s. Ctrl-C stops.")

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

	if err := syscall.Kill(syscall.Getpid(), syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if code := <-w.ended; code != cli.ExitSuccess {
		t.Errorf("exit code %d", code)
	}
	last := w.await("\x1b[?1049lFABRIC  ")
	w.mu.Lock()
	defer w.mu.Unlock()
	if !strings.HasPrefix(w.all, "\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[H") ||
		!strings.Contains(last, "Ctrl-C stops.\x1b[?7h\x1b[?25h\x1b[?1049lFABRIC  ") ||
		strings.Count(w.all, "\x1b[?1049") != 2 {
		t.Errorf("%q", w.all)
	}
}

// What was seen stays while NetBox cannot be read, with the reason.
func TestWatch_outlivesANetBoxThatIsAway(t *testing.T) {
	s := newStandin(t, netboxtest.Options{})
	s.add("berlin", synced(2*time.Minute))
	w := s.watch("berlin", "berln")
	w.await(`NetBox shows no fabric named "berln"; did you mean`)
	gone := s.netbox.Fault(netboxtest.Fault{Kind: netboxtest.Detail(403, "not now")})
	w.read <- time.Time{}
	w.await("This was read 0 s ago. Now the fabrics cannot be")
	if drawn := w.await("forbidden: not"); !strings.Contains(drawn, "In Sync") {
		t.Errorf("%q", drawn)
	}
	gone.Remove()
	w.read <- time.Time{}
	w.await("Ctrl-C stops.")
	if err := syscall.Kill(syscall.Getpid(), syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if code := <-w.ended; code != cli.ExitSuccess {
		t.Errorf("exit code %d", code)
	}
}

// Each signal that ends a watch, also that of a terminal that closes, leaves the screen.
func TestWatch_endsOnSignals(t *testing.T) {
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		caught := make(chan os.Signal, 1)
		signals.Notify(caught, signal) // so that one that the watch does not take is no end of the test
		s := newStandin(t, netboxtest.Options{})
		s.add("berlin", synced(2*time.Minute))
		w := s.watch()
		w.await("Ctrl-C stops.")
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
			t.Fatalf("%s: the watch goes on", signal)
		}
		w.await("\x1b[?1049lFABRIC  ")
	}
}

func TestWatch_whatItNeeds(t *testing.T) {
	s := newStandin(t, netboxtest.Options{})
	for args, want := range map[string]string{
		"--watch":                 "--watch needs a terminal",
		"--watch --output json":   "--watch shows a table; for programs, run the command again without --watch",
		"--watch --fail-on error": "--fail-on has no meaning with --watch",
		"--interval 5s":           "--interval needs --watch",
		"--watch --interval 1ms":  "it must be a number with its unit, at least 1s",
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
	if s.stdout.Len() > 0 {
		t.Errorf("%q", s.stdout.String())
	}
}
