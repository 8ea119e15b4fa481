// Terraform provider for Hedgehog fabrics kept in NetBox.
package main

import (
	"context"
	"fmt"
	"os"
	"runtime/debug"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"
	"github.com/spf13/cobra"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/command"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/provider"
)

// version is set by the linker in a release.
var version = "dev"

const (
	name    = "terraform-provider-hedgehog"
	address = "registry.terraform.io/hedgehog-fabric/hedgehog"
	// pluginCookie is the variable by which Terraform says that it starts a plugin.
	pluginCookie = "TF_PLUGIN_MAGIC_COOKIE"
	hint         = "To sync fabrics with their clusters, see: " + name + " sync --help"
)

func main() {
	if len(os.Args) == 1 { // as Terraform starts a plugin: no command is looked for
		os.Exit(serve(false))
	}
	os.Exit(command.Execute(context.Background(), newRoot(), os.Args[1:]))
}

// newRoot returns the program as people call it.
func newRoot() *cobra.Command {
	var debugging, showVersion bool
	root := &cobra.Command{
		Use:  name,
		Long: "Keeps Hedgehog fabrics in NetBox as code. Without arguments it is a plugin that\nTerraform starts.",
		Args: command.NoArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			if showVersion {
				c.Println(version)
				return nil
			}
			if code := serve(debugging); code != 0 {
				return &command.ExitError{Code: code}
			}
			return nil
		},
	}
	root.SetOut(os.Stdout)
	root.Flags().BoolVar(&debugging, "debug", false, "serve for a debugger and print TF_REATTACH_PROVIDERS")
	root.Flags().BoolVar(&showVersion, "version", false, "print the version alone and exit")
	root.AddCommand(withBoundedMemory(command.New(version), debug.SetMemoryLimit), &cobra.Command{
		Use: "version", Short: "Print the version, and what it was built from and with", Args: command.NoArguments,
		Run: func(c *cobra.Command, _ []string) {
			info, _ := debug.ReadBuildInfo()
			c.Print(describe(info))
		},
	})
	return root
}

// serve is Terraform's plugin. It returns the exit code.
func serve(debugging bool) int {
	var options []tf6server.ServeOpt
	if debugging {
		options = append(options, tf6server.WithManagedDebug())
	} else {
		if os.Getenv(pluginCookie) == "" {
			fmt.Fprintln(os.Stderr, hint) // what else there is to say, the plugin's server says
		}
		saveWork(os.Environ(), debug.SetMemoryLimit)
	}
	if err := tf6server.Serve(address, provider.NewServer(version), options...); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}
