// Demo shows the provider at work, with the real CLI and a NetBox stand-in in
// memory: it declares fabrics, reads their derived status, and shows that plans
// stay empty and that a wrong value is refused. It ends with an error when a step
// does not do what it says, and leaves nothing behind.
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

// Each folder is a configuration that works on its own.
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
		cancel(fmt.Errorf("it was stopped by a signal (%v)", s))
	}()
	started := time.Now()
	err := runDemo(ctx, os.Stdout)
	if err == nil {
		fmt.Printf("\nThe stand-in is stopped and its files are removed. That took %d seconds.\n",
			int(time.Since(started).Seconds()))
		return
	}
	if cause := context.Cause(ctx); cause != nil {
		err = cause
	}
	fmt.Fprintf(os.Stderr, "\nThe demo failed: %v\n", err)
	os.Exit(1)
}

// runDemo starts what the demo needs, shows it, and clears it away whatever
// comes. After a failure the fabrics are not destroyed one by one: they exist in
// the stand-in's memory alone.
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
	// The stand-in's clock stands still, so that the ages shown do not depend on
	// how fast this machine is.
	netbox.SetNow(time.Now().Truncate(time.Second))

	d := &demo{out: out, terraform: terraform, netbox: netbox}
	d.say("%s, the provider built from this tree, and a NetBox stand-in on %s.\n", terraform.version, netbox.URL())
	return d.show(ctx)
}
