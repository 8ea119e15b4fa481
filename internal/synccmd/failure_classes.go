package synccmd

import (
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/cluster"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabricsync"
)

// Classes of failures, in addition to those of a cluster.
const (
	failureNetBox     = "netbox"     // NetBox could not be read or written
	failureObjects    = "objects"    // cluster and NetBox answered, but not everything could be stored
	failureSuperseded = "superseded" // another user's change overtook the sync
	failureToken      = "token"      // NetBox does not show the cluster's token
)

// failureClasses returns all classes of failures.
func failureClasses() []string {
	return []string{
		string(cluster.ClassConfig), string(cluster.ClassUnreachable), string(cluster.ClassTimeout),
		string(cluster.ClassTLS), string(cluster.ClassUnauthenticated), string(cluster.ClassForbidden),
		string(cluster.ClassNotKubernetes), string(cluster.ClassOther), failureNetBox, failureObjects,
		failureSuperseded, failureToken,
	}
}

// failureClass returns the class of a failed sync.
func (r *report) failureClass() string {
	switch {
	case r.result.Class != "":
		return string(r.result.Class)
	case r.result.Outcome == fabricsync.Superseded:
		return failureSuperseded
	case r.result.Outcome == fabricsync.Refused:
		return failureToken
	case r.err != nil:
		return failureNetBox
	}
	return failureObjects
}
