package netbox

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

const (
	changesPath = "/api/core/object-changes/"
	// maxChanges is how many entries of the change log are read: each holds the record
	// twice, with its token and certificates.
	maxChanges = 20
)

// Changes returns the latest entries of NetBox's change log on a fabric, the newest
// first. A token needs a permission of its own to view them.
func (f *Fabrics) Changes(ctx context.Context, id int64) ([]fabric.Change, error) {
	a, err := f.client.send(ctx, http.MethodGet, changesPath, url.Values{
		"changed_object_type": {"netbox_hedgehog.hedgehogfabric"}, "changed_object_id": {strconv.FormatInt(id, 10)},
		// The published plugin breaks a list that shows the changed object.
		"fields":   {"id,time,prechange_data,postchange_data"},
		"ordering": {"-time,-id"}, "limit": {strconv.Itoa(maxChanges)},
	}, nil, nil)
	if err != nil {
		return nil, err
	}
	var page struct {
		Results []struct {
			Time   time.Time      `json:"time"`
			Before map[string]any `json:"prechange_data"`
			After  map[string]any `json:"postchange_data"`
		} `json:"results"`
	}
	if err := json.Unmarshal(a.body, &page); err != nil || !a.isJSON() {
		// Without an excerpt: it might show a token that the fabric had once.
		return nil, &UnexpectedAnswerError{Request: a.request, Status: a.status, Problem: notJSON}
	}
	changes := make([]fabric.Change, len(page.Results))
	for i, r := range page.Results {
		changes[i] = fabric.Change{Time: r.Time, Before: r.Before, After: r.After}
	}
	return changes, nil
}
