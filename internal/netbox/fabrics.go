package netbox

import (
	"context"
	"strings"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

// Fabrics reads and writes the plugin's fabrics.
type Fabrics struct{ client *Client }

// Fabrics returns the fabrics of this NetBox.
func (c *Client) Fabrics() *Fabrics { return &Fabrics{c} }

// Get reads a fabric by id. If it does not exist, or the token cannot see it, the error is
// a [*rest.NotFoundError].
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

// sameVersion reports whether an entity tag is NetBox's tag of a version, perhaps changed
// by a proxy: made strong, or with a suffix. A proxy's own tag, on a NetBox without tags,
// is not.
func sameVersion(tag, ofVersion string) bool {
	opaque := func(tag string) string { return strings.Trim(strings.TrimPrefix(tag, "W/"), `"`) }
	return ofVersion != "" && strings.HasPrefix(opaque(tag), opaque(ofVersion))
}

func (c *Client) newRead(record fabricRecord, a *rest.Answer) *Read {
	r := &Read{Fabric: fabric.Fabric(record)}
	c.setCustomTypes(r.Fabric.CustomFields)
	// A token that NetBox sent must not appear in an error text either.
	c.rest.KeepSecret(r.Fabric.KubernetesToken)
	r.ObservedAt, r.LocalClock = a.Observed()
	return r
}
