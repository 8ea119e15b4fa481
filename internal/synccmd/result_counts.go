package synccmd

import (
	"iter"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabricsync"
)

// inCluster is the name under which [actions] yields the number of all objects.
const inCluster = "in_cluster"

// actions yields the counts of what a sync did with objects, in the order in which tables show them.
func actions(k fabricsync.KindResult) iter.Seq2[string, int] {
	all := []struct {
		name string
		n    int
	}{
		{inCluster, k.InCluster},
		{"created", k.Created}, {"updated", k.Updated}, {"repaired", k.Repaired}, {"unchanged", k.Unchanged},
		{"not_storable", k.NotStorable}, {"failed", k.Failed}, {"deleted", k.Deleted}, {"kept", k.Kept},
	}
	return func(yield func(string, int) bool) {
		for _, a := range all {
			if !yield(a.name, a.n) {
				return
			}
		}
	}
}

// counts returns the counts of [actions] by name.
func counts(k fabricsync.KindResult) map[string]int {
	all := map[string]int{}
	for action, n := range actions(k) {
		all[action] = n
	}
	return all
}
