package fabric

import (
	"maps"
	"reflect"
)

// SyncFacts returns the values that only syncs write, by NetBox's field name. It leaves out
// the stored status, which users reset. [SameFacts] compares them.
func (f *Fabric) SyncFacts() map[string]any {
	facts := f.syncFields()
	delete(facts, "sync_status")
	if f.LastSync != nil {
		facts["last_sync"] = f.LastSync.UTC()
	}
	return facts
}

// SameFacts reports whether the record has the facts that another revision would have after
// a write of some values.
func (f *Fabric) SameFacts(other *Fabric, written map[string]any) bool {
	want := other.SyncFacts()
	maps.Copy(want, written)
	delete(want, "sync_status")
	return f.Holds(want)
}

// OnlyTouched reports whether two revisions of a record differ only in the time of the
// write.
func (f *Fabric) OnlyTouched(other *Fabric) bool {
	one, two := *f, *other
	one.LastUpdated = two.LastUpdated
	return reflect.DeepEqual(one, two)
}

// NeverContacted reports whether a record has the values of [ResetFacts], apart from a
// running sync's lock and its connection.
func (f *Fabric) NeverContacted() bool {
	return f.LastSync == nil && Blank(f.SyncError) && Blank(f.ConnectionError)
}

// SameCredentials reports whether two revisions have the same token and CA certificate.
func (f *Fabric) SameCredentials(other *Fabric) bool {
	return f.KubernetesToken == other.KubernetesToken && f.TokenHidden == other.TokenHidden &&
		Equal("kubernetes_ca_cert", f.KubernetesCACert, other.KubernetesCACert)
}
