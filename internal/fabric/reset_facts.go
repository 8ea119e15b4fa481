package fabric

// ChangesCluster reports whether a change from before to planned means another cluster, or
// none. What a sync has found out is then no longer true.
func ChangesCluster(before, planned Attributes) bool {
	for _, field := range []string{"kubernetes_server", "kubernetes_namespace"} {
		if !Equal(field, before[field], planned[field]) {
			return true
		}
	}
	return false
}

// ResetFacts returns the facts of a fabric whose cluster was never contacted, by NetBox's
// field name. A write that changes the cluster also sends these: the fabric cannot be in
// sync, and without a server must not look as if it were.
func ResetFacts() map[string]any {
	return map[string]any{
		"last_sync":         nil,
		"sync_status":       StoredNeverSynced,
		"sync_error":        "",
		"connection_status": ConnectionUnknown,
		"connection_error":  "",
	}
}
