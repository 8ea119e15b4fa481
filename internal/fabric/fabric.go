// Package fabric implements the rules about Hedgehog fabrics. It is pure: no network, no clock, no
// Terraform. All other packages use its rules and have none of their own.
package fabric

import "time"

// Lifecycle statuses of a fabric, as the NetBox plugin defines them.
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

// Sync statuses that NetBox stores. They are what a sync or a user wrote at some time. For
// the status now, see [SyncStatus].
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

// Defaults of the NetBox plugin for a new fabric.
const (
	DefaultLifecycle    = LifecyclePlanned
	DefaultNamespace    = "default"
	DefaultSyncEnabled  = true
	DefaultSyncInterval = 300 // seconds
)

// Fabric is a fabric's record in NetBox.
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
	SyncInterval int64 // seconds; 0 means no interval

	// Fields that a sync writes.
	StoredSyncStatus string
	ConnectionStatus string
	LastSync         *time.Time // nil if it was never synced
	SyncError        string
	ConnectionError  string
	Counts           Counts

	Tags []Tag
	// CustomFields are the values of all custom fields that NetBox defines for fabrics, by
	// key (see [CustomField]).
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

// Imported returns how many objects a delete of the fabric deletes with it, as far as the
// counts show: the larger of the total that a sync has cached and the sum of the counts by
// kind.
func (c Counts) Imported() int64 {
	return max(c.CachedCRDs, c.Connections+c.Servers+c.Switches+c.VPCs)
}

// Tag is a NetBox tag on a fabric.
type Tag struct {
	ID   int64
	Name string
	Slug string
}

// Facts returns the part of the record from which the status follows.
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
