package netbox

import (
	"context"
	"errors"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

// maxCounted bounds the imported objects that are read to count them: about 30 requests.
const maxCounted = 20_000

// errTooManyObjects is a NetBox with more imported objects than are counted.
var errTooManyObjects = errors.New("there are too many imported objects to count them")

// StoredObjects returns how many imported objects NetBox stores for a fabric. The
// plugin cannot filter its lists, so those of all fabrics are read, once for all who
// ask. More than 20,000 objects in all are an error.
func (c *Client) StoredObjects(ctx context.Context, fabricID int64) (int64, error) {
	if counts := c.objectCounts.Load(); counts != nil {
		return (*counts)[fabricID], nil
	}
	err := c.together(ctx, "object counts", func(ctx context.Context) error {
		counts, err := c.countObjects(ctx)
		if err == nil {
			c.objectCounts.Store(&counts)
		}
		return err
	})
	if err != nil {
		return 0, err
	}
	return (*c.objectCounts.Load())[fabricID], nil
}

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
