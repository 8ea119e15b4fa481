//go:build unix

package main

import (
	"fmt"
	"io"
	"time"
)

// progress tells a person what is going on and how long each step took.
type progress struct {
	output io.Writer
}

// step runs one step of the set-up and prints its name and seconds.
func (p *progress) step(name string, do func() error) error {
	_, _ = fmt.Fprintf(p.output, "%-48s", name+" ...")
	start := time.Now()
	err := do()
	outcome := "s"
	if err != nil {
		outcome = "s, failed"
	}
	_, _ = fmt.Fprintf(p.output, "%7.1f %s\n", time.Since(start).Seconds(), outcome)
	return err
}

func (p *progress) note(format string, arguments ...any) {
	_, _ = fmt.Fprintf(p.output, format+"\n", arguments...)
}
