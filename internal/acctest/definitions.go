package acctest

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"testing"
)

// CustomField defines a custom field for fabrics in NetBox and returns its key, which
// no other test uses. It is removed after the test.
func (n *NetBox) CustomField(t *testing.T, definition map[string]any) (key string, remove func()) {
	t.Helper()
	key = strings.ReplaceAll(Name("field"), "-", "_")
	fields := map[string]any{"name": key, "object_types": []string{"netbox_hedgehog.hedgehogfabric"}}
	maps.Copy(fields, definition)
	remove = n.make(t, "/api/extras/custom-fields/", fields, nil)
	return key, remove
}

// Related makes an object for custom fields to refer to, of the type extras.tag, and
// returns its id.
func (n *NetBox) Related(t *testing.T) (id int64, remove func()) {
	t.Helper()
	name := Name("related")
	remove = n.make(t, "/api/extras/tags/", map[string]any{"name": name, "slug": name}, &id)
	return id, remove
}

// make makes an object of NetBox's own. It is removed after the test, or before by
// the function that is returned.
func (n *NetBox) make(t *testing.T, list string, fields map[string]any, id *int64) (remove func()) {
	t.Helper()
	resp, raw, err := exchange(http.MethodPost, n.URL+list, n.Token, fields)
	var made struct {
		ID int64 `json:"id"`
	}
	if err != nil || resp.StatusCode != http.StatusCreated || json.Unmarshal(raw, &made) != nil {
		t.Fatalf("making %v: %v, %s", fields, err, raw)
	}
	if id != nil {
		*id = made.ID
	}
	gone := false
	remove = func() {
		if !gone {
			_, _, _ = exchange(http.MethodDelete, fmt.Sprintf("%s%s%d/", n.URL, list, made.ID), n.Token, nil)
			gone = true
		}
	}
	t.Cleanup(remove)
	return remove
}
