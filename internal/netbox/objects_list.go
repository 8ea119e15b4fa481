package netbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/url"
	"strconv"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

// What a list of objects is asked for. "display" is left out because it names the
// fabric of each object: where one of the list is being deleted in that moment, NetBox
// answers 500 DoesNotExist (seen on 4.7.3).
const (
	objectIDs      = "id,last_updated"
	objectVersions = "id,fabric,name,namespace,kubernetes_status,kubernetes_uid,kubernetes_resource_version," +
		"sync_error,last_updated"
	objectContents = objectVersions + ",spec,labels,annotations"
)

// objectList is a list of objects that is read page by page.
type objectList struct {
	objects  *Objects
	fabricID int64  // 0 for the objects of all fabrics
	fields   string // objectIDs, objectVersions or objectContents
}

// All returns the objects of one fabric that the token may see, in the order of their
// ids, from NetBox now. It ends with the first error. A fabric that does not exist has
// none, or is a [*rest.NotFoundError] where NetBox filters the list.
func (o *Objects) All(ctx context.Context, fabricID int64) iter.Seq2[StoredObject, error] {
	return objectList{o, fabricID, objectContents}.all(ctx)
}

var (
	inOrderOfIDs = rest.Order[StoredObject]{
		Ordering: "id", ID: idOfObject,
		Follows: func(a, b *StoredObject) bool { return a.ID > b.ID },
	}
	// newestFirst begins with the objects whose last_updated is null, as PostgreSQL does.
	newestFirst = rest.Order[StoredObject]{
		Ordering: "-last_updated,-id", ID: idOfObject,
		Follows: func(a, b *StoredObject) bool {
			if a.LastUpdated.Equal(b.LastUpdated) {
				return a.ID < b.ID
			}
			return b.LastUpdated.IsZero() || !a.LastUpdated.IsZero() && a.LastUpdated.Before(b.LastUpdated)
		},
	}
)

func idOfObject(o *StoredObject) int64 { return o.ID }

// all returns the list's objects in the order of their ids.
func (l objectList) all(ctx context.Context) iter.Seq2[StoredObject, error] {
	return func(yield func(StoredObject, error) bool) {
		for page, err := range l.pages(ctx, inOrderOfIDs, rest.MaxPageSize) {
			if err != nil {
				yield(StoredObject{}, err)
				return
			}
			for _, stored := range page.Records {
				if (l.fabricID == 0 || stored.Fabric == l.fabricID) && !yield(stored, nil) {
					return
				}
			}
		}
	}
}

// pages returns the list page by page, each without what the ones before had. The first
// has at most so many objects.
//
// Without a filter of the administrator's, the plugin can neither filter these lists nor
// page them by cursor. They shift, by the sync of another fabric, say.
func (l objectList) pages(ctx context.Context, order rest.Order[StoredObject], first rest.PageSize) iter.Seq2[
	*objectPage, error] {
	return func(yield func(*objectPage, error) bool) {
		if err := l.objects.client.Check(ctx); err != nil {
			yield(nil, err)
			return
		}
		for page, err := range l.list().Pages(ctx, order, first) {
			if !yield(page, l.refused(err)) {
				return
			}
		}
	}
}

type objectPage = rest.Page[StoredObject]

// list returns the list as a request for it is made.
func (l objectList) list() *rest.List[StoredObject] {
	// "fields" leaves display_url out as well; a write must not send it, since it
	// would limit what is written.
	query := url.Values{"fields": {l.fields}}
	if l.fabricID != 0 {
		// The published plugin ignores both. An administrator can add either filter.
		id := strconv.FormatInt(l.fabricID, 10)
		query["fabric"], query["fabric_id"] = []string{id}, []string{id}
	}
	var form canonicalJSON // its memory is used for one object after the other
	return &rest.List[StoredObject]{
		Client: l.objects.client.rest, Path: l.objects.path, Query: query,
		Decode: func(_ *rest.Answer, raw []byte) (stored StoredObject, err error) {
			err = stored.read(raw, l.fields, &form)
			return stored, err
		},
	}
}

// refused returns the error of a fabric that does not exist, where that is why NetBox
// refuses the list: a filter answers 400 then.
func (l objectList) refused(err error) error {
	invalid, ok := errors.AsType[*rest.InvalidError](err)
	if !ok || l.fabricID == 0 {
		return err
	}
	for _, field := range []string{"fabric", "fabric_id"} {
		if len(invalid.Fields[field]) > 0 {
			return &rest.NotFoundError{
				Request: invalid.Request,
				Detail:  fmt.Sprintf("NetBox has no fabric with the id %d (%s)", l.fabricID, invalid.Reason()),
			}
		}
	}
	return err
}

// read decodes an object that comes with certain fields. What is wrong with one is a
// [*rest.FieldError].
func (s *StoredObject) read(raw []byte, fields string, form *canonicalJSON) error {
	d, err := rest.ReadFields(raw)
	if err != nil {
		return err
	}
	*s = StoredObject{ID: d.Integer("id", rest.Required)}
	if fields != objectIDs {
		s.Fabric = d.Reference("fabric")
		s.Namespace, s.Name = d.Text("namespace", rest.Nullable), d.Text("name", rest.Required)
		s.Status, s.UID = d.Choice("kubernetes_status"), d.Text("kubernetes_uid", rest.Nullable)
		s.ResourceVersion = d.Text("kubernetes_resource_version", rest.Nullable)
		s.SyncError = d.Text("sync_error", rest.Nullable)
	}
	if fields == objectContents {
		s.Content = form.content(anything(d, "spec"), anything(d, "labels"), anything(d, "annotations"))
	}
	if updated := d.Instant("last_updated", rest.Nullable); updated != nil {
		s.LastUpdated = *updated
	}
	return d.Err()
}

// anything returns a field that may hold any JSON.
func anything(d *rest.Fields, field string) json.RawMessage {
	raw, there := d.Raw(field)
	if !there {
		d.Fail(field, "is missing")
	}
	return raw
}
