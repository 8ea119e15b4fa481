package fabric

// ChangesCluster reports whether a change from before to planned means another
// cluster, or none: then what a sync has found out so far is no longer true.
func ChangesCluster(before, planned Attributes) bool {
	for _, field := range []string{"kubernetes_server", "kubernetes_namespace"} {
		if !Equal(field, before[field], planned[field]) {
			return true
		}
	}
	return false
}

// ResetFacts returns the stored facts, by NetBox's field name, of a fabric whose
// cluster was never contacted. A write that changes the cluster sends them
// along: such a fabric cannot be in sync, and one without a server must not
// look as if it were.
func ResetFacts() map[string]any {
	return map[string]any{
		"last_sync":         nil,
		"sync_status":       StoredNeverSynced,
		"sync_error":        "",
		"connection_status": ConnectionUnknown,
		"connection_error":  "",
	}
}
