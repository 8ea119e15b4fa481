//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/dev/process"
)

// NetBox Branching, for a NetBox 4.7.
const (
	branchingPackage     = "netbox_branching"
	branchingRequirement = "netboxlabs-netbox-branching==1.2.2"
	firstBranching       = "4.7.0" // the first NetBox that this version of it is for
)

// checkBranching makes sure that the release can have NetBox Branching if it is to.
func (s settings) checkBranching(r release) error {
	if s.branching && r.version != "" && !since(r.version, firstBranching) {
		return fmt.Errorf("%s needs NetBox %s or newer, and NETBOX_VERSION or NETBOX_SOURCE names %s: leave out "+
			"-branching (BRANCHING of make)", branchingRequirement, firstBranching, r.version)
	}
	return nil
}

// plugins are the plugins of this run, as the configuration reads them. NetBox Branching
// must be the last one.
func (n *netBox) plugins() string {
	if n.settings.branching {
		return pluginPackage + " " + branchingPackage
	}
	return pluginPackage
}

// requirements are the Python packages beside NetBox.
func (n *netBox) requirements(others []string) []string {
	if n.settings.branching {
		return append(others, branchingRequirement)
	}
	return others
}

// startWorker starts NetBox's background worker, which makes, syncs and merges branches.
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
