package netbox

import (
	"context"
	"encoding/json"
	"net/url"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

// readAll reads a list of NetBox's own objects, page by page.
func readAll[T any](ctx context.Context, c *Client, path string, query url.Values) ([]T, error) {
	list := rest.List[T]{Client: c.rest, Path: path, Query: query, Decode: func(_ *rest.Answer, raw []byte) (T, error) {
		var record T
		err := json.Unmarshal(raw, &record)
		return record, err
	}}
	return list.All(ctx)
}
