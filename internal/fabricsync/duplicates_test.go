package fabricsync

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// doubled shows every VPC a second time, under an id above 1000, until that is deleted.
func doubled(w *world) (deleted *string) {
	deleted = new(string)
	w.intercept("GET", "/vpcs/", func(_ int, next http.Handler, rw http.ResponseWriter, r *http.Request) {
		recorder := httptest.NewRecorder()
		next.ServeHTTP(recorder, r)
		var page map[string]any
		_ = json.Unmarshal(recorder.Body.Bytes(), &page)
		results, _ := page["results"].([]any)
		for _, one := range results {
			if *deleted == "" {
				twin := maps.Clone(one.(map[string]any))
				twin["id"] = twin["id"].(float64) + 1000
				results = append(results, twin)
			}
		}
		page["results"] = results
		body, _ := json.Marshal(page)
		answerJSON(rw, recorder.Code, string(body))
	})
	w.intercept("DELETE", "/vpcs/", func(_ int, _ http.Handler, rw http.ResponseWriter, r *http.Request) {
		*deleted = readBody(r)
		rw.WriteHeader(http.StatusNoContent)
	})
	return deleted
}

// A database without the plugin's constraint may hold an object twice.
func TestTwins_areToldAndPruned(t *testing.T) {
	w := newWorld(t)
	w.cluster.add("VPC", 2)
	w.sync()
	deleted := doubled(w)
	result := w.sync()
	if vpc := kindOf(t, result, "VPC"); vpc.Unchanged != 2 || vpc.Kept != 2 || len(result.Warnings) != 1 ||
		result.Warnings[0] != "VPC: NetBox has 2 objects twice, such as vpc-1; pruning removes the later ones." {
		t.Errorf("%+v, %q", vpc, result.Warnings)
	}
	result = w.sync(prune)
	if vpc := kindOf(t, result, "VPC"); vpc.Deleted != 2 || vpc.Kept != 0 || len(result.Warnings) != 0 {
		t.Errorf("%+v, %q", vpc, result.Warnings)
	}
	if !strings.Contains(*deleted, `"id":1001`) || !strings.Contains(*deleted, `"id":1002`) || strings.Count(*deleted,
		`"id":`) != 2 {
		t.Errorf("deleted %s", *deleted)
	}
}
