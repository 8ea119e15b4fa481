package synccmd

import (
	"encoding/json"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netbox"
)

const (
	// maxKept is the limit for the strings of the records that a watch keeps, in bytes. A
	// fabric whose record is not kept is read again when its sync begins.
	maxKept = 64 << 20
	// recordSize is the approximate size of a record without its strings, in bytes.
	recordSize = 1 << 10
)

// recordCache keeps the records that syncs have written, with their credentials, so that
// the next sync need not read them.
type recordCache struct{ size int }

// keep keeps the record of a fabric if there is room for it.
func (c *recordCache) keep(w *watched, record *netbox.Read) {
	c.drop(w)
	if size := sizeOf(record); c.size+size <= maxKept {
		w.record = record
		c.size += size
	}
}

// drop drops the record of a fabric.
func (c *recordCache) drop(w *watched) {
	if w.record != nil {
		c.size -= sizeOf(w.record)
		w.record = nil
	}
}

// sizeOf returns the approximate size of a record in memory, in bytes.
func sizeOf(record *netbox.Read) int {
	f := &record.Fabric
	size := recordSize + len(f.KubernetesToken) + len(f.KubernetesCACert) + len(f.Description) + len(f.SyncError) +
		len(f.ConnectionError)
	for _, tag := range f.Tags {
		size += len(tag.Name) + len(tag.Slug)
	}
	if len(f.CustomFields) > 0 {
		custom, _ := json.Marshal(f.CustomFields) // as JSON it came
		size += len(custom)
	}
	return size
}
