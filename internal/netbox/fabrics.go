package netbox

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

const fabricsPath = "/api/plugins/hedgehog/fabrics/"

// withoutDisplayURL goes with every request: the published plugin's serializers
// hold a field whose URL has no name, and answer 500 wherever it is rendered.
func withoutDisplayURL() url.Values { return url.Values{"omit": {"display_url"}} }

// Read is a fabric as an answer of NetBox carried it.
type Read struct {
	Fabric     fabric.Fabric
	ObservedAt time.Time // NetBox's time of the answer
	// LocalClock tells that the answer had no readable Date header, and that
	// ObservedAt is this machine's time instead.
	LocalClock bool
	// Tag is the entity tag for If-Match. It is empty where NetBox gave none
	// and the record has no last_updated.
	Tag string
}

// Fabrics reads and writes the plugin's fabrics.
type Fabrics struct{ client *Client }

// Fabrics returns the fabrics of this NetBox.
func (c *Client) Fabrics() *Fabrics { return &Fabrics{c} }

// Get reads one fabric by id. A fabric that does not exist, or that the token
// may not see, is a [*NotFoundError].
func (f *Fabrics) Get(ctx context.Context, id int64) (*Read, error) {
	if err := f.client.Check(ctx); err != nil {
		return nil, err
	}
	return f.get(ctx, id)
}

func (f *Fabrics) get(ctx context.Context, id int64) (*Read, error) {
	a, err := f.client.send(ctx, http.MethodGet, fabricPath(id), withoutDisplayURL(), nil, nil)
	if err != nil {
		return nil, err
	}
	return f.client.readFabric(a)
}

// FindByName reads the fabric with exactly this name. NetBox ignores filters on
// fabrics, so the list is searched here. No match is a [*NotFoundError].
func (f *Fabrics) FindByName(ctx context.Context, name string) (*Read, error) {
	if err := f.client.Check(ctx); err != nil {
		return nil, err
	}
	return f.findByName(ctx, name)
}

func (f *Fabrics) findByName(ctx context.Context, name string) (*Read, error) {
	for read, err := range f.walk(ctx) {
		if err != nil {
			return nil, err
		}
		if fabric.SameText(read.Fabric.Name, name) {
			return read, nil
		}
	}
	return nil, &NotFoundError{
		Request: Request{http.MethodGet, f.client.base.JoinPath(fabricsPath).String()},
		Detail:  fmt.Sprintf("no fabric that this API token can see is named %q", name),
	}
}

func fabricPath(id int64) string { return fabricsPath + strconv.FormatInt(id, 10) + "/" }

// readFabric decodes the answer to a request for a single fabric.
func (c *Client) readFabric(a *answer) (*Read, error) {
	var record fabricRecord
	if err := c.decode(a, &record); err != nil {
		return nil, err
	}
	if tag := a.header.Get("ETag"); tag != "" {
		c.seen.sawETag()
	}
	return c.newRead(record, a, a.header.Get("ETag")), nil
}

func (c *Client) newRead(record fabricRecord, a *answer, tag string) *Read {
	r := &Read{Fabric: fabric.Fabric(record), Tag: tag}
	// A token that NetBox sent must not come back in an error text either.
	c.secrets.add(r.Fabric.KubernetesToken)
	if r.Tag == "" {
		r.Tag = EntityTag(r.Fabric.LastUpdated)
	}
	date, ok := a.date()
	if r.ObservedAt = date; !ok {
		r.ObservedAt, r.LocalClock = time.Now().UTC(), true
	}
	return r
}

// EntityTag makes the tag that NetBox >= 4.6 gives a record for its
// last_updated: the ISO form that Python prints in UTC, which leaves
// microseconds out when they are zero. It is "" for no time.
func EntityTag(lastUpdated time.Time) string {
	if lastUpdated.IsZero() {
		return ""
	}
	layout := "2006-01-02T15:04:05.000000-07:00"
	if lastUpdated.Nanosecond()/1000 == 0 {
		layout = "2006-01-02T15:04:05-07:00"
	}
	return `W/"` + lastUpdated.UTC().Format(layout) + `"`
}

// page is one page of a list.
type page struct {
	Count   *int64         `json:"count"`
	Next    *string        `json:"next"`
	Results []fabricRecord `json:"results"`
}

// UnmarshalJSON implements json.Unmarshaler, so that a field error keeps its type.
func (p *page) UnmarshalJSON(raw []byte) error {
	d := fieldDecoder{}
	if err := json.Unmarshal(raw, &d.fields); err != nil || d.fields == nil {
		return &FieldError{"(all)", "is not a JSON object"}
	}
	d.into("count", &p.Count, optional)
	d.into("next", &p.Next, optional)
	var results []json.RawMessage
	d.into("results", &results, required)
	if d.err != nil {
		return d.err
	}
	p.Results = make([]fabricRecord, len(results))
	for i := range results {
		if err := p.Results[i].UnmarshalJSON(results[i]); err != nil {
			return err
		}
	}
	return nil
}

// Refresh is [Fabrics.ReadByID] of a fabric that is already known. Another fabric
// under its id is a [*BirthMarkError]. That it is not there is believed
// ([*NotFoundError]) only when a second read, by itself, says so too.
func (f *Fabrics) Refresh(ctx context.Context, id int64, mark Mark) (*Read, error) {
	read, err := f.ReadByID(ctx, id)
	if _, missing := asError[*NotFoundError](err); missing {
		read, err = f.get(ctx, id)
	}
	if err != nil {
		return nil, err
	}
	if err := mark.Matches(&read.Fabric); err != nil {
		return nil, err
	}
	return read, nil
}
