package netbox

import (
	"context"
	"maps"
	"net/http"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

// SyncWrite is a write of what a sync found out to a fabric's own record.
type SyncWrite struct {
	ID       int64
	Revision Revision // of the version that is written over
	// Set are the values to send, by NetBox's field name. Secrets that the client
	// has handled are masked in its texts.
	Set map[string]any
	// MayFollow reports whether the write may go over a version that another user has
	// written since. Its error ends the write, and is returned as it is.
	MayFollow func(*Read) error
}

// WriteSync writes to a fabric's record with If-Match and returns the fabric as
// NetBox answered. A write of unknown outcome is verified by reading. The other errors
// are those of [Fabrics.Update], without conflicts.
func (f *Fabrics) WriteSync(ctx context.Context, s SyncWrite) (*Read, error) {
	if err := f.client.Check(ctx); err != nil {
		return nil, err
	}
	set := maps.Clone(s.Set)
	for _, field := range []string{"sync_error", "connection_error"} { // the others are values of a choice
		if text, ok := set[field].(string); ok {
			set[field] = f.client.rest.Mask(text)
		}
	}
	w := guardedWrite{
		fabrics: f, id: s.ID, revision: s.Revision, ownOnly: true,
		method: http.MethodPatch, body: f.client.body(ctx, set),
	}
	over := s.Revision.LastUpdated
	w.judge = func(current *Read) (fabric.Verdict, error) {
		if current.Fabric.LastUpdated.Equal(over) {
			return fabric.NotYet, nil
		}
		if w.sent.unknown != nil && current.Fabric.Holds(set) {
			return fabric.AsPlanned, nil
		}
		if err := s.MayFollow(current); err != nil {
			return fabric.Conflict, err
		}
		over = current.Fabric.LastUpdated
		return fabric.NotYet, nil
	}
	return w.run(ctx)
}
