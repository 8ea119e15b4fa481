package statuscmd

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/cli"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/terminal"
)

// redrawEvery is the time between two redraws: ages grow, and the terminal may change its
// size.
const redrawEvery = time.Second

// watch shows the fabrics on the terminal until it is stopped, and returns the exit code.
// An error means that the command line or the environment is wrong.
func (r *run) watch(ctx context.Context) (int, error) {
	t := r.program.terminal
	if t == nil || !t.Cursor {
		return 0, cli.Usagef("--watch needs a terminal that can move its cursor; elsewhere, run the command without " +
			"--watch")
	}
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	if err := r.connect(); err != nil {
		return 0, err
	}
	w := &watch{run: r, began: r.program.now()}
	screen, err := t.Open(r.program.stdout)
	if err == nil {
		err = w.keep(ctx, screen)
		if closed := screen.Close(); err == nil {
			err = closed
		}
	}
	if err == nil && w.latest != nil { // the last screen stays
		_, err = io.WriteString(r.program.stdout, w.last()+"\n")
	}
	switch {
	case err != nil:
		r.say("the terminal cannot be written: %s", err)
		return cli.ExitUnknown, nil
	case w.latest == nil && w.problem != nil:
		r.say("the fabrics cannot be read: %s", explain(w.problem, r.options.timeout))
		return cli.ExitUnknown, nil
	}
	return cli.ExitSuccess, nil
}

// watch is the state of a watch.
type watch struct {
	run      *run
	began    time.Time
	latest   *snapshot // nil until NetBox has answered
	warnings []string  // each of them once
	problem  error     // why NetBox cannot be read now; nil if it can
}

// reading is the result of a read.
type reading struct {
	snapshot *snapshot
	err      error
}

// keep reads NetBox and draws the table until the context ends. It also ends if the first
// read fails, since the reason most likely persists.
func (w *watch) keep(ctx context.Context, screen *terminal.Screen) error {
	redraw, stopRedraw := w.run.program.every(redrawEvery)
	defer stopRedraw()
	due, stopReads := w.run.program.every(w.run.options.interval)
	defer stopReads()
	readings := make(chan reading, 1)
	read := func() {
		s, err := w.run.read(ctx)
		readings <- reading{s, err}
	}
	go read()
	busy := true
	for {
		if err := screen.Draw(w.shown()); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-redraw:
		case <-due:
			if !busy {
				busy = true
				go read()
			}
		case one := <-readings:
			busy = false
			if ctx.Err() != nil { // this is why it failed, if it did
				return nil
			}
			w.note(one)
			if w.latest == nil {
				return nil
			}
		}
	}
}

// note records the result of a read.
func (w *watch) note(one reading) {
	if w.problem = one.err; one.err != nil {
		return
	}
	for _, warning := range one.snapshot.warnings {
		if !slices.Contains(w.warnings, warning) {
			w.warnings = append(w.warnings, warning)
		}
	}
	w.latest = one.snapshot
}

// shown returns the current text of the screen.
func (w *watch) shown() string {
	t, now, o := w.run.program.terminal, w.run.program.now(), w.run.options
	if w.latest == nil {
		where := w.run.netbox.ServerURL()
		if branch := w.run.branch(); branch != "" {
			where += fmt.Sprintf(", in the branch %q", terminal.OneLine(branch))
		}
		return onLines(fmt.Sprintf("Reading the fabrics of %s, for %s so far. Press Ctrl-C to stop.", where,
			fabric.Humanize(now.Sub(w.began))), t)
	}
	age := fabric.Humanize(now.Sub(w.latest.received))
	end := fmt.Sprintf("Updated %s ago. Updates every %s. Press Ctrl-C to stop.", age, fabric.Humanize(o.interval))
	if w.problem != nil {
		end = fmt.Sprintf("This was read %s ago. Now the fabrics cannot be read: %s. The next try is within %s. "+
			"Press Ctrl-C to stop.", age, w.why(), fabric.Humanize(o.interval))
	}
	return w.text(now, end, t.Height())
}

// last returns the text that stays on the terminal after the watch.
func (w *watch) last() string {
	now, received := w.run.program.now(), w.latest.received
	end := fmt.Sprintf("Read at %s, %s ago.", received.Format("2006-01-02 15:04:05 MST"),
		fabric.Humanize(now.Sub(received)))
	if w.problem != nil {
		end += fmt.Sprintf(" After that, the fabrics could not be read: %s.", w.why())
	}
	return w.text(now, end, 0)
}

// why returns why the fabrics cannot be read, without a period.
func (w *watch) why() string {
	return strings.TrimSuffix(explain(w.problem, w.run.options.timeout), ".")
}

// text returns the table at a certain time, the lines below it and an end, in at most
// height lines; 0 means no limit.
func (w *watch) text(now time.Time, end string, height int) string {
	t := w.run.program.terminal
	v := w.run.viewAt(w.latest, now)
	lines := []string{v.summary(t)}
	for _, one := range w.latest.missing {
		lines = append(lines, onLines(w.latest.notFound(one), t))
	}
	if v.unchecked != "" {
		lines = append(lines, onLines(v.unchecked, t))
	}
	for _, one := range w.warnings {
		lines = append(lines, onLines(one, t))
	}
	below := strings.Join(append(lines, onLines(end, t)), "\n")
	if len(v.entries) == 0 {
		return below
	}
	if height > 0 {
		height = max(2, height-1-len(strings.Split(below, "\n")))
	}
	return v.rows(t, height) + "\n" + below
}
