//go:build unix

package process

import (
	"fmt"
	"io"
	"time"
)

// Progress prints the steps of a set-up and how long each took.
type Progress struct {
	Output io.Writer
}

// Step runs a step, prints its name and duration in seconds, and returns its error.
func (p *Progress) Step(name string, do func() error) error {
	_, _ = fmt.Fprintf(p.Output, "%-48s", name+" ...")
	start := time.Now()
	err := do()
	outcome := "s"
	if err != nil {
		outcome = "s, failed"
	}
	_, _ = fmt.Fprintf(p.Output, "%7.1f %s\n", time.Since(start).Seconds(), outcome)
	return err
}

// Note prints a line.
func (p *Progress) Note(format string, arguments ...any) {
	_, _ = fmt.Fprintf(p.Output, format+"\n", arguments...)
}
