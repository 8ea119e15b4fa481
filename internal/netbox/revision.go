package netbox

import (
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

// Revision identifies a fabric beyond its id, and the version that was read.
type Revision struct {
	Created     time.Time // creation stamp; zero if not known
	LastUpdated time.Time // of the version that was read; zero if not known, or null in NetBox
}

// RevisionOf returns the revision of a fabric that was read.
func RevisionOf(f *fabric.Fabric) Revision { return Revision{f.Created, f.LastUpdated} }

// Matches compares creation stamps. For another fabric under the same id it returns an
// [*AnotherFabricError]. A revision without a stamp matches any fabric.
func (r Revision) Matches(f *fabric.Fabric) error {
	if r.Created.IsZero() || sameStamp(r.Created, f.Created) {
		return nil
	}
	return &AnotherFabricError{
		ID: f.ID, Name: f.Name,
		Expected: r.Created.UTC().Format(time.RFC3339Nano), Present: f.Created.UTC().Format(time.RFC3339Nano),
	}
}

// sameStamp reports whether two creation stamps under an id are those of one fabric. NetBox
// Branching cuts a stamp to whole milliseconds when it creates a fabric again in a merge, a
// sync of a branch or a revert.
func sameStamp(a, b time.Time) bool {
	cut, other := a.Truncate(time.Millisecond), b.Truncate(time.Millisecond)
	return a.Equal(b) || cut.Equal(other) && (a.Equal(cut) || b.Equal(other))
}

// EntityTag returns the tag of a record in NetBox >= 4.6, which If-Match must name exactly.
// NetBox makes it from last_updated, or from created if that is null. It is "" for the zero
// revision.
//
// The ETag header of an answer cannot be used instead: proxies rewrite it (Apache's
// mod_deflate adds "-gzip") and don't restore it in If-Match.
func (r Revision) EntityTag() string {
	version := r.LastUpdated
	if version.IsZero() {
		version = r.Created
	}
	if version.IsZero() {
		return ""
	}
	// Python's ISO form of a time in UTC leaves out zero microseconds.
	layout := "2006-01-02T15:04:05.000000-07:00"
	if version.Nanosecond()/1000 == 0 {
		layout = "2006-01-02T15:04:05-07:00"
	}
	return `W/"` + version.UTC().Format(layout) + `"`
}
