// Package fabric is the domain of the provider: what a Hedgehog fabric is, and
// the rules about it. It is pure: no network, no clock, nothing of Terraform. Every
// other package asks here instead of deciding for itself.
package fabric

import "time"

// Lifecycle statuses of a fabric, as NetBox's plugin defines them.
const (
	LifecyclePlanned        = "planned"
	LifecycleActive         = "active"
	LifecycleMaintenance    = "maintenance"
	LifecycleDecommissioned = "decommissioned"
)

// Connection statuses that a sync stores.
const (
	ConnectionUnknown      = "unknown"
	ConnectionConnected    = "connected"
	ConnectionDisconnected = "disconnected"
	ConnectionError        = "error"
)

// Sync statuses that NetBox stores. They are what a sync or a user once wrote, not
// what is true now: see [SyncStatus] for the derived one.
const (
	StoredNeverSynced = "never_synced"
	StoredInSync      = "in_sync"
	StoredOutOfSync   = "out_of_sync"
	StoredSyncing     = "syncing"
	StoredError       = "error"
)

// Lifecycles returns the lifecycle statuses that NetBox knows.
func Lifecycles() []string {
	return []string{LifecyclePlanned, LifecycleActive, LifecycleMaintenance, LifecycleDecommissioned}
}

// ConnectionStatuses returns the connection statuses that NetBox knows.
func ConnectionStatuses() []string {
	return []string{ConnectionUnknown, ConnectionConnected, ConnectionDisconnected, ConnectionError}
}

// StoredSyncStatuses returns the sync statuses that NetBox can store.
func StoredSyncStatuses() []string {
	return []string{StoredNeverSynced, StoredInSync, StoredOutOfSync, StoredSyncing, StoredError}
}

// Defaults of NetBox's plugin for a new fabric.
const (
	DefaultLifecycle    = LifecyclePlanned
	DefaultNamespace    = "default"
	DefaultSyncEnabled  = true
	DefaultSyncInterval = 300 // seconds
)

// Fabric is a fabric's record as NetBox stores it.
type Fabric struct {
	ID          int64
	URL         string // of the object in NetBox's REST API
	Name        string // unique in NetBox, case-sensitive
	Description string
	Lifecycle   string // NetBox's field "status"

	KubernetesServer    string // "" when none is configured
	KubernetesToken     string // secret
	TokenHidden         bool   // NetBox does not show the token
	KubernetesCACert    string // PEM, or ""
	KubernetesNamespace string

	SyncEnabled  bool
	SyncInterval int64 // seconds; 0 means no timer

	// Written by a sync.
	StoredSyncStatus string
	ConnectionStatus string
	LastSync         *time.Time // nil when never synced
	SyncError        string
	ConnectionError  string
	Counts           Counts

	Tags []Tag
	// CustomFields are the values of all custom fields that NetBox defines for
	// fabrics, by key (see [CustomField]).
	CustomFields map[string]CustomValue

	Created     time.Time // never changes: the fabric's creation stamp
	LastUpdated time.Time
}

// Counts are the numbers of imported objects that the last sync wrote.
type Counts struct {
	CachedCRDs        int64
	CachedVPCs        int64
	CachedConnections int64
	Connections       int64
	Servers           int64
	Switches          int64
	VPCs              int64
}

// Imported returns how many objects a delete of the fabric takes with it, as
// far as the counts tell: the total that a sync has cached, or the sum of the
// kinds that are counted where that is more.
func (c Counts) Imported() int64 {
	return max(c.CachedCRDs, c.Connections+c.Servers+c.Switches+c.VPCs)
}

// Tag is a NetBox tag on a fabric.
type Tag struct {
	ID   int64
	Name string
	Slug string
}

// Facts returns what the status rule needs of the record.
func (f *Fabric) Facts() Facts {
	return Facts{
		KubernetesServer: f.KubernetesServer,
		SyncEnabled:      f.SyncEnabled,
		SyncInterval:     f.SyncInterval,
		LastSync:         f.LastSync,
		SyncError:        f.SyncError,
		ConnectionError:  f.ConnectionError,
	}
}
