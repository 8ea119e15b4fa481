package netbox

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

const fabricsPath = "/api/plugins/hedgehog/fabrics/"

// withoutDisplayURL goes with every request: the published plugin's serializers
// hold a field whose URL has no name, and answer 500 wherever it is rendered.
func withoutDisplayURL() url.Values { return url.Values{"omit": {"display_url"}} }

// Read is a fabric as an answer of NetBox carried it.
type Read struct {
	Fabric     fabric.Fabric
	ObservedAt time.Time // NetBox's time of the answer
	// LocalClock reports that the answer had no readable Date header, so that
	// ObservedAt is this machine's time.
	LocalClock bool
}

// Fabrics reads and writes the plugin's fabrics.
type Fabrics struct{ client *Client }

// Fabrics returns the fabrics of this NetBox.
func (c *Client) Fabrics() *Fabrics { return &Fabrics{c} }

// Get reads one fabric by id. A fabric that does not exist, or that the token
// may not see, is a [*rest.NotFoundError].
func (f *Fabrics) Get(ctx context.Context, id int64) (*Read, error) {
	if err := f.client.Check(ctx); err != nil {
		return nil, err
	}
	return f.get(ctx, id)
}

func (f *Fabrics) get(ctx context.Context, id int64) (*Read, error) {
	a, err := f.client.rest.Get(ctx, fabricPath(id), withoutDisplayURL())
	if err != nil {
		return nil, err
	}
	return f.client.readFabric(a)
}

// FindByName is [Fabrics.ReadByName] for a read that stands alone: it reads the list
// until the name comes.
func (f *Fabrics) FindByName(ctx context.Context, name string) (*Read, error) {
	if err := f.client.Check(ctx); err != nil {
		return nil, err
	}
	return f.findByName(ctx, name)
}

func (f *Fabrics) findByName(ctx context.Context, name string) (*Read, error) {
	var alike []*Read
	for read, err := range f.All(ctx) {
		switch {
		case err != nil:
			return nil, err
		case read.Fabric.Name == name:
			return read, nil
		case fabric.SameText(read.Fabric.Name, name):
			alike = append(alike, read)
		}
	}
	switch len(alike) {
	case 0:
		return nil, f.notNamed(name)
	case 1:
		return alike[0], nil
	}
	e := &AmbiguousNameError{Name: name}
	for _, read := range alike {
		e.IDs = append(e.IDs, read.Fabric.ID)
	}
	return nil, e
}

func (f *Fabrics) notNamed(name string) error {
	return &rest.NotFoundError{
		Request: rest.Request{Method: http.MethodGet, URL: f.client.rest.URL(fabricsPath)},
		Detail:  fmt.Sprintf("no fabric that this API token can see is named %q", name),
	}
}

func fabricPath(id int64) string { return fabricsPath + strconv.FormatInt(id, 10) + "/" }

// readFabric decodes the answer to a request for a single fabric.
func (c *Client) readFabric(a *rest.Answer) (*Read, error) {
	var record fabricRecord
	if err := a.Decode(&record); err != nil {
		return nil, err
	}
	r := c.newRead(record, a)
	if sameVersion(a.Header.Get("ETag"), RevisionOf(&r.Fabric).EntityTag()) {
		c.entityTags.Store(true)
	}
	return r, nil
}

// sameVersion reports whether an entity tag is NetBox's of a version, as a proxy may
// have rewritten it: made strong, or with a suffix. A tag of a proxy's own, on a NetBox
// that has none, is another.
func sameVersion(tag, ofVersion string) bool {
	opaque := func(tag string) string { return strings.Trim(strings.TrimPrefix(tag, "W/"), `"`) }
	return ofVersion != "" && strings.HasPrefix(opaque(tag), opaque(ofVersion))
}

func (c *Client) newRead(record fabricRecord, a *rest.Answer) *Read {
	r := &Read{Fabric: fabric.Fabric(record)}
	c.setCustomTypes(r.Fabric.CustomFields)
	// A token that NetBox sent must not come back in an error text either.
	c.rest.KeepSecret(r.Fabric.KubernetesToken)
	r.ObservedAt, r.LocalClock = a.Observed()
	return r
}

// Refresh reads a fabric that is already known, for a plan. Refreshes share pages of
// the list: the answer may be up to a minute old. Another fabric under its id is a
// [*AnotherFabricError]. A missing fabric is a [*rest.NotFoundError] only when a second
// read, of that fabric alone, finds none either.
func (f *Fabrics) Refresh(ctx context.Context, id int64, revision Revision) (*Read, error) {
	if err := f.client.Check(ctx); err != nil {
		return nil, err
	}
	return f.Reread(ctx, id, revision)
}

// Reread is Refresh without the check of NetBox, for the plan of a removal: what the
// check would say, the removal says.
func (f *Fabrics) Reread(ctx context.Context, id int64, revision Revision) (*Read, error) {
	ctx, cancel := f.client.rest.WithDeadline(ctx)
	defer cancel()
	read := f.shared(ctx, id)
	if read == nil {
		var err error
		if read, err = f.get(ctx, id); err != nil {
			if _, missing := errors.AsType[*rest.NotFoundError](err); !missing {
				return nil, err
			}
			if read, err = f.get(ctx, id); err != nil {
				return nil, err
			}
		}
	}
	if err := revision.Matches(&read.Fabric); err != nil {
		return nil, err
	}
	return read, nil
}
