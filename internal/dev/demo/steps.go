package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

const (
	fabricsPath = "/api/plugins/hedgehog/fabrics/"
	lastSyncAge = 4 * time.Minute
	clockStep   = 30 * time.Minute
)

// demo is one run. Each step prints what it did, or returns why it failed.
type demo struct {
	out       io.Writer
	terraform *cli
	netbox    *netboxtest.Server
}

func (d *demo) show(ctx context.Context) error {
	for _, step := range []struct {
		title string
		run   func(context.Context) error
	}{
		{"Apply five fabrics (internal/dev/demo/fabrics).", d.create},
		{"Change NetBox without Terraform: sync berlin, and set a wrong status on bench by hand.", d.changeOutOfBand},
		{"Read the data source: the status that NetBox stores, and the status that follows from the facts.", d.report},
		{"Plan the same configuration again.", d.planAgain},
		{"Let half an hour pass on NetBox's clock, without a sync.", d.wait},
		{"Plan a configuration that NetBox would refuse (internal/dev/demo/rejected).", d.reject},
		{"Destroy the fabrics.", d.destroy},
	} {
		d.say("\n== %s\n", step.title)
		if err := step.run(ctx); err != nil {
			return fmt.Errorf("step %q: %w", strings.TrimSuffix(step.title, "."), err)
		}
	}
	return nil
}

// say prints to out. It ignores errors: a closed pipe ends the demo by a signal.
func (d *demo) say(format string, a ...any) { _, _ = fmt.Fprintf(d.out, format, a...) }

func (d *demo) create(ctx context.Context) error {
	if err := d.terraform.apply(ctx, "fabrics"); err != nil {
		return err
	}
	if stored, sent := len(d.netbox.Fabrics()), d.netbox.Count("POST", fabricsPath); stored != 5 || sent != 5 {
		return fmt.Errorf("NetBox has %d fabrics after %d create requests; expected 5 and 5", stored, sent)
	}
	d.say("5 fabrics created.\n")
	return nil
}

// changeOutOfBand writes to NetBox what others would: a sync that succeeded, and a status
// that a user sets by hand and that cannot be true.
func (d *demo) changeOutOfBand(context.Context) error {
	for name, fields := range map[string]map[string]any{
		"berlin": {"sync_status": "in_sync", "connection_status": "connected",
			"last_sync": d.netbox.Now().Add(-lastSyncAge)},
		"bench": {"sync_status": "in_sync", "connection_status": "connected"},
	} {
		f, found := d.netbox.FabricByName(name)
		id, _ := f["id"].(float64)
		if !found || id == 0 {
			return fmt.Errorf("NetBox has no fabric %q", name)
		}
		d.netbox.UpdateFabric(int64(id), fields)
	}
	d.say("berlin: synced %d minutes ago, connected.\n", int(lastSyncAge.Minutes()))
	d.say("bench:  set to in_sync and connected by hand, although it has no Kubernetes server.\n")
	return nil
}

func (d *demo) report(ctx context.Context) error {
	fabrics, err := d.statuses(ctx)
	if err != nil {
		return err
	}
	d.say("%s", statusTable(inOrder(fabrics)))
	for _, f := range inOrder(fabrics) {
		for _, sentence := range f.Inconsistencies {
			d.say("* %s: %s\n", f.Name, sentence)
		}
	}
	if n := len(fabrics["bench"].Inconsistencies); n != 3 {
		return fmt.Errorf("bench has %d inconsistencies; expected 3", n)
	}
	return expect(fabrics, map[string][2]string{
		"madrid": {"never_synced", "not_configured"},
		"oslo":   {"never_synced", "disabled"},
		"lisbon": {"never_synced", "never_synced"},
		"berlin": {"in_sync", "in_sync"},
		"bench":  {"in_sync", "not_configured"},
	})
}

func (d *demo) planAgain(ctx context.Context) error {
	if err := d.planIsEmpty(ctx); err != nil {
		return err
	}
	d.say("plan -detailed-exitcode exits with 0: no changes. What a sync writes is not drift.\n")
	return nil
}

// wait advances NetBox's clock: the status changes with time, the plan does not.
func (d *demo) wait(ctx context.Context) error {
	d.netbox.Advance(clockStep)
	fabrics, err := d.statuses(ctx)
	if err != nil {
		return err
	}
	berlin := fabrics["berlin"]
	d.say("%s", statusTable([]fabricStatus{berlin}))
	if err := expect(fabrics, map[string][2]string{"berlin": {"in_sync", "out_of_sync"}}); err != nil {
		return err
	}
	if err := d.planIsEmpty(ctx); err != nil {
		return err
	}
	d.say("plan -detailed-exitcode exits with 0 again: the passage of time is not a change either.\n")
	return nil
}

func (d *demo) reject(ctx context.Context) error {
	before := d.netbox.Count("", "")
	_, message, err := d.terraform.run(ctx, "rejected", "plan", "-no-color")
	switch {
	case err == nil:
		return fmt.Errorf("the plan of a configuration that NetBox would refuse succeeded")
	case exitCode(err) != 1, !strings.Contains(message, "Invalid Kubernetes server URL"):
		return fmt.Errorf("the plan failed for another reason: %w", err)
	case d.netbox.Count("", "") != before:
		return fmt.Errorf("the refused configuration caused %d requests to NetBox", d.netbox.Count("", "")-before)
	}
	d.say("%s\n\nThe plan exits with 1, and NetBox received no request.\n", strings.Trim(message, "\n"))
	return nil
}

func (d *demo) destroy(ctx context.Context) error {
	if err := d.terraform.destroy(ctx, "fabrics"); err != nil {
		return err
	}
	if n := len(d.netbox.Fabrics()); n != 0 {
		return fmt.Errorf("NetBox still has %d fabrics", n)
	}
	d.say("NetBox has no fabrics left.\n")
	return nil
}

// statuses reads all fabrics through the data source, by name.
func (d *demo) statuses(ctx context.Context) (map[string]fabricStatus, error) {
	if err := d.terraform.apply(ctx, "report"); err != nil {
		return nil, err
	}
	fabrics := map[string]fabricStatus{}
	return fabrics, d.terraform.output(ctx, "report", "fabrics", &fabrics)
}

func (d *demo) planIsEmpty(ctx context.Context) error {
	out, _, err := d.terraform.run(ctx, "fabrics", "plan", "-detailed-exitcode", "-no-color")
	if exitCode(err) == 2 {
		return fmt.Errorf("the plan is not empty:\n%s", out)
	}
	return err
}

// inOrder returns the fabrics in the order of the configuration.
func inOrder(fabrics map[string]fabricStatus) []fabricStatus {
	var list []fabricStatus
	for _, name := range []string{"madrid", "oslo", "lisbon", "berlin", "bench"} {
		list = append(list, fabrics[name])
	}
	return list
}

// expect compares the stored status and the sync status of fabrics.
func expect(fabrics map[string]fabricStatus, want map[string][2]string) error {
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if got := [2]string{fabrics[name].Stored, fabrics[name].Derived}; got != want[name] {
			return fmt.Errorf("%s has the stored and the sync status %q; expected %q", name, got, want[name])
		}
	}
	return nil
}
