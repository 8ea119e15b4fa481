package fabric

import (
	"maps"
	"time"
)

// NotSyncableError means that a fabric must not be synced: it has no Kubernetes server, or
// its sync is switched off.
type NotSyncableError struct {
	Status Status // NotConfigured or Disabled
	Reason string // one sentence
}

func (e *NotSyncableError) Error() string { return e.Reason }

// MaySync returns a [*NotSyncableError] if the fabric must not be synced.
func (f *Fabric) MaySync() error {
	if _, decided := f.Facts().ConfiguredStatus(); !decided {
		return nil
	}
	derived := SyncStatus(f.Facts(), f.LastUpdated)
	return &NotSyncableError{derived.Status, derived.Reason}
}

// SameCluster reports whether two revisions of a fabric mean the same objects: the same
// server and namespace.
func (f *Fabric) SameCluster(other *Fabric) bool {
	return Equal("kubernetes_server", f.KubernetesServer, other.KubernetesServer) &&
		Equal("kubernetes_namespace", f.KubernetesNamespace, other.KubernetesNamespace)
}

// Facts that a sync stores, by NetBox's field name. See [ResetFacts] too.

// ConnectedFacts returns the facts for a cluster that answers.
func ConnectedFacts() map[string]any {
	return map[string]any{"connection_status": ConnectionConnected, "connection_error": ""}
}

// ConnectionFailedFacts returns the facts for a cluster that could not be used. status is
// ConnectionDisconnected or ConnectionError; why is a sentence. They leave the time of the
// last sync as it is.
func ConnectionFailedFacts(status, why string) map[string]any {
	return map[string]any{
		"connection_status": status, "connection_error": orUnexplained(why),
		"sync_status": StoredError, "sync_error": "",
	}
}

// SyncedFacts returns the facts for a sync that stored everything at the NetBox time at.
func SyncedFacts(at time.Time) map[string]any {
	facts := ConnectedFacts()
	facts["sync_status"], facts["sync_error"], facts["last_sync"] = StoredInSync, "", at.UTC()
	return facts
}

// SyncFailedFacts returns the facts for a cluster that answers when not everything was
// stored. They leave the time of the last sync as it is.
func SyncFailedFacts(why string) map[string]any {
	facts := ConnectedFacts()
	facts["sync_status"], facts["sync_error"] = StoredError, orUnexplained(why)
	return facts
}

// orUnexplained replaces an empty error message: an error without a message would be a
// contradiction.
func orUnexplained(why string) string {
	if Blank(why) {
		return "The sync failed for a reason that is not known."
	}
	return why
}

// CountFacts returns the counts of a record. inCluster has the number of objects of each
// kind that was read completely. A count that needs a missing one is left out.
func CountFacts(inCluster map[Kind]int64) map[string]any {
	facts := map[string]any{}
	total, complete := int64(0), true
	for _, kind := range Kinds() {
		n, read := inCluster[kind]
		total, complete = total+n, complete && read
		if !read {
			continue
		}
		switch kind.Name {
		case "VPC":
			facts["vpcs_count"], facts["cached_vpc_count"] = n, n
		case "Connection":
			facts["connections_count"], facts["cached_connection_count"] = n, n
		case "Server":
			facts["servers_count"] = n
		case "Switch":
			facts["switches_count"] = n
		}
	}
	if complete {
		facts["cached_crd_count"] = total
	}
	return facts
}

// Holds reports whether the record has these values.
func (f *Fabric) Holds(facts map[string]any) bool {
	stored := f.syncFields()
	for field, want := range facts {
		have, known := stored[field]
		at, isTime := want.(time.Time)
		switch {
		case !known:
			return false
		case isTime: // NetBox has microseconds
			if f.LastSync == nil || !f.LastSync.Truncate(time.Microsecond).Equal(at.Truncate(time.Microsecond)) {
				return false
			}
		case !Equal(field, have, want):
			return false
		}
	}
	return true
}

func (f *Fabric) syncFields() map[string]any {
	var lastSync any // nil if it was never synced
	if f.LastSync != nil {
		lastSync = *f.LastSync
	}
	fields := map[string]any{
		"sync_status": f.StoredSyncStatus, "sync_error": f.SyncError, "last_sync": lastSync,
		"connection_status": f.ConnectionStatus, "connection_error": f.ConnectionError,
	}
	maps.Copy(fields, map[string]any{
		"cached_crd_count": f.Counts.CachedCRDs, "cached_vpc_count": f.Counts.CachedVPCs,
		"cached_connection_count": f.Counts.CachedConnections, "connections_count": f.Counts.Connections,
		"servers_count": f.Counts.Servers, "switches_count": f.Counts.Switches, "vpcs_count": f.Counts.VPCs,
	})
	return fields
}
