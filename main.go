// Terraform provider for Hedgehog fabrics kept in NetBox.
package main

import (
	"flag"
	"fmt"
	"os"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/command"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/provider"
)

// version is set by the linker in a release.
var version = "dev"

const (
	address = "registry.terraform.io/hedgehog-fabric/hedgehog"
	// pluginCookie is the variable by which Terraform says that it starts a plugin.
	pluginCookie = "TF_PLUGIN_MAGIC_COOKIE"
	hint         = "To sync fabrics with their clusters, see: terraform-provider-hedgehog sync --help"
)

func main() {
	if len(os.Args) > 1 && os.Args[1] == "sync" {
		os.Exit(command.Main(version, os.Args[2:]))
	}
	flag.Usage = usage
	debug := flag.Bool("debug", false, "serve for a debugger and print TF_REATTACH_PROVIDERS")
	showVersion := flag.Bool("version", false, "print the version and exit")
	flag.Parse()
	switch {
	case flag.NArg() > 0:
		fmt.Fprintf(os.Stderr, "terraform-provider-hedgehog: unknown command %q; the only command is sync\n\n", flag.Arg(0))
		usage()
		os.Exit(2)
	case *showVersion:
		fmt.Println(version)
		return
	case !*debug && os.Getenv(pluginCookie) == "":
		fmt.Fprintln(os.Stderr, hint) // what else there is to say, the plugin's server says
	}
	var options []tf6server.ServeOpt
	if *debug {
		options = append(options, tf6server.WithManagedDebug())
	} else {
		saveWork(os.Environ())
	}
	if err := tf6server.Serve(address, provider.NewServer(version), options...); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func usage() {
	fmt.Fprintf(os.Stderr, `Usage: terraform-provider-hedgehog [-debug | -version]
       terraform-provider-hedgehog sync (--once | --watch) [FLAG...]

Without arguments it is a Terraform plugin, and Terraform starts it.
%s

`, hint)
	flag.PrintDefaults()
}
