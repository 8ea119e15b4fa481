package netbox

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

const pluginPath = "/api/plugins/hedgehog/"

// storedObjectFields are what a list of objects is asked for: a sync compares
// versions, so the specs, which are most of an object, stay where they are. And
// "display" names the fabric of each object: where one of the list is being deleted
// in that moment, NetBox answers 500 DoesNotExist (seen on 4.7.3).
const storedObjectFields = "id,fabric,name,namespace,kubernetes_status,kubernetes_uid,kubernetes_resource_version,sync_error"

// Statuses that NetBox's plugin knows of a Kubernetes object, as far as a sync
// writes them. The others are unknown, pending, applied and error.
const (
	ObjectLive     = "live"
	ObjectDeleting = "deleting"
)

// StoredObject is what NetBox holds of a Kubernetes object, without its content.
type StoredObject struct {
	ID              int64
	Fabric          int64 // id of the fabric that it belongs to
	Namespace, Name string
	Status          string // kubernetes_status
	UID             string // "" when it was never in a cluster
	ResourceVersion string
	SyncError       string
}

// Objects reads and writes the plugin's copies of Kubernetes objects of one
// kind. Within a fabric, namespace and name identify them.
type Objects struct {
	client *Client
	path   string
}

// Objects returns the objects of a kind, of all fabrics.
func (c *Client) Objects(kind fabric.Kind) *Objects {
	return &Objects{c, pluginPath + kind.Endpoint + "/"}
}

// All returns the objects of one fabric that the token may see, in the order of
// their ids. It ends with the first error.
func (o *Objects) All(ctx context.Context, fabricID int64) iter.Seq2[StoredObject, error] {
	return func(yield func(StoredObject, error) bool) {
		for stored, err := range o.ofAllFabrics(ctx) {
			if (err != nil || stored.Fabric == fabricID) && !yield(stored, err) {
				return
			}
		}
	}
}

// ofAllFabrics returns the objects of all fabrics in the order of their ids.
//
// The plugin can neither filter these lists nor page them by cursor. Pages by
// offset shift when objects before them are removed meanwhile, by the sync of
// another fabric, say: each overlaps the one before by an object, and where that
// is no longer in its place, it is looked for further in front.
func (o *Objects) ofAllFabrics(ctx context.Context) iter.Seq2[StoredObject, error] {
	return func(yield func(StoredObject, error) bool) {
		if err := o.client.Check(ctx); err != nil {
			yield(StoredObject{}, err)
			return
		}
		limit, last := maxPageSize, int64(0) // no object past this id has been seen
		for offset, size := 0, 0; ; {
			page, err := o.page(ctx, offset, limit)
			if limit.smaller(err) {
				continue
			}
			if err == nil {
				err = page.inOrder()
			}
			if err != nil {
				yield(StoredObject{}, err)
				return
			}
			if offset > 0 && (len(page.results) == 0 || page.results[0].ID > last) {
				offset = max(0, offset-(size+1)/2)
				continue
			}
			before := last
			size = len(page.results)
			for _, stored := range page.results {
				if stored.ID <= last {
					continue
				}
				last = stored.ID
				if !yield(stored, nil) {
					return
				}
			}
			switch {
			case page.next == nil:
				return
			case last == before:
				yield(StoredObject{}, &PagingError{"a page leads no further although another is to follow"})
				return
			}
			offset += size - 1
		}
	}
}

// objectPage is one page of a list of objects.
type objectPage struct {
	next    *string
	results []StoredObject
}

func (o *Objects) page(ctx context.Context, offset int, limit pageSize) (*objectPage, error) {
	// "fields" leaves display_url out as well; a write must not send it, since it
	// would limit what is written.
	query := url.Values{"ordering": {"id"}, "limit": {limit.String()}, "fields": {storedObjectFields}}
	if offset > 0 {
		query.Set("offset", strconv.Itoa(offset))
	}
	a, err := o.client.send(ctx, http.MethodGet, o.path, query, nil, nil)
	if err != nil {
		return nil, err
	}
	page := &objectPage{}
	return page, o.client.decode(a, page)
}

func (p *objectPage) inOrder() error {
	for i := 1; i < len(p.results); i++ {
		if p.results[i].ID <= p.results[i-1].ID {
			return &PagingError{fmt.Sprintf("the list is not in the order of ids at id %d", p.results[i].ID)}
		}
	}
	return nil
}

// UnmarshalJSON implements json.Unmarshaler. Its error is a [*FieldError].
func (p *objectPage) UnmarshalJSON(raw []byte) error {
	d := fieldDecoder{}
	if err := json.Unmarshal(raw, &d.fields); err != nil || d.fields == nil {
		return &FieldError{whole, "is not a JSON object"}
	}
	d.into("next", &p.next, optional)
	var results []json.RawMessage
	d.into("results", &results, required)
	if d.err != nil {
		return d.err
	}
	p.results = make([]StoredObject, len(results))
	for i, raw := range results {
		if err := p.results[i].UnmarshalJSON(raw); err != nil {
			return err
		}
	}
	return nil
}

// UnmarshalJSON implements json.Unmarshaler. Its error is a [*FieldError].
func (s *StoredObject) UnmarshalJSON(raw []byte) error {
	d := fieldDecoder{}
	if err := json.Unmarshal(raw, &d.fields); err != nil || d.fields == nil {
		return &FieldError{whole, "is not a JSON object"}
	}
	*s = StoredObject{
		ID: d.integer("id"), Fabric: d.reference("fabric"),
		Namespace: d.text("namespace", nullable), Name: d.text("name", required),
		Status: d.choice("kubernetes_status"), UID: d.text("kubernetes_uid", nullable),
		ResourceVersion: d.text("kubernetes_resource_version", nullable), SyncError: d.text("sync_error", nullable),
	}
	if d.err != nil {
		return d.err
	}
	return nil
}

// reference reads a related object, which NetBox's serializers give by its id or
// as an object with it.
func (d *fieldDecoder) reference(field string) int64 {
	var nested struct {
		ID *int64 `json:"id"`
	}
	if raw := d.fields[field]; bytes.HasPrefix(raw, []byte("{")) && json.Unmarshal(raw, &nested) == nil && nested.ID != nil {
		return *nested.ID
	}
	return d.integer(field)
}

// ObjectWrite is a Kubernetes object as it is to be stored.
type ObjectWrite struct {
	ID              int64 // of the stored object; not used by a create
	Namespace, Name string
	// Spec is the content. NetBox refuses an empty one. Nil leaves the stored one
	// as it is, which only an update can.
	Spec                map[string]any
	Labels, Annotations map[string]string
	Status              string // kubernetes_status
	UID                 string
	ResourceVersion     string
	LastSynced          time.Time
	SyncError           string
}

// body is what is sent of an object.
func (w *ObjectWrite) body() map[string]any {
	orEmpty := func(m map[string]string) map[string]string {
		if m == nil {
			return map[string]string{} // NetBox refuses null
		}
		return m
	}
	body := map[string]any{
		"labels": orEmpty(w.Labels), "annotations": orEmpty(w.Annotations), "kubernetes_status": w.Status,
		"kubernetes_uid": w.UID, "kubernetes_resource_version": w.ResourceVersion,
		"last_synced": w.LastSynced.UTC(), "sync_error": w.SyncError,
	}
	if w.Spec != nil {
		body["spec"] = w.Spec
	}
	return body
}

// is tells whether NetBox holds what was to be written.
func (w *ObjectWrite) is(stored *StoredObject) bool {
	return stored != nil && stored.ResourceVersion == w.ResourceVersion && stored.UID == w.UID &&
		stored.Status == w.Status && fabric.Trim(stored.SyncError) == fabric.Trim(w.SyncError)
}
