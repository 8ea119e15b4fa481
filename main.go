// Command terraform-provider-hedgehog is the Terraform provider for Hedgehog fabrics in
// NetBox.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/cli"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/plugin"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/statuscmd"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/synccmd"
)

// version is the version of a release. The linker sets it.
var version = "dev"

const (
	name = "terraform-provider-hedgehog"
	hint = "To list the commands, run: " + name + " --help"
)

func main() {
	if len(os.Args) == 1 { // started by Terraform as a plugin
		os.Exit(serve(false))
	}
	os.Exit(cli.Execute(context.Background(), newRoot(), os.Args[1:]))
}

// newRoot returns the root command, with all of the program's commands.
func newRoot() *cobra.Command {
	var debugging, showVersion bool
	root := &cobra.Command{
		Use: name,
		Long: "The Terraform provider for Hedgehog fabrics in NetBox. Terraform and OpenTofu start it\n" +
			"as a plugin, without arguments. You run its commands yourself.",
		Args: cli.NoArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			if showVersion {
				c.Println(version)
				return nil
			}
			if code := serve(debugging); code != cli.ExitSuccess {
				return &cli.ExitError{Code: code}
			}
			return nil
		},
	}
	root.SetOut(os.Stdout)
	root.Flags().BoolVar(&debugging, "debug", false,
		"start the provider for a debugger, and print TF_REATTACH_PROVIDERS")
	root.Flags().BoolVar(&showVersion, "version", false, "print the version and exit")
	root.AddCommand(statuscmd.New(version), synccmd.New(version), cli.NewVersionCommand(name, version, plugin.Protocol))
	return root
}

// serve serves the provider and returns the exit code.
func serve(debugging bool) int {
	run := plugin.Serve
	switch {
	case debugging:
		run = plugin.ServeDebugger
	case !plugin.Started():
		fmt.Fprintln(os.Stderr, hint) // the plugin server prints the rest
	}
	if err := run(version); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return cli.ExitFailure
	}
	return cli.ExitSuccess
}
