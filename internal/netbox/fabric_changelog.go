package netbox

import (
	"context"
	"encoding/json"
	"net/url"
	"strconv"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

const (
	changesPath = "/api/core/object-changes/"
	// changesLimit is how many entries of the change log are read at once. Each contains
	// the record twice, with its token and certificates.
	changesLimit = 20
	// maxChangesPages limits how many pages are read. NetBox may make them smaller.
	maxChangesPages = 20
)

// Changes returns the latest entries about a fabric in NetBox's change log, the newest
// first: those since a time, and at least one older one if there is one. The token needs a
// permission for them.
func (f *Fabrics) Changes(ctx context.Context, id int64, since time.Time) ([]fabric.Change, error) {
	var all []fabric.Change
	for range maxChangesPages {
		page, more, err := f.changesPage(ctx, id, len(all))
		if err != nil {
			return nil, err
		}
		all = append(all, page...)
		if !more || len(page) == 0 || page[len(page)-1].Time.Before(since) {
			break
		}
	}
	return all, nil
}

func (f *Fabrics) changesPage(ctx context.Context, id int64, offset int) (changes []fabric.Change,
	more bool, err error) {
	a, err := f.client.rest.Get(ctx, changesPath, url.Values{
		"changed_object_type": {"netbox_hedgehog.hedgehogfabric"}, "changed_object_id": {strconv.FormatInt(id, 10)},
		// With the published plugin, a list fails if it shows the changed object.
		"fields":   {"id,time,prechange_data,postchange_data"},
		"ordering": {"-time,-id"}, "limit": {strconv.Itoa(changesLimit)}, "offset": {strconv.Itoa(offset)},
	})
	if err != nil {
		return nil, false, err
	}
	var page struct {
		Next    *string
		Results []struct {
			Time   time.Time      `json:"time"`
			Before map[string]any `json:"prechange_data"`
			After  map[string]any `json:"postchange_data"`
		} `json:"results"`
	}
	if err := a.DecodeWith(func(body []byte) error { return json.Unmarshal(body, &page) }); err != nil {
		// No excerpt: it might contain an old token of the fabric.
		return nil, false, &rest.UnexpectedAnswerError{Request: a.Request, Status: a.Status, Problem: rest.NotJSON}
	}
	changes = make([]fabric.Change, len(page.Results))
	for i, r := range page.Results {
		changes[i] = fabric.Change{Time: r.Time, Before: r.Before, After: r.After}
	}
	return changes, page.Next != nil, nil
}
