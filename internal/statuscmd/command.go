// Package statuscmd is the status command. It shows the status of fabrics to users,
// programs and monitoring.
package statuscmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/cli"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netbox"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/terminal"
)

// New returns the status command.
func New(version string) *cobra.Command {
	p := &program{
		version: version, stdout: os.Stdout, stderr: os.Stderr, terminal: terminal.Of(os.Stdout, os.Getenv),
		getenv: os.Getenv, now: time.Now,
		every: func(d time.Duration) (<-chan time.Time, func()) {
			t := time.NewTicker(d)
			return t.C, t.Stop
		},
	}
	return p.command()
}

// program is what the command uses of the machine. Tests replace it.
type program struct {
	version        string
	stdout, stderr io.Writer
	terminal       *terminal.Terminal // that stdout is; nil for none
	getenv         func(string) string
	now            func() time.Time
	every          func(time.Duration) (ticks <-chan time.Time, stop func())
	clusterLimit   time.Duration // 0 is the default
	retryWait      time.Duration // first pause before a request is retried; 0 means the client's default
}

func (p *program) command() *cobra.Command {
	o := newOptions()
	c := &cobra.Command{Use: useLine, Short: short, Args: cobra.ArbitraryArgs}
	c.ValidArgsFunction = cli.FabricNames(p.getenv, p.complete)
	c.RunE = func(c *cobra.Command, args []string) error {
		if err := o.check(args); err != nil {
			return err
		}
		r := &run{program: p, options: o, path: c.CommandPath()}
		do := r.once
		if o.watch {
			do = r.watch
		}
		code, err := do(c.Context())
		if err == nil && code != cli.ExitSuccess {
			err = &cli.ExitError{Code: code}
		}
		return err
	}
	cli.AddFlags(c, description, o.groups(), helpFooter)
	_ = c.RegisterFlagCompletionFunc("fabric", c.ValidArgsFunction) // the flag is there, and has none
	c.SetOut(p.stdout)
	c.SetErr(p.stderr)
	return c
}

// run is one run of the command.
type run struct {
	program *program
	options *options
	path    string // name of the command, for messages
	netbox  *netbox.Client
}

// once shows the fabrics and returns the exit code. An error means that the environment is
// wrong.
func (r *run) once(ctx context.Context) (int, error) {
	if err := r.connect(); err != nil {
		return 0, err
	}
	s, err := r.read(ctx)
	if err != nil {
		r.say("the fabrics cannot be read: %s", explain(err, r.options.timeout))
		return cli.ExitUnknown, nil
	}
	for _, one := range s.warnings {
		r.say("%s", one)
	}
	for _, one := range s.missing {
		r.say("%s", s.notFound(one))
	}
	v := r.viewAt(s, s.received)
	if v.unchecked != "" {
		r.say("%s", v.unchecked)
	}
	if err := r.write(v); err != nil {
		r.say("the output cannot be written: %s", err)
		return cli.ExitUnknown, nil
	}
	return v.code(), nil
}

// explain returns why NetBox could not be read within a time.
func explain(err error, within time.Duration) string {
	if late, ok := errors.AsType[*timeoutError](err); ok {
		return late.Error()
	}
	return cli.Explain(err, within)
}

func (r *run) connect() (err error) {
	r.netbox, err = cli.NetBox(r.program.getenv, r.program.complete)
	return err
}

// complete fills in a client's configuration.
func (p *program) complete(config *rest.Config) {
	config.UserAgent, config.RetryWait = p.userAgent(), p.retryWait
}

func (p *program) userAgent() string {
	return fmt.Sprintf("terraform-provider-hedgehog/%s status", p.version)
}

func (r *run) write(v *view) error {
	if r.options.output == outputJSON {
		return writeJSON(r.program.stdout, v)
	}
	_, err := io.WriteString(r.program.stdout, v.table(r.program.terminal))
	return err
}

// say prints a message to stderr.
func (r *run) say(format string, a ...any) {
	_, _ = fmt.Fprintf(r.program.stderr, r.path+": "+format+"\n", a...) // the exit code says it too
}
