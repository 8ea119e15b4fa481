package synccmd

import (
	"bytes"
	"strings"
	"testing"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/cli"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/cluster"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabricsync"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/terminal"
)

// screen returns what a terminal shows after the display's escape sequences.
func screen(t *testing.T, output string) string {
	t.Helper()
	lines := []string{""}
	row := 0
	for output != "" {
		switch {
		case strings.HasPrefix(output, "\x1b[J"):
			lines, output = append(lines[:row], ""), output[3:]
		case strings.HasPrefix(output, "\x1b["):
			end := strings.IndexAny(output, "Am")
			if output[end] == 'A' {
				row -= int(output[2] - '0')
			}
			output = output[end+1:]
		case output[0] == '\n':
			if row++; row == len(lines) {
				lines = append(lines, "")
			}
			output = output[1:]
		case output[0] == '\r':
			output = output[1:]
		default:
			lines[row], output = lines[row]+output[:1], output[1:]
		}
		if row < 0 {
			t.Fatal("the cursor leaves the screen")
		}
	}
	return strings.Join(lines, "\n")
}

func TestDisplay_showsOneLineForEachRunningFabric(t *testing.T) {
	var out bytes.Buffer
	d := &display{out: &out, terminal: &terminal.Terminal{Width: func() int { return 40 }}}
	a, b := d.begin("alpha"), d.begin("be\x1b[2Jta")
	a.update(fabricsync.Progress{Message: "VPC: 2 in the cluster, 1 created and so on", Number: 1, Of: 12})
	_, _ = d.Write([]byte("a line of the log\n"))
	b.update(fabricsync.Progress{Message: "Connected."})
	if got, want := screen(t, out.String()), "a line of the log\nalpha  [ 1/12] VPC: 2 in the cluster, …\nbe [2Jta  "+
		"Connected.\n"; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	a.end()
	b.end()
	if got, want := screen(t, out.String()), "a line of the log\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestDisplay_elsewhereThanOnATerminalIsPlain(t *testing.T) {
	w := newStandins(t)
	w.add("alpha")
	w.wantCode(w.run("--once"), cli.ExitSuccess)
	wantText(t, w.stderr.String(), "level=INFO", "outcome=synced")
	if strings.ContainsAny(w.stdout.String()+w.stderr.String(), "\x1b\r") {
		t.Errorf("got escape sequences in %q", w.stderr.String())
	}
}

func TestDisplay_onceOnATerminal(t *testing.T) {
	for color, want := range map[bool]string{
		false: "alpha: synced, 2 objects\nbeta: failed: ",
		true: "alpha: " + terminal.Green + "synced" + terminal.Reset + ", 2 objects\n" +
			"beta: " + terminal.Red + "failed" + terminal.Reset + ": ",
	} {
		w := newStandins(t)
		w.add("alpha")
		w.add("beta")
		w.add("young", syncedAgo(0))
		w.program.stderrTerminal = &terminal.Terminal{Width: func() int { return 200 }, Color: color}
		w.cluster.problem[server("beta")] = &cluster.Error{Class: cluster.ClassUnreachable, Server: server("beta")}
		w.wantCode(w.run("--once", "--parallelism", "1", "--log-format", "json"), cli.ExitFailure)
		wantText(t, w.stderr.String(), "alpha  [ 1/12] VPC: 2 in the cluster, 2 created\n")
		got := colored(t, w.stderr.String())
		if !strings.HasPrefix(got, want) || strings.Count(got, "\n") != 2 { // not young, and nothing twice
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// colored is like screen, and keeps the colors.
func colored(t *testing.T, output string) string {
	t.Helper()
	hide := strings.NewReplacer(terminal.Red, "<red>", terminal.Green, "<green>", terminal.Reset, "<plain>")
	show := strings.NewReplacer("<red>", terminal.Red, "<green>", terminal.Green, "<plain>", terminal.Reset)
	return show.Replace(screen(t, hide.Replace(output)))
}
