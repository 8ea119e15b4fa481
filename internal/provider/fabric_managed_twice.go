package provider

import (
	"cmp"
	"fmt"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

// managedFabrics are the fabrics that resources manage, as far as this run has shown. A
// run is one plan or one apply: Terraform configures the provider again for each. In a run,
// Terraform refreshes a resource once, or imports it, and creates or updates it once.
type managedFabrics struct {
	mu    sync.Mutex
	ids   map[int64]int  // number of resources that were refreshed or imported
	names map[string]int // number of resources that were to be created or updated, by normal form
	// planned are what the plan does with fabrics, by the normal form of their names.
	planned map[string]plannedChange
}

// plannedChange is what a plan does with fabrics of one name. The zero value is nothing.
type plannedChange struct {
	creates bool
	removes string // deletion_policy of a removal; "" for no removal
}

// found records a fabric that a resource manages, and reports whether another resource
// manages it as well.
func (m *managedFabrics) found(id int64) (twice bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.ids == nil {
		m.ids = map[int64]int{}
	}
	m.ids[id]++
	return m.ids[id] > 1
}

// named records the name of a fabric that a resource is about to write.
func (m *managedFabrics) named(name string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.names == nil {
		m.names = map[string]int{}
	}
	m.names[fabric.NormalText(name)]++
}

// nameIsShared reports whether several resources of this run have a name.
func (m *managedFabrics) nameIsShared(name string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.names[fabric.NormalText(name)] > 1
}

// plan records what the plan does with a fabric of a name. It returns both changes if the
// plan now first creates one and removes one, and otherwise false. Terraform plans the
// replacement of a resource without a destroy.
func (m *managedFabrics) plan(name string, change plannedChange) (all plannedChange, moves bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.planned == nil {
		m.planned = map[string]plannedChange{}
	}
	before := m.planned[fabric.NormalText(name)]
	all = plannedChange{before.creates || change.creates, cmp.Or(before.removes, change.removes)}
	m.planned[fabric.NormalText(name)] = all
	return all, all != before && all.creates && all.removes != ""
}

// warnDestroyedAndCreated warns if a plan removes a fabric and creates one with its name,
// as after a new address without a moved block.
func (r *fabricResource) warnDestroyedAndCreated(diags *diag.Diagnostics, name string, change plannedChange) {
	if r.connection == nil {
		return
	}
	all, moves := r.connection.managed.plan(name, change)
	if !moves {
		return
	}
	what := fmt.Sprintf("This plan destroys the fabric %q under one address and creates a fabric with the same name "+
		"under another.", name)
	if all.removes != deletionDelete {
		what = fmt.Sprintf("This plan removes the fabric %q from the state under one address, but not from NetBox "+
			"(deletion_policy = %q). Under another address, it creates a fabric with the same name, which will fail "+
			"because the name is taken.", name, all.removes)
	}
	diags.AddWarning("Fabric is destroyed and created again", what+" If you gave the resource a new address, don't "+
		"apply this plan: add a moved block. If the fabric was managed by two resources, and you removed the wrong "+
		"one from the state, import the fabric to the resource that the plan creates, and run terraform state rm "+
		"with the address that the plan destroys.")
}

// warnManagedTwice warns if another resource manages a fabric that a resource is imported or
// refreshed from. The provider does not know the addresses.
func (c *connection) warnManagedTwice(diags *diag.Diagnostics, f *fabric.Fabric) {
	if c.managed.found(f.ID) {
		diags.AddWarning("Fabric is managed twice", fmt.Sprintf("Two resources manage the fabric %d (%q). If you "+
			"remove one of them from the configuration, Terraform destroys the fabric for both. Run terraform state "+
			"rm with one of the two addresses before you remove its block. If you have already removed the block of "+
			"one, run terraform state rm with that address. If this plan imports one of them, don't "+
			"apply it: remove that import block, and use a moved block to give the other one a new address. If a "+
			"removed block with destroy = false ends one of the two, ignore this warning.", f.ID, f.Name))
	}
}
