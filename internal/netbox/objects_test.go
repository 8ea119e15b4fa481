package netbox

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

// vpcs returns a new NetBox with fabric 1, alpha, and its VPCs.
func vpcs(t *testing.T, change ...func(*rest.Config)) (*netboxtest.Server, *Objects) {
	t.Helper()
	return vpcsOf(t, netboxtest.Options{}, change...)
}

func vpcsOf(t *testing.T, o netboxtest.Options, change ...func(*rest.Config)) (*netboxtest.Server, *Objects) {
	t.Helper()
	s := startNetBox(t, o)
	s.AddFabric(map[string]any{"name": "alpha"})
	return s, newClient(t, s.URL(), append(change, withoutCheck)...).Objects(fabric.Kinds()[0])
}

// writesOf returns writes that create objects with these names.
func writesOf(names ...string) []ObjectWrite {
	var writes []ObjectWrite
	for _, name := range names {
		writes = append(writes, ObjectWrite{
			Namespace: "hedgehog", Name: name, Spec: map[string]any{"of": name}, Labels: map[string]string{"a": "b"},
			Status: ObjectLive, UID: "uid", ResourceVersion: "1", LastSynced: recordedTime,
		})
	}
	return writes
}

func numbered(n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("o-%d", i+1)
	}
	return names
}

// mustStore stores objects with these names.
func mustStore(t *testing.T, o *Objects, fabricID int64, names ...string) {
	t.Helper()
	if stored, err := o.Create(t.Context(), fabricID, writesOf(names...)); err != nil || stored.Done != len(names) {
		t.Fatalf("got %+v, %v", stored, err)
	}
}

func allObjects(t *testing.T, o *Objects, fabricID int64) []StoredObject {
	t.Helper()
	var all []StoredObject
	for stored, err := range o.All(t.Context(), fabricID) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, stored)
	}
	return all
}

func namesOf(objects []StoredObject) string {
	var names []string
	for _, o := range objects {
		names = append(names, o.Name)
	}
	return strings.Join(names, " ")
}

func TestObjects_everyKindIsReadAndWritten(t *testing.T) {
	s := startNetBox(t, netboxtest.Options{PublishedDisplayURL: true})
	s.AddFabric(map[string]any{"name": "alpha"})
	c := newClient(t, s.URL())
	for _, kind := range fabric.Kinds() {
		o := c.Objects(kind)
		mustStore(t, o, 1, "a", "b")
		changed := writesOf("a")
		changed[0].ID, changed[0].Status, changed[0].ResourceVersion = 1, ObjectDeleting, "2"
		if stored, err := o.Update(t.Context(), 1, changed); err != nil || stored.Done != 1 {
			t.Fatalf("%s: got %+v, %v", kind.Name, stored, err)
		}
		labels := map[string]string{"a": "b"}
		want := []StoredObject{
			{ID: 1, Fabric: 1, Namespace: "hedgehog", Name: "a", Status: "deleting", UID: "uid", ResourceVersion: "2",
				Content: ContentOf(map[string]any{"of": "a"}, labels, nil)},
			{ID: 2, Fabric: 1, Namespace: "hedgehog", Name: "b", Status: "live", UID: "uid", ResourceVersion: "1",
				Content: ContentOf(map[string]any{"of": "b"}, labels, nil)},
		}
		got := allObjects(t, o, 1)
		for i := range got {
			if time.Since(got[i].LastUpdated).Abs() > time.Hour {
				t.Errorf("%s: got last_updated %v", kind.Name, got[i].LastUpdated)
			}
			got[i].LastUpdated = time.Time{}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: got %+v", kind.Name, got)
		}
	}
}

func TestObjects_recordedListsAreReadable(t *testing.T) {
	n := 0
	for _, file := range netboxtest.RecordingFiles(t, recordings, "*.json") {
		if !strings.Contains(filepath.Base(file), "-crd-list-") {
			continue
		}
		r := netboxtest.LoadRecording(t, file)
		if r.Response.Status != 200 {
			continue
		}
		n++
		page, err := decodedPage(t, r.Response.Body)
		if err != nil || len(page.Records) != 1 || !page.IsLast() || *page.Count != 1 {
			t.Errorf("%s: got %+v, %v", r.Name, page, err)
			continue
		}
		o := page.Records[0]
		if o.ID == 0 || o.Fabric != 1010 || o.Namespace != "hedgehog" || o.Name == "" || o.Status != "live" ||
			o.ResourceVersion != "42" ||
			o.UID != "0b6f7b3e-0000-4000-8000-000000000001" || o.LastUpdated.Year() != 2026 ||
			o.Content != ContentOf(map[string]any{"k": "v"}, map[string]string{"a": "b"}, nil) {
			t.Errorf("%s: got %+v", r.Name, o)
		}
	}
	if n != 12 {
		t.Errorf("got %d lists", n)
	}
}

func TestObjects_unreadableListsAreUnexpectedAnswers(t *testing.T) {
	good := `"id":1,"fabric":{"id":7},"name":"a","namespace":"n","kubernetes_status":{"value":"live"},` +
		`"kubernetes_uid":"",` +
		`"kubernetes_resource_version":"","sync_error":"","last_updated":null,"spec":null,"labels":[],"annotations":1`
	for body, field := range map[string]string{
		`{"results":[{` + good + `}]}`: "",
		`{}`:                           "results",
		`{"results":{}}`:               "results",
		`{"results":null}`:             "results",
		`{"next":1,"results":[]}`:      "next",
		`[]`:                           "JSON object",
		`{"results":[{`:                "cut off",
		`{"results":[{"id":1}]}`:       "fabric",
		`{"results":[{` + strings.Replace(good, `"name":"a"`, `"name":null`, 1) + `}]}`:               "name",
		`{"results":[{` + strings.Replace(good, `"fabric":{"id":7}`, `"fabric":{}`, 1) + `}]}`:        "fabric",
		`{"results":[{` + strings.Replace(good, `"last_updated":null`, `"last_updated":3`, 1) + `}]}`: "last_updated",
		`{"results":[{` + strings.Replace(good, `,"spec":null`, ``, 1) + `}]}`:                        "spec",
		`{"results":[{` + strings.Replace(good, `,"labels":[]`, ``, 1) + `}]}`:                        "labels",
		`{"results":[{` + strings.Replace(good, `,"annotations":1`, ``, 1) + `}]}`:                    "annotations",
	} {
		s := startServer(t, func(w http.ResponseWriter, _ *http.Request) { answerJSON(w, 200, body) })
		o := newClient(t, s.URL, withoutCheck).Objects(fabric.Kinds()[0])
		var got []StoredObject
		var err error
		for stored, e := range o.All(t.Context(), 7) {
			if err = e; e == nil {
				got = append(got, stored)
			}
		}
		if field == "" {
			if err != nil || len(got) != 1 || got[0].Status != "live" || !got[0].LastUpdated.IsZero() {
				t.Errorf("%s: got %+v, %v", body, got, err)
			}
			continue
		}
		if e := wantError[*rest.UnexpectedAnswerError](t, err); !strings.Contains(e.Problem, field) {
			t.Errorf("%s: got the error %v", body, err)
		}
	}
}

func TestObjects_listIsReadInPagesOfTheFabricOnly(t *testing.T) {
	s, o := vpcs(t)
	s.AddFabric(map[string]any{"name": "beta"})
	mustStore(t, o, 2, numbered(1300)...)
	mustStore(t, o, 1, numbered(900)...)
	s.ResetRequests()
	if got := allObjects(t, o, 1); len(got) != 900 || got[0].Name != "o-1" || got[899].Name != "o-900" {
		t.Errorf("got %d objects", len(got))
	}
	var offsets []string
	for _, r := range s.Requests() {
		offsets = append(offsets, r.Query.Get("offset"))
		if r.Query.Get("ordering") != "id" || r.Query.Get("limit") != "1000" ||
			!strings.HasSuffix(r.Query.Get("fields"), ",spec,labels,annotations") ||
			strings.Contains(r.Query.Get("fields"), "display") ||
			r.Query.Get("fabric") != "1" || r.Query.Get("fabric_id") != "1" {
			t.Errorf("got the query %s", r.Query.Encode())
		}
	}
	if fmt.Sprint(offsets) != "[ 999 1998]" { // each page overlaps by one
		t.Errorf("got the offsets %q", offsets)
	}
}

// An administrator may have lowered MAX_PAGE_SIZE.
func TestObjects_pagesAreAsLargeAsNetBoxMakesThem(t *testing.T) {
	s, o := vpcsOf(t, netboxtest.Options{MaxPageSize: 7})
	mustStore(t, o, 1, numbered(50)...)
	s.ResetRequests()
	if got := allObjects(t, o, 1); namesOf(got) != strings.Join(numbered(50), " ") {
		t.Errorf("got %d objects", len(got))
	}
	if pages := len(s.Requests()); pages != 9 { // each after the first adds six
		t.Errorf("got %d pages, want 9", pages)
	}
}

func TestObjects_pagesThatAreTooLargeBecomeSmaller(t *testing.T) {
	s, o := vpcs(t)
	mustStore(t, o, 1, numbered(60)...)
	o = newClient(t, s.URL(), withoutCheck, answersUpTo(8<<10)).Objects(fabric.Kinds()[0])
	if got := allObjects(t, o, 1); namesOf(got) != strings.Join(numbered(60), " ") {
		t.Errorf("got %d objects", len(got))
	}
}

// However many objects of another fabric are removed between two pages, the list has each of the
// others once.
func TestObjects_listThatShiftsMissesNothing(t *testing.T) {
	for _, removed := range []int{1, 2, 49, 60, 99, 140} {
		s, o := vpcsOf(t, netboxtest.Options{MaxPageSize: 100})
		s.AddFabric(map[string]any{"name": "beta"})
		mustStore(t, o, 2, numbered(140)...)
		mustStore(t, o, 1, numbered(120)...)
		n := 0
		s.Intercept(func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if n++; n == 3 { // before the page that begins with alpha's
					var ids []string
					for id := range removed {
						ids = append(ids, `{"id":`+strconv.Itoa(id+1)+`}`)
					}
					remove := httptest.NewRequest("DELETE", "/api/plugins/hedgehog/vpcs/", strings.NewReader("["+
						strings.Join(ids, ",")+"]"))
					remove.Header.Set("Authorization", "Token "+netboxtest.AdminToken)
					remove.Header.Set("Content-Type", "application/json")
					if got := commit(next, remove); got.Code != 204 {
						t.Errorf("the removal: got status %d", got.Code)
					}
				}
				next.ServeHTTP(w, r)
			})
		})
		if got := allObjects(t, o, 1); namesOf(got) != strings.Join(numbered(120), " ") {
			t.Errorf("after %d removals: got %d objects", removed, len(got))
		}
	}
}

func TestObjects_listWithoutAnEndIsAPagingError(t *testing.T) {
	s := startServer(t, func(w http.ResponseWriter, _ *http.Request) {
		answerJSON(w, 200, `{"next":"https://netbox.example.com/?offset=1","results":[]}`)
	})
	o := newClient(t, s.URL, withoutCheck).Objects(fabric.Kinds()[0])
	for _, err := range o.All(t.Context(), 1) {
		wantError[*rest.PagingError](t, err)
	}
}

func TestCreate_objectsInBatches(t *testing.T) {
	s, o := vpcs(t)
	o.client.SetChangelogMessage("by a sync")
	mustStore(t, o, 1, numbered(450)...)
	wantRequests(t, s, "POST POST POST")
	for i, want := range []int{200, 200, 50} {
		var bodies []map[string]any
		r := s.Requests()[i]
		if err := json.Unmarshal(r.Body, &bodies); err != nil || len(bodies) != want {
			t.Errorf("got %d objects, %v", len(bodies), err)
		}
		if r.Query.Get("omit") != "display_url" || r.Query.Has("fields") || r.Header.Get("If-Match") != "" {
			t.Errorf("got %s, %v", r.Query.Encode(), r.Header)
		}
	}
	if log := s.Changelog(); len(log) != 450 || log[449].Message != "by a sync" {
		t.Errorf("got %d changes", len(log))
	}
}

func TestCreate_objectsOfGreatSizeGoInSmallerBatches(t *testing.T) {
	s, o := vpcs(t)
	writes := writesOf(numbered(5)...)
	for i := range writes {
		writes[i].Spec["text"] = strings.Repeat("x", 1<<20)
	}
	if stored, err := o.Create(t.Context(), 1, writes); err != nil || stored.Done != 5 {
		t.Fatalf("got %+v, %v", stored, err)
	}
	wantRequests(t, s, "POST POST")
}

func TestObjectWrite_nilMapsAreEmptyObjects(t *testing.T) {
	body := (&ObjectWrite{LastSynced: recordedTime.In(time.FixedZone("", 3600))}).body()
	raw, err := json.Marshal(body)
	want := `{"annotations":{},"kubernetes_resource_version":"","kubernetes_status":"","kubernetes_uid":"",` +
		`"labels":{},"last_synced":"2026-11-23T21:23:24Z","sync_error":""}`
	if err != nil || string(raw) != want {
		t.Errorf("got %s, %v", raw, err)
	}
}

// unknownFabric is the answer of an administrator's filter for a fabric that does not exist.
const unknownFabric = `{"fabric":["Select a valid choice. That choice is not one of the available choices."]}`

func TestObjects_filterThatDoesNotKnowTheFabric(t *testing.T) {
	for body, field := range map[string]string{unknownFabric: "fabric", strings.Replace(unknownFabric, "fabric",
		"fabric_id", 1): "fabric_id"} {
		s := startServer(t, func(w http.ResponseWriter, _ *http.Request) { answerJSON(w, 400, body) })
		for _, err := range newClient(t, s.URL, withoutCheck).Objects(fabric.Kinds()[0]).All(t.Context(), 17) {
			e := wantError[*rest.NotFoundError](t, err)
			if want := "NetBox has no fabric with the id 17 (" + field +
				": Select a valid choice. That"; !strings.HasPrefix(e.Detail, want) {
				t.Errorf("got %s", e.Detail)
			}
		}
	}
}

// Another refusal is not about the fabric.
func TestObjects_refusedList(t *testing.T) {
	s := startServer(t, func(w http.ResponseWriter, _ *http.Request) { answerJSON(w, 400, `{"limit":["Too many."]}`) })
	for _, err := range newClient(t, s.URL, withoutCheck).Objects(fabric.Kinds()[0]).All(t.Context(), 17) {
		wantError[*rest.InvalidError](t, err)
	}
}
