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

// The fields of a list of objects. "display" is left out because it names the fabric of
// each object. If one of these fabrics is being deleted at that moment, NetBox answers 500
// DoesNotExist (seen on 4.7.3).
const (
	objectIDs      = "id,last_updated"
	objectVersions = "id,fabric,name,namespace,kubernetes_status,kubernetes_uid,kubernetes_resource_version," +
		"sync_error,last_updated"
	objectContents = objectVersions + ",spec,labels,annotations"
)

// objectList is a list of objects to be read page by page.
type objectList struct {
	objects  *Objects
	fabricID int64  // 0 for the objects of all fabrics
	fields   string // objectIDs, objectVersions or objectContents
}

// All returns the objects of a fabric that the token can see, ordered by id,
// from NetBox now. The sequence stops at the first error. A fabric that does not exist has no
// objects, or is a [*rest.NotFoundError] if NetBox filters the list.
func (o *Objects) All(ctx context.Context, fabricID int64) iter.Seq2[StoredObject, error] {
	return objectList{o, fabricID, objectContents}.all(ctx)
}

var (
	inOrderOfIDs = rest.Order[StoredObject]{
		Ordering: "id", ID: idOfObject,
		Follows: func(a, b *StoredObject) bool { return a.ID > b.ID },
	}
	// newestFirst begins with the objects whose last_updated is null, like PostgreSQL.
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

// all returns the list's objects ordered by id.
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

// pages returns the list page by page. Each page leaves out what the pages before it had.
// The first has at most so many objects.
//
// Unless an administrator has added filters, the plugin can neither filter these lists nor
// page them by cursor. They shift when another fabric is synced, for example.
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

// list returns the list for requests.
func (l objectList) list() *rest.List[StoredObject] {
	// "fields" also leaves out display_url. A write must not send it, since it would limit
	// what is written.
	query := url.Values{"fields": {l.fields}}
	if l.fabricID != 0 {
		// The published plugin ignores both filters. An administrator can add them.
		id := strconv.FormatInt(l.fabricID, 10)
		query["fabric"], query["fabric_id"] = []string{id}, []string{id}
	}
	var form canonicalJSON // its memory is reused for each object
	return &rest.List[StoredObject]{
		Client: l.objects.client.rest, Path: l.objects.path, Query: query,
		Decode: func(_ *rest.Answer, raw []byte) (stored StoredObject, err error) {
			err = stored.read(raw, l.fields, &form)
			return stored, err
		},
	}
}

// refused returns the error for a fabric that does not exist if that is why NetBox refuses
// the list: a filter then answers 400.
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

// read decodes an object with certain fields. Its error is a [*rest.FieldError].
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

// anything returns a field that may contain any JSON.
func anything(d *rest.Fields, field string) json.RawMessage {
	raw, there := d.Raw(field)
	if !there {
		d.Fail(field, "is missing")
	}
	return raw
}
