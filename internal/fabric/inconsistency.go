package fabric

import (
	"fmt"
	"slices"
	"time"
)

// Inconsistencies returns a sentence for each contradiction in the stored record at now;
// nil if there are none. Age alone is never a contradiction.
func (f *Fabric) Inconsistencies(now time.Time) []string {
	var found []string
	say := func(format string, a ...any) { found = append(found, fmt.Sprintf(format, a...)) }

	stored, noServer := f.StoredSyncStatus, Blank(f.KubernetesServer)
	noText := Blank(f.SyncError) && Blank(f.ConnectionError)

	if noServer && slices.Contains([]string{StoredInSync, StoredOutOfSync, StoredSyncing, StoredError}, stored) {
		say("NetBox stores the sync status %q, but no Kubernetes server is configured.", stored)
	}
	if noServer && f.ConnectionStatus == ConnectionConnected {
		say("NetBox stores the connection status %q, but no Kubernetes server is configured.", f.ConnectionStatus)
	}
	if stored == StoredInSync && !Blank(f.ConnectionError) {
		say("NetBox stores the sync status %q together with a connection error: %s", stored,
			sentence(f.ConnectionError))
	}
	if stored == StoredInSync && !Blank(f.SyncError) {
		say("NetBox stores the sync status %q together with a sync error: %s", stored, sentence(f.SyncError))
	}
	if stored == StoredInSync && f.LastSync == nil {
		say("NetBox stores the sync status %q, but no last sync time.", stored)
	}
	if stored == StoredError && noText {
		say("NetBox stores the sync status %q, but no error text.", stored)
	}
	if (f.ConnectionStatus == ConnectionError || f.ConnectionStatus == ConnectionDisconnected) && noText {
		say("NetBox stores the connection status %q, but no error text.", f.ConnectionStatus)
	}
	if stored == StoredNeverSynced && f.LastSync != nil {
		say("NetBox stores the sync status %q, but also a last sync, at "+
			"%s.", stored, f.LastSync.UTC().Format(time.RFC3339))
	}
	if f.LastSync != nil && f.LastSync.Sub(now) > ClockTolerance {
		say("The last sync is %s ahead of NetBox's clock.", Humanize(f.LastSync.Sub(now)))
	}
	for _, v := range []struct {
		what, value string
		allowed     []string
	}{
		{"status", f.Lifecycle, Lifecycles()},
		{"sync status", stored, StoredSyncStatuses()},
		{"connection status", f.ConnectionStatus, ConnectionStatuses()},
	} {
		if !slices.Contains(v.allowed, v.value) {
			say("NetBox stores the %s %q, which is not one of %s.", v.what, v.value, list(v.allowed))
		}
	}
	return found
}
