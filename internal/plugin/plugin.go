// Package plugin serves the provider to Terraform and OpenTofu, which start the program
// as a plugin.
package plugin

import (
	"os"
	"runtime/debug"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/memlimit"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/provider"
)

const (
	// address is the provider's address in the registry.
	address = "registry.terraform.io/hedgehog-fabric/hedgehog"
	// cookie is the environment variable that a CLI sets for the plugins it starts.
	cookie = "TF_PLUGIN_MAGIC_COOKIE"
)

// gcPercent is GOGC for the plugin, instead of 100. The peak of a plan is garbage of the
// framework. With 75, the peak of 1,000 fabrics is 7 % lower, and the plan takes as long.
const gcPercent = 75

// Protocol is the version of the plugin protocol that the provider speaks.
const Protocol = 6

// Started reports whether a CLI started this process as a plugin.
func Started() bool { return os.Getenv(cookie) != "" }

// Serve serves the provider until the CLI ends it.
func Serve(version string) error {
	saveWork(os.Environ())
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	memlimit.Follow(debug.SetMemoryLimit)
	return tf6server.Serve(address, provider.NewServer(version))
}

// ServeDebugger serves the provider until a signal ends it. It prints
// TF_REATTACH_PROVIDERS, by which CLIs find it.
func ServeDebugger(version string) error {
	return tf6server.Serve(address, provider.NewServer(version), tf6server.WithManagedDebug())
}
