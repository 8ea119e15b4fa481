package synccmd

import (
	"io"
	"os"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/cli"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/terminal"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/terminaltest"
)

const columns = 60 // the line on the connection is longer

// onTerminal starts a run whose stderr is a terminal. What the terminal shows is the log.
func (s *processSite) onTerminal(args ...string) *process {
	s.Helper()
	p := newProcess(s.T, s.netbox.URL(), netboxtest.AdminToken, args...)
	p.runOnTerminal(columns, &p.log, func(screen *os.File) { p.Stderr = screen })
	return p
}

// runOnTerminal starts a run on a terminal with this many columns. What the terminal shows goes to
// a buffer.
func (p *process) runOnTerminal(columns uint16, to *syncBuffer, put func(screen *os.File)) {
	p.t.Helper()
	screen, shown := terminaltest.Open(p.t, columns)
	p.shown = make(chan struct{})
	put(screen)
	p.run()
	_ = screen.Close() // the program has its own
	go func() {
		defer close(p.shown)
		_, _ = io.Copy(to, shown) // ends with EIO when the program has ended
	}()
}

// The table fits the terminal on stdout, even if stderr is something else.
func TestTerminal_tableFitsItsWidth(t *testing.T) {
	for _, c := range []struct {
		columns uint16
		noColor bool
	}{{80, false}, {200, true}} {
		s := newProcessSite(t)
		s.netbox.AddFabric(map[string]any{"name": "beta", "kubernetes_server": "https://127.0.0.1:1",
			"kubernetes_token": "x", "sync_interval": 60})
		s.netbox.AddFabric(map[string]any{"name": "bare"})
		p := newProcess(t, s.netbox.URL(), netboxtest.AdminToken, "--once")
		if c.noColor {
			p.Env = append(p.Env, "NO_COLOR=1")
		}
		p.runOnTerminal(c.columns, &p.out, func(screen *os.File) { p.Stdout = screen })
		if code := p.wait(); code != cli.ExitFailure {
			t.Errorf("exit code %d", code)
		}
		text := strings.ReplaceAll(p.out.String(), "\r\n", "\n")
		t.Log("\n" + text)
		if colored := strings.Contains(text, terminal.Red+"failed"+terminal.Reset); colored == c.noColor {
			t.Errorf("got colors: %t", colored)
		}
		text = regexp.MustCompile(`\x1b\[\d+m`).ReplaceAllString(text, "")
		rows := strings.Split(text, "\n")
		for _, row := range rows {
			if terminal.Width(row) > int(c.columns) {
				t.Errorf("got a line of %d columns, want at most %d: %q", terminal.Width(row), c.columns, row)
			}
		}
		if !strings.HasPrefix(rows[1], "beta") || strings.Contains(rows[0], "KEPT") ||
			!strings.Contains(rows[0], "CREATED") ||
			strings.Contains(rows[0], "MESSAGE") != (c.columns == 200) {
			t.Errorf("got\n%s", text)
		}
	}
}

// A sync shows its progress in one line, which it redraws.
func TestTerminal_onceShowsItsProgress(t *testing.T) {
	s := newProcessSite(t)
	held, release := s.holdCluster()
	p := s.onTerminal("--once")
	s.await(held, p)
	p.waitForOutput(&p.log, func(text string) bool {
		return strings.Contains(text, "alpha  [ 1/12] VPC: 250 in the cluster, 250 created\r\n") &&
			strings.Contains(text, "alpha  [ 7/12] ")
	})
	release()
	if code := p.wait(); code != cli.ExitSuccess {
		t.Errorf("exit code %d", code)
	}
	p.waitForOutput(&p.log, func(text string) bool {
		return strings.Contains(text, "alpha: "+terminal.Green+"synced"+terminal.Reset+", 250 objects\r\n")
	})
	s.wantDrawing(p)
	wantText(t, p.out.String(), "1 fabric: 1 synced.")
}

// A watch shows the progress below its log.
func TestTerminal_watchShowsItsProgress(t *testing.T) {
	s := newProcessSite(t)
	held, _ := s.holdCluster()
	p := s.onTerminal("--watch")
	s.await(held, p)
	p.waitForOutput(&p.log, func(text string) bool { return strings.Contains(text, "alpha  [ 7/12] ") })
	p.signal(syscall.SIGTERM)
	if code := p.wait(); code != cli.ExitSuccess {
		t.Errorf("exit code %d", code)
	}
	p.waitForOutput(&p.log, func(text string) bool { return strings.Contains(text, "watch stopped") })
	wantText(t, p.log.String(), "watch started", "the fabrics are read", "stopping: no new sync begins",
		"outcome=interrupted")
	s.wantDrawing(p)
}

// wantDrawing checks that no line of the progress is wider than the terminal, and that each drawing
// starts where the previous one started.
func (s *processSite) wantDrawing(p *process) {
	s.Helper()
	text := p.log.String()
	progress, up := regexp.MustCompile(`(?m)^(?:\x1b\[1A\r\x1b\[J)?alpha  (.*)\r$`).FindAllString(text, -1),
		strings.Count(text, "\x1b[1A\r\x1b[J")
	cut := 0
	for _, line := range progress {
		line = strings.TrimSuffix(line, "\r")
		if i := strings.LastIndex(line, clearBelow); i >= 0 {
			line = line[i+len(clearBelow):]
		}
		if len([]rune(line)) >= columns {
			s.Errorf("a line of %d characters on a terminal of %d: %q", len([]rune(line)), columns, line)
		}
		if strings.HasSuffix(line, "…") {
			cut++
		}
	}
	if cut == 0 {
		s.Error("no line was cut")
	}
	if len(progress) < 8 || up < 8 {
		s.Errorf("%d lines of progress, drawn again %d times:\n%q", len(progress), up, text)
	}
}
