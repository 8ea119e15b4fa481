package netbox

import (
	"context"
	"maps"
	"net/http"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

// SyncWrite is a write of a sync's findings to a fabric's record.
type SyncWrite struct {
	ID       int64
	Revision Revision // of the version to overwrite
	// Set are the values to send, by NetBox's field name. Secrets that the client has
	// handled are masked in them.
	Set map[string]any
	// MayFollow reports whether the write may overwrite a version that another user has
	// written in the meantime. Its error ends the write and is returned unchanged.
	MayFollow func(*Read) error
}

// WriteSync writes to a fabric's record with If-Match and returns the fabric from NetBox's
// answer. A write of unknown outcome is verified. It returns the same errors as
// [Fabrics.Update], but no conflicts.
func (f *Fabrics) WriteSync(ctx context.Context, s SyncWrite) (*Read, error) {
	if err := f.client.Check(ctx); err != nil {
		return nil, err
	}
	set := maps.Clone(s.Set)
	for _, field := range []string{"sync_error", "connection_error"} { // the others are choices
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
