package statuscmd

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/cli"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/terminal"
)

// redrawEvery is how often the table is drawn again: the ages in it grow, and its terminal
// may have another size.
const redrawEvery = time.Second

// watch keeps the fabrics on the terminal until it is stopped, and returns the exit code.
// An error is one of the command line or the environment.
func (r *run) watch(ctx context.Context) (int, error) {
	t := r.program.terminal
	if t == nil || !t.Cursor {
		return 0, cli.Usagef("--watch needs a terminal on which the cursor can be moved; elsewhere, run the command " +
			"again without --watch")
	}
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	if err := r.connect(); err != nil {
		return 0, err
	}
	first, err := r.read(ctx)
	switch {
	case ctx.Err() != nil:
		return cli.ExitSuccess, nil
	case err != nil:
		r.say("the fabrics cannot be read: %s", explain(err, r.options.timeout))
		return cli.ExitUnknown, nil
	}
	screen, err := t.Open(r.program.stdout)
	if err == nil {
		w := &watch{run: r, latest: first}
		err = w.keep(ctx, screen)
		if closed := screen.Close(); err == nil {
			err = closed
		}
		if err == nil { // what was last seen stays
			err = r.write(r.viewAt(w.latest, r.program.now()))
		}
	}
	if err != nil {
		r.say("the terminal cannot be written: %s", err)
		return cli.ExitUnknown, nil
	}
	return cli.ExitSuccess, nil
}

// watch is what a watch has seen so far.
type watch struct {
	run     *run
	latest  *snapshot
	problem error // why NetBox cannot be read any more; nil when it can
}

// reading is what a read came to.
type reading struct {
	snapshot *snapshot
	err      error
}

// keep draws the table until the context ends.
func (w *watch) keep(ctx context.Context, screen *terminal.Screen) error {
	redraw, stopRedraw := w.run.program.every(redrawEvery)
	defer stopRedraw()
	due, stopReads := w.run.program.every(w.run.options.interval)
	defer stopReads()
	readings, busy := make(chan reading, 1), false
	for {
		if err := screen.Draw(w.shown()); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-redraw:
		case <-due:
			if busy {
				continue
			}
			busy = true
			go func() {
				s, err := w.run.read(ctx)
				readings <- reading{s, err}
			}()
		case one := <-readings:
			busy = false
			if w.problem = one.err; one.err == nil {
				w.latest = one.snapshot
			}
		}
	}
}

// shown is what the screen shows now: the table, and what stays below it.
func (w *watch) shown() (table, below string) {
	t, now := w.run.program.terminal, w.run.program.now()
	v := w.run.viewAt(w.latest, now)
	if len(v.entries) > 0 {
		table = v.rows(t)
	}
	lines := []string{"", v.summary(t)}
	for _, one := range w.latest.missing {
		lines = append(lines, onLines(w.latest.notFound(one), t))
	}
	age := fabric.Humanize(now.Sub(w.latest.received))
	if w.problem == nil {
		lines = append(lines, onLines(fmt.Sprintf("Read %s ago, and every %s. Ctrl-C stops.", age,
			fabric.Humanize(w.run.options.interval)), t))
	} else {
		lines = append(lines, onLines(fmt.Sprintf("This was read %s ago. Now the fabrics cannot be read: %s", age,
			explain(w.problem, w.run.options.timeout)), t))
	}
	return table, strings.Join(lines, "\n")
}
