package acctest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
)

// Tag makes a tag in NetBox, with exactly this spelling of its name. It is removed
// after the test.
func (n *NetBox) Tag(t *testing.T, name string) {
	t.Helper()
	tags := n.URL + "/api/extras/tags/"
	fields := map[string]any{"name": name, "slug": Name("tag")}
	resp, raw, err := exchange(http.MethodPost, tags, n.Token, fields)
	var made struct {
		ID int64 `json:"id"`
	}
	if err != nil || resp.StatusCode != http.StatusCreated || json.Unmarshal(raw, &made) != nil {
		t.Fatalf("making the tag %q: %v, %s", name, err, raw)
	}
	t.Cleanup(func() { // it may be gone
		_, _, _ = exchange(http.MethodDelete, fmt.Sprintf("%s%d/", tags, made.ID), n.Token, nil)
	})
}
