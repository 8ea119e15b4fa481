package netbox

import (
	"context"
	"errors"
	"net/url"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

const (
	// maxCounted limits how many imported objects are read to count them: about 30
	// requests.
	maxCounted = 20_000
	// singleCounts is how many fabrics are counted one by one if NetBox filters. For more
	// fabrics, the objects of all fabrics are read.
	singleCounts = 3
)

var (
	// errTooManyObjects means that NetBox has too many imported objects to read them all
	// for a count.
	errTooManyObjects = errors.New("there are too many imported objects to count them")
	// errUnfiltered means that a list has objects of other fabrics than the one asked for.
	errUnfiltered = errors.New("the list is not filtered by fabric")
)

// StoredObjects returns how many imported objects NetBox stores for a fabric. If an
// administrator has added a filter by fabric, NetBox counts them. Otherwise, the objects of
// all fabrics are read, once for all callers. More than 20,000 are an error then.
func (c *Client) StoredObjects(ctx context.Context, fabricID int64) (int64, error) {
	if counts := c.objectCounts.Load(); counts != nil {
		return (*counts)[fabricID], nil
	}
	if c.countedAlone.Add(1) <= singleCounts {
		if n, err := c.countFiltered(ctx, fabricID); !errors.Is(err, errUnfiltered) {
			return n, err
		}
	}
	err := c.rest.Singleflight(ctx, "object counts", c.countForAll)
	if errors.Is(err, errTooManyObjects) {
		if n, err := c.countFiltered(ctx, fabricID); !errors.Is(err, errUnfiltered) {
			return n, err
		}
	}
	if err != nil {
		return 0, err
	}
	return (*c.objectCounts.Load())[fabricID], nil
}

// countForAll counts the objects of all fabrics, unless a call that has just ended did so.
func (c *Client) countForAll(ctx context.Context) error {
	switch {
	case c.objectCounts.Load() != nil:
		return nil
	case c.objectsUncounted.Load():
		return errTooManyObjects
	}
	counts, err := c.countObjects(ctx)
	if err == nil {
		c.objectCounts.Store(&counts)
	}
	c.objectsUncounted.Store(errors.Is(err, errTooManyObjects))
	return err
}

// countFiltered lets NetBox count a fabric's objects, with at most two small requests for
// each kind. Its error is [errUnfiltered] if NetBox also counts those of other fabrics.
func (c *Client) countFiltered(ctx context.Context, fabricID int64) (all int64, err error) {
	if err := c.Check(ctx); err != nil {
		return 0, err
	}
	for _, kind := range fabric.Kinds() {
		list := objectList{c.Objects(kind), fabricID, objectVersions}
		// Sorted by fabric, the first and the last object show whether all are of the same
		// fabric.
		for _, order := range []string{"fabric,id", "-fabric,-id"} {
			page, err := list.list().Page(ctx, url.Values{"ordering": {order}}, 1)
			if err != nil {
				return 0, list.refused(err)
			}
			if page.Count == nil || len(page.Records) > 0 && page.Records[0].Fabric != fabricID {
				return 0, errUnfiltered
			}
			if order != "fabric,id" || *page.Count < 2 {
				all += *page.Count
				break
			}
		}
	}
	return all, nil
}

// countObjects reads the objects of all fabrics, and returns their number by fabric.
func (c *Client) countObjects(ctx context.Context) (map[int64]int64, error) {
	counts, all := map[int64]int64{}, 0
	for _, kind := range fabric.Kinds() {
		for stored, err := range (objectList{c.Objects(kind), 0, objectVersions}).all(ctx) {
			if err != nil {
				return nil, err
			}
			if all++; all > maxCounted {
				return nil, errTooManyObjects
			}
			counts[stored.Fabric]++
		}
	}
	return counts, nil
}
