// Demo shows the provider at work, with the real CLI and a NetBox stand-in in memory. It
// creates fabrics, reads their sync status, and shows that plans stay empty and that a
// wrong value is refused. It fails if a step does not do what it says, and leaves no files.
package main

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

// Each folder is a complete configuration.
//
//go:embed fabrics report rejected
var configurations embed.FS

func main() {
	ctx, cancel := context.WithCancelCause(context.Background())
	stopped := make(chan os.Signal, 1)
	for _, s := range stopSignals {
		signal.Notify(stopped, s)
	}
	go func() {
		s := <-stopped
		cancel(fmt.Errorf("stopped by a signal (%v)", s))
	}()
	started := time.Now()
	err := runDemo(ctx, os.Stdout)
	if err == nil {
		fmt.Printf("\nThe stand-in is stopped and all files are removed. The demo took %d seconds.\n",
			int(time.Since(started).Seconds()))
		return
	}
	if cause := context.Cause(ctx); cause != nil {
		err = cause
	}
	fmt.Fprintf(os.Stderr, "\nThe demo failed: %v\n", err)
	os.Exit(1)
}

// runDemo starts the stand-in, runs the steps, and always cleans up. After a failure it
// does not destroy the fabrics one by one: they exist only in the stand-in's memory.
func runDemo(ctx context.Context, out io.Writer) (err error) {
	folder, err := os.MkdirTemp("", "hedgehog-demo-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	if err := os.CopyFS(folder, configurations); err != nil {
		return err
	}
	terraform, err := newCLI(ctx, folder)
	if err != nil {
		return err
	}
	netbox, err := netboxtest.New(netboxtest.Options{})
	if err != nil {
		return err
	}
	defer netbox.Close()
	terraform.use(netbox.URL(), netboxtest.AdminToken)
	// The stand-in's clock is stopped, so that the printed ages don't depend on the machine.
	netbox.SetNow(time.Now().Truncate(time.Second))

	d := &demo{out: out, terraform: terraform, netbox: netbox}
	d.say("%s, the provider built from this tree, and a NetBox stand-in on %s.\n", terraform.version, netbox.URL())
	return d.show(ctx)
}
