package netbox

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/url"
	"strconv"
	"time"

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
	*Objects
	fabricID int64  // 0 for the objects of all fabrics
	fields   string // objectIDs, objectVersions or objectContents
}

// All returns the objects of one fabric that the token may see, in the order of their
// ids, from NetBox now. It ends with the first error. A fabric that does not exist has
// none, or is a [*rest.NotFoundError] where NetBox filters the list.
func (o *Objects) All(ctx context.Context, fabricID int64) iter.Seq2[StoredObject, error] {
	return objectList{o, fabricID, objectContents}.all(ctx)
}

// objectOrder is an order in which a list of objects is read.
type objectOrder struct {
	ordering string
	follows  func(a, b *StoredObject) bool // a comes after b
}

var (
	inOrderOfIDs = objectOrder{"id", func(a, b *StoredObject) bool { return a.ID > b.ID }}
	// newestFirst begins with the objects whose last_updated is null, as PostgreSQL does.
	newestFirst = objectOrder{"-last_updated,-id", func(a, b *StoredObject) bool {
		if a.LastUpdated.Equal(b.LastUpdated) {
			return a.ID < b.ID
		}
		return b.LastUpdated.IsZero() || !a.LastUpdated.IsZero() && a.LastUpdated.Before(b.LastUpdated)
	}}
)

// all returns the list's objects in the order of their ids.
func (l objectList) all(ctx context.Context) iter.Seq2[StoredObject, error] {
	return func(yield func(StoredObject, error) bool) {
		for page, err := range l.pages(ctx, inOrderOfIDs, maxPageSize) {
			if err != nil {
				yield(StoredObject{}, err)
				return
			}
			for _, stored := range page.results {
				if (l.fabricID == 0 || stored.Fabric == l.fabricID) && !yield(stored, nil) {
					return
				}
			}
		}
	}
}

// maxIdlePages is how many pages in a row may have nothing that was not read before.
const maxIdlePages = 20

// pages returns the list page by page, each without what the ones before had. The first
// has at most so many objects.
//
// Without a filter of the administrator's, the plugin can neither filter these lists nor
// page them by cursor. Pages by offset shift. Where objects come in front of the position,
// pages repeat what was read. Where objects in front of it are removed, by the sync of
// another fabric, say, something would be left out: so each page overlaps the one before
// by an object, and where that is no longer in its place, it is looked for further in
// front.
func (l objectList) pages(ctx context.Context, order objectOrder, limit pageSize) iter.Seq2[*objectPage, error] {
	return func(yield func(*objectPage, error) bool) {
		if err := l.client.Check(ctx); err != nil {
			yield(nil, err)
			return
		}
		var last StoredObject // of those that were read
		idle, reduced := 0, false
		for offset, size := 0, 0; ; {
			page, err := l.page(ctx, order.ordering, offset, limit)
			if limit.smaller(err) {
				reduced = true
				continue
			}
			if err == nil {
				err = page.inOrder(order)
			}
			if err != nil {
				yield(nil, err)
				return
			}
			if offset > 0 && (len(page.results) == 0 || order.follows(&page.results[0], &last)) {
				offset = max(0, offset-(size+1)/2)
				continue
			}
			if size = len(page.results); !reduced {
				limit = maxPageSize
			}
			for last.ID != 0 && len(page.results) > 0 && !order.follows(&page.results[0], &last) {
				page.results = page.results[1:]
			}
			if idle++; len(page.results) > 0 {
				idle, last = 0, page.results[len(page.results)-1]
			}
			switch {
			case !yield(page, nil), page.next == nil:
				return
			case idle > maxIdlePages, idle > 0 && size < 2:
				yield(nil, &PagingError{"a page leads no further although another is to follow"})
				return
			}
			offset += size - 1
		}
	}
}

// page reads one page in an order.
func (l objectList) page(ctx context.Context, ordering string, offset int, limit pageSize) (*objectPage, error) {
	// "fields" leaves display_url out as well; a write must not send it, since it
	// would limit what is written.
	query := url.Values{"ordering": {ordering}, "limit": {limit.String()}, "fields": {l.fields}}
	if l.fabricID != 0 {
		// The published plugin ignores both. An administrator can add either filter.
		id := strconv.FormatInt(l.fabricID, 10)
		query["fabric"], query["fabric_id"] = []string{id}, []string{id}
	}
	if offset > 0 {
		query.Set("offset", strconv.Itoa(offset))
	}
	a, err := l.client.rest.Get(ctx, l.path, query)
	if err != nil {
		return nil, l.refused(err)
	}
	page := &objectPage{fields: l.fields}
	page.date, _ = a.Date()
	return page, a.DecodeWith(page.read)
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

// objectPage is one page of a list of objects.
type objectPage struct {
	fields  string    // that its objects come with
	date    time.Time // of the answer, by NetBox's clock; zero where it has none
	count   *int64    // of the whole list
	next    *string
	results []StoredObject
}

func (p *objectPage) inOrder(order objectOrder) error {
	for i := 1; i < len(p.results); i++ {
		if !order.follows(&p.results[i], &p.results[i-1]) {
			return &PagingError{fmt.Sprintf("the list is not in the order %s at id %d", order.ordering,
				p.results[i].ID)}
		}
	}
	return nil
}

// read decodes a page, one object after the other, so that no more than one spec is in
// memory beside the answer. What is wrong with a field is a [*rest.FieldError].
func (p *objectPage) read(body []byte) error {
	d := json.NewDecoder(bytes.NewReader(body))
	switch start, err := d.Token(); {
	case err != nil:
		return err
	case start != json.Delim('{'):
		return &rest.FieldError{Field: rest.WholeRecord, Problem: "is not a JSON object"}
	}
	listed := false
	fields := map[string]json.RawMessage{}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return err
		}
		if key == "results" {
			listed = true
			if err := p.readResults(d); err != nil {
				return err
			}
			continue
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return err
		}
		if name, ok := key.(string); ok {
			fields[name] = value
		}
	}
	if _, err := d.Token(); err != nil {
		return err
	}
	d2 := rest.FieldsOf(fields)
	d2.Into("count", &p.count, rest.Optional)
	d2.Into("next", &p.next, rest.Optional)
	switch {
	case d2.Err() != nil:
		return d2.Err()
	case !listed:
		return &rest.FieldError{Field: "results", Problem: "is missing"}
	}
	return nil
}

func (p *objectPage) readResults(d *json.Decoder) error {
	switch start, err := d.Token(); {
	case err != nil:
		return err
	case start != json.Delim('['):
		return &rest.FieldError{Field: "results", Problem: "is not a list"}
	}
	var raw json.RawMessage // its memory is used for one object after the other
	var form canonicalJSON  // and so is its
	for d.More() {
		if err := d.Decode(&raw); err != nil {
			return err
		}
		var stored StoredObject
		if err := stored.read(raw, p.fields, &form); err != nil {
			return err
		}
		p.results = append(p.results, stored)
	}
	_, err := d.Token()
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
