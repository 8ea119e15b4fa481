//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/dev/process"
)

// NetBox Branching for NetBox 4.7.
const (
	branchingPackage     = "netbox_branching"
	branchingRequirement = "netboxlabs-netbox-branching==1.2.2"
	firstBranching       = "4.7.0" // the first NetBox that this version supports
)

// release returns the NetBox that the user names. If NetBox Branching is requested and the
// version does not support it, it returns an error, even without the sources of that version.
func (s settings) release(version, source string) (release, error) {
	chosen, err := chooseRelease(version, source)
	if missing, ok := errors.AsType[*missingSourceError](err); ok {
		chosen.version = missing.version
	}
	if s.branching && chosen.version != "" && !since(chosen.version, firstBranching) {
		return release{}, fmt.Errorf("%s needs NetBox %s or later, but NETBOX_VERSION or NETBOX_SOURCE selects %s: "+
			"leave out -branching (BRANCHING of make)", branchingRequirement, firstBranching, chosen.version)
	}
	return chosen, err
}

// plugins returns this run's plugins in the form that the configuration reads. NetBox
// Branching must be the last one.
func (n *netBox) plugins() string {
	if n.settings.branching {
		return pluginPackage + " " + branchingPackage
	}
	return pluginPackage
}

// requirements returns the Python packages besides NetBox.
func (n *netBox) requirements(others []string) []string {
	if n.settings.branching {
		return append(others, branchingRequirement)
	}
	return others
}

// startWorker starts NetBox's background worker, which creates, syncs and merges branches.
func (n *netBox) startWorker(ctx context.Context, running *target) error {
	if !n.settings.branching {
		return nil
	}
	started, err := process.Start(n.command(n.plugins(), "django-admin", "rqworker", "default"), n.log("worker"))
	if err != nil {
		return err
	}
	n.worker = started
	return started.WaitUntil(ctx, serveLimit, func(ctx context.Context) error {
		status, err := running.status(ctx)
		if err == nil && status.Workers == 0 {
			err = errors.New("no background worker runs yet")
		}
		return err
	})
}
