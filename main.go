// Terraform provider for Hedgehog fabrics kept in NetBox.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/provider"
)

// version is set by the linker in a release.
var version = "dev"

const address = "registry.terraform.io/hedgehog-fabric/hedgehog"

func main() {
	debug := flag.Bool("debug", false, "serve for a debugger and print TF_REATTACH_PROVIDERS")
	showVersion := flag.Bool("version", false, "print the version and exit")
	flag.Parse()
	if *showVersion {
		fmt.Println(version)
		return
	}
	err := providerserver.Serve(context.Background(), provider.New(version), providerserver.ServeOpts{Address: address, Debug: *debug})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
