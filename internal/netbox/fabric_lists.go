package netbox

import (
	"context"
	"iter"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

// All returns all fabrics that the token can see, ordered by id. The sequence stops at the
// first error.
func (f *Fabrics) All(ctx context.Context) iter.Seq2[*Read, error] {
	return allFabrics(ctx, f.client, f.client.scanRecords)
}

// Scheduled is a fabric with what decides when it is synced.
type Scheduled struct {
	// Fabric has no credentials, custom fields, counts or description: they would be nearly
	// all of a list's size and time. It has tags only in [Fabrics.ForStatus].
	Fabric     fabric.Fabric
	ObservedAt time.Time // as in Read
	LocalClock bool      // as in Read
}

// ForSchedule returns all fabrics that the token can see, ordered by id, with what decides
// when they are synced, and what their records say about that. The sequence stops at the first error.
func (f *Fabrics) ForSchedule(ctx context.Context) iter.Seq2[*Scheduled, error] {
	return allFabrics(ctx, f.client, func() *rest.Scan[*Scheduled] {
		return f.client.scanForSchedule(scheduleFields, func(*rest.Fields, *fabric.Fabric) {})
	})
}

// ForStatus is like [Fabrics.ForSchedule], but adds each fabric's tags and URL, for users.
func (f *Fabrics) ForStatus(ctx context.Context) iter.Seq2[*Scheduled, error] {
	return allFabrics(ctx, f.client, func() *rest.Scan[*Scheduled] {
		return f.client.scanForSchedule(scheduleFields+",url,tags", func(d *rest.Fields, f *fabric.Fabric) {
			f.URL, f.Tags = d.Text("url", rest.Optional), readTags(d)
		})
	})
}

// allFabrics returns all fabrics of a list scan.
func allFabrics[T any](ctx context.Context, c *Client, scan func() *rest.Scan[T]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		if err := c.Check(ctx); err != nil {
			var none T
			yield(none, err)
			return
		}
		scan().All(ctx)(yield)
	}
}

// fabricList returns the list of fabrics with some of their fields; "" means all.
func fabricList[T any](c *Client, fields string, decode func(*rest.Answer, []byte) (T, error)) *rest.List[T] {
	query := withoutDisplayURL()
	if fields != "" {
		query.Set("fields", fields)
	}
	return &rest.List[T]{Client: c.rest, Path: fabricsPath, Query: query, Decode: decode}
}

// scanRecords returns a list scan of the fabrics with all of their fields.
func (c *Client) scanRecords() *rest.Scan[*Read] {
	list := fabricList(c, "", func(a *rest.Answer, raw []byte) (*Read, error) {
		var record fabricRecord
		if err := record.UnmarshalJSON(raw); err != nil {
			return nil, err
		}
		return c.newRead(record, a), nil
	})
	return list.Scan(func(r *Read) int64 { return r.Fabric.ID })
}

func (c *Client) scanForSchedule(fields string, more func(*rest.Fields, *fabric.Fabric)) *rest.Scan[*Scheduled] {
	list := fabricList(c, fields, func(a *rest.Answer, raw []byte) (*Scheduled, error) {
		d, err := rest.ReadFields(raw)
		if err != nil {
			return nil, err
		}
		t := &Scheduled{}
		readScheduleFields(d, &t.Fabric)
		more(d, &t.Fabric)
		t.ObservedAt, t.LocalClock = a.Observed()
		return t, d.Err()
	})
	return list.Scan(func(t *Scheduled) int64 { return t.Fabric.ID })
}

func (c *Client) scanNames() *rest.Scan[named] {
	list := fabricList(c, "id,name", func(_ *rest.Answer, raw []byte) (named, error) {
		d, err := rest.ReadFields(raw)
		if err != nil {
			return named{}, err
		}
		return named{d.Integer("id", rest.Required), d.Text("name", rest.Required)}, d.Err()
	})
	return list.Scan(func(n named) int64 { return n.ID })
}
