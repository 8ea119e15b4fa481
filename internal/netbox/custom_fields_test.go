package netbox

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

// anyTime accepts answers of any age.
var anyTime time.Time

func startWithCustomFields(t *testing.T) *netboxtest.Server {
	t.Helper()
	s := startNetBox(t, netboxtest.Options{})
	minimum, maximum := 1.0, 48.0
	s.AddCustomField(netboxtest.CustomField{Name: "rack_units", Type: "integer", Minimum: &minimum, Maximum: &maximum,
		Required: true, Default: 4})
	s.AddCustomField(netboxtest.CustomField{Name: "tier", Type: "select", Choices: []netboxtest.Choice{{Value: "gold",
		Label: "Gold"}}})
	s.AddCustomField(netboxtest.CustomField{Name: "home_site", Type: "object", RelatedObjectType: "dcim.site",
		RelatedObjects: map[int64]string{1: "Lab"}})
	s.AddCustomField(netboxtest.CustomField{Name: "elsewhere", Type: "text", ObjectTypes: []string{"dcim.device"}})
	return s
}

func TestCustomFields_definitionsAreReadOnce(t *testing.T) {
	s := startWithCustomFields(t)
	c := newClient(t, s.URL())
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if _, err := c.CustomFields(t.Context(), anyTime); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	got, err := c.CustomFields(t.Context(), anyTime)
	if err != nil {
		t.Fatal(err)
	}
	one, many := json.Number("1"), json.Number("48")
	want := map[string]fabric.CustomFieldDefinition{
		"rack_units": {Key: "rack_units", Type: fabric.CustomInteger, Required: true, Minimum: &one, Maximum: &many},
		"tier":       {Key: "tier", Type: fabric.CustomSelect, Choices: []string{"gold"}},
		"home_site":  {Key: "home_site", Type: fabric.CustomObject, RelatedType: "dcim.site"},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if fields, sets := s.Count(http.MethodGet, customFieldsPath), s.Count(http.MethodGet,
		choiceSetsPath); fields != 1 || sets != 1 {
		t.Errorf("got %d requests for fields, %d for sets of choices, want one each", fields, sets)
	}
}

// With a lower MAX_PAGE_SIZE, the client still reads all fields.
func TestCustomFields_pagesAreAsLargeAsNetBoxMakesThem(t *testing.T) {
	s := startNetBox(t, netboxtest.Options{MaxPageSize: 3})
	for i := range 10 {
		s.AddCustomField(netboxtest.CustomField{Name: fmt.Sprintf("tier_%d", i), Type: "select",
			Choices: []netboxtest.Choice{{Value: "gold", Label: "Gold"}}})
	}
	got, err := newClient(t, s.URL()).CustomFields(t.Context(), anyTime)
	if err != nil || len(got) != 10 || !slices.Equal(got["tier_9"].Choices, []string{"gold"}) {
		t.Errorf("got %d definitions, %v: %+v", len(got), err, got)
	}
}

func TestCustomFields_listWithoutAnEndIsAPagingError(t *testing.T) {
	for results, pages := range map[string]int{`[]`: 1, `[{"name":"a","type":"text",` +
		`"object_types":[]}]`: 1000} {
		asked := 0
		s := startServer(t, func(w http.ResponseWriter, _ *http.Request) {
			asked++
			answerJSON(w, 200, `{"next":"https://netbox.example.com/?offset=1","results":`+results+`}`)
		})
		_, err := newClient(t, s.URL, withoutCheck).CustomFields(t.Context(), anyTime)
		if wantError[*rest.PagingError](t, err); !strings.Contains(err.Error(), customFieldsPath) || asked != pages {
			t.Errorf("%s: got %v after %d pages, want %d", results, err, asked, pages)
		}
	}
}

// refuse answers requests for paths with a prefix with 403.
func refuse(s *netboxtest.Server, prefix string) (remove func()) {
	return s.Intercept(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !strings.HasPrefix(r.URL.Path, prefix) {
				next.ServeHTTP(w, r)
				return
			}
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("API-Version", "4.7")
			w.WriteHeader(http.StatusForbidden)
			_, _ = w.Write([]byte(`{"detail":"You do not have permission to perform this action."}`))
		})
	})
}

func TestCustomFields_refusalIsRemembered(t *testing.T) {
	s := startWithCustomFields(t)
	c := newClient(t, s.URL())
	allow := refuse(s, customFieldsPath)
	for range 3 {
		if _, err := c.CustomFields(t.Context(), time.Now()); wantError[*rest.ForbiddenError](t, err).BadToken() {
			t.Errorf("got the error %v", err)
		}
	}
	allow()
	if n := s.Count(http.MethodGet, customFieldsPath); n != 1 {
		t.Errorf("got %d requests, want 1", n)
	}
	if got, err := newClient(t, s.URL()).CustomFields(t.Context(), anyTime); err != nil || len(got) != 3 {
		t.Errorf("got %d fields, %v", len(got), err)
	}
}

// Other failures are cached for callers that need no newer answer.
func TestCustomFields_failureIsAskedAgainByThoseWhoNeedANewerAnswer(t *testing.T) {
	s := startWithCustomFields(t)
	c := newClient(t, s.URL())
	s.Fault(netboxtest.Fault{Path: customFieldsPath, Kind: netboxtest.Status(500), Times: 1})
	for range 3 {
		_, err := c.CustomFields(t.Context(), anyTime)
		wantError[*rest.ServerError](t, err)
	}
	if got, err := c.CustomFields(t.Context(), time.Now()); err != nil || len(got) != 3 {
		t.Errorf("got %d fields, %v", len(got), err)
	}
	if n := s.Count(http.MethodGet, customFieldsPath); n != 2 {
		t.Errorf("got %d requests, want 2", n)
	}
}

func TestCustomFields_newerAnswerHasANewField(t *testing.T) {
	s := startWithCustomFields(t)
	c := newClient(t, s.URL())
	has := func(since time.Time) bool {
		got, err := c.CustomFields(t.Context(), since)
		if err != nil {
			t.Fatal(err)
		}
		_, has := got["late"]
		return has
	}
	if has(anyTime) {
		t.Error("got a field that does not exist yet")
	}
	s.AddCustomField(netboxtest.CustomField{Name: "late", Type: "text"})
	if has(anyTime) {
		t.Error("got a second request, which was not needed")
	}
	now := time.Now()
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if !has(now) {
				t.Error("got no second request")
			}
		})
	}
	all.Wait()
	if n := s.Count(http.MethodGet, customFieldsPath); n != 2 {
		t.Errorf("got %d requests, want 2", n)
	}
}

// An answer may have been under way already when the field was created.
func TestCustomFields_answerThatIsOnItsWayIsNotNewer(t *testing.T) {
	s := startWithCustomFields(t)
	c := newClient(t, s.URL())
	arrived, release := make(chan struct{}), make(chan struct{})
	remove := s.Intercept(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			answer := httptest.NewRecorder()
			next.ServeHTTP(answer, r)
			if r.URL.Path == customFieldsPath {
				arrived <- struct{}{}
				<-release
			}
			maps.Copy(w.Header(), answer.Header())
			w.WriteHeader(answer.Code)
			_, _ = w.Write(answer.Body.Bytes())
		})
	})
	var all sync.WaitGroup
	all.Go(func() { _, _ = c.CustomFields(t.Context(), anyTime) })
	<-arrived
	s.AddCustomField(netboxtest.CustomField{Name: "late", Type: "text"})
	now := time.Now()
	all.Go(func() {
		if got, err := c.CustomFields(t.Context(), now); err != nil || got["late"].Key == "" {
			t.Errorf("got %v, error %v", got, err)
		}
	})
	remove()
	release <- struct{}{}
	all.Wait()
}

func TestCustomFields_choicesThatMayNotBeSeenAreNotKnown(t *testing.T) {
	s := startWithCustomFields(t)
	refuse(s, choiceSetsPath)
	got, err := newClient(t, s.URL()).CustomFields(t.Context(), anyTime)
	if tier := got["tier"]; err != nil || tier.Type != fabric.CustomSelect || tier.Choices != nil {
		t.Errorf("got %+v, error %v", got["tier"], err)
	}
}

func TestFabricRecord_customFieldsInRawForm(t *testing.T) {
	one := func(v any) map[string]any { return map[string]any{"a": v} }
	for name, c := range map[string]struct {
		fields string
		want   fabric.CustomValue
	}{
		"select of 4.7": {`"custom_fields":{"x":{"value":"gold","label":"Gold"}},` +
			`"custom_field_data":{"x":"gold"}`, fabric.CustomValue{Type: fabric.CustomSelect, Value: "gold"}},
		"select of older ones": {`"custom_fields":{"x":"gold"},"custom_field_data":{"x":"gold"}`,
			fabric.CustomValue{Value: "gold"}},
		"select without raw data": {`"custom_fields":{"x":{"value":"gold","label":"Gold"}}`,
			fabric.CustomValue{Type: fabric.CustomSelect, Value: "gold"}},
		"multiselect": {`"custom_fields":{"x":[{"value":"a","label":"A"}]},` +
			`"custom_field_data":{"x":["a"]}`, fabric.CustomValue{Type: fabric.CustomMultiselect, Value: []any{"a"}}},
		"multiselect of older ones": {`"custom_fields":{"x":["a"]},"custom_field_data":{"x":["a"]}`,
			fabric.CustomValue{Value: []any{"a"}}},
		"object": {`"custom_fields":{"x":{"id":7,"url":"u","display":"Lab"}},` +
			`"custom_field_data":{"x":7}`, fabric.CustomValue{Type: fabric.CustomObject, Value: number(7)}},
		"object without raw data": {`"custom_fields":{"x":{"id":7,"url":"u","display":"Lab"}}`,
			fabric.CustomValue{Type: fabric.CustomObject, Value: number(7)}},
		"object that is gone": {`"custom_fields":{"x":null},"custom_field_data":{"x":7}`, fabric.CustomValue{}},
		"objects": {`"custom_fields":{"x":[{"id":7,"url":"u","display":"Lab"}]},` +
			`"custom_field_data":{"x":[7]}`, fabric.CustomValue{Type: fabric.CustomMultiobject,
			Value: []any{number(7)}}},
		"one of two objects is gone": {`"custom_fields":{"x":[{"id":7,"url":"u","display":"Lab"}]},` +
			`"custom_field_data":{"x":[8,7]}`,
			fabric.CustomValue{Type: fabric.CustomMultiobject, Value: []any{number(7)}}},
		"objects that are all gone": {`"custom_fields":{"x":[]},"custom_field_data":{"x":[8,7]}`,
			fabric.CustomValue{Type: fabric.CustomMultiobject, Value: []any{}}},
		"date and time": {`"custom_fields":{"x":"2026-01-31T08:15:00"},` +
			`"custom_field_data":{"x":"2026-01-31 08:15"}`, fabric.CustomValue{Type: fabric.CustomDatetime,
			Value: "2026-01-31 08:15"}},
		"date": {`"custom_fields":{"x":"2026-01-31"},"custom_field_data":{"x":"20260131"}`,
			fabric.CustomValue{Type: fabric.CustomDate, Value: "20260131"}},
		"time in any field": {`"custom_fields":{"x":"2026-01-31T08:15:00"},` +
			`"custom_field_data":{"x":"2026-01-31T08:15:00"}`, fabric.CustomValue{Value: "2026-01-31T08:15:00"}},
		"JSON that looks like one": {`"custom_fields":{"x":{"value":1,"label":2}},` +
			`"custom_field_data":{"x":{"value":1,"label":2}}`,
			fabric.CustomValue{Value: map[string]any{"value": number(1), "label": number(2)}}},
		"JSON list of objects": {`"custom_fields":{"x":[{"a":1}]},"custom_field_data":{"x":[{"a":1}]}`,
			fabric.CustomValue{Value: []any{one(number(1))}}},
		"JSON list that looks like objects": {`"custom_fields":{"x":[{"id":7,"url":"u","display":"Lab"}]},` +
			`"custom_field_data":{"x":[{"id":7,"url":"u","display":"Lab"}]}`,
			fabric.CustomValue{Value: []any{map[string]any{"id": number(7), "url": "u", "display": "Lab"}}}},
		"JSON list of numbers": {`"custom_fields":{"x":[1,2]},"custom_field_data":{"x":[1,2]}`,
			fabric.CustomValue{Value: []any{number(1), number(2)}}},
		"empty list": {`"custom_fields":{"x":[]},"custom_field_data":{"x":[]}`,
			fabric.CustomValue{Value: []any{}}},
		"empty object": {`"custom_fields":{"x":{}},"custom_field_data":{"x":{}}`,
			fabric.CustomValue{Value: map[string]any{}}},
		"empty text": {`"custom_fields":{"x":""},"custom_field_data":{"x":""}`,
			fabric.CustomValue{Value: ""}},
		"all digits": {`"custom_fields":{"x":0.12345678901234567890}`,
			fabric.CustomValue{Value: json.Number("0.12345678901234567890")}},
		"nothing": {`"custom_fields":{"x":null},"custom_field_data":{"x":null}`, fabric.CustomValue{}},
	} {
		t.Run(name, func(t *testing.T) {
			d, err := rest.ReadFields([]byte("{" + c.fields + "}"))
			if err != nil {
				t.Fatal(err)
			}
			if got := readCustomValues(d)["x"]; d.Err() != nil || !reflect.DeepEqual(got, c.want) {
				t.Errorf("got %#v, want %#v, error %v", got, c.want, d.Err())
			}
		})
	}
}

func number(n int) json.Number { return json.Number(strconv.Itoa(n)) }

// Once the definitions are known, values that are read have their types.
func TestFabricRecord_typesOfDefinitionsThatAreKnown(t *testing.T) {
	s := startWithCustomFields(t)
	s.AddCustomField(netboxtest.CustomField{Name: "facts", Type: "json"})
	id := s.AddFabric(map[string]any{"name": "alpha", "custom_fields": map[string]any{"rack_units": 4, "facts": 4}})
	c := newClient(t, s.URL())
	types := func() [2]string {
		read, err := c.Fabrics().Get(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		return [2]string{read.Fabric.CustomFields["rack_units"].Type, read.Fabric.CustomFields["facts"].Type}
	}
	if got := types(); got != [2]string{} {
		t.Errorf("got the types %q before the definitions were read", got)
	}
	if _, err := c.CustomFields(t.Context(), anyTime); err != nil {
		t.Fatal(err)
	}
	if got := types(); got != [2]string{fabric.CustomInteger, fabric.CustomJSON} {
		t.Errorf("got the types %q", got)
	}
}

func TestFabricRecord_unknownKeysOutOfSightAreNoCustomFields(t *testing.T) {
	d, err := rest.ReadFields([]byte(`{"custom_fields":{"x":1},"custom_field_data":{"x":1,"nope":2}}`))
	if err != nil {
		t.Fatal(err)
	}
	if got := readCustomValues(d); !reflect.DeepEqual(got, map[string]fabric.CustomValue{"x": {Value: number(1)}}) {
		t.Errorf("got %v", got)
	}
}

func TestFabricRecord_tokenThatIsNotShown(t *testing.T) {
	raw := recordedFabric(t)
	var fields map[string]json.RawMessage
	if err := json.Unmarshal([]byte(raw), &fields); err != nil {
		t.Fatal(err)
	}
	delete(fields, "kubernetes_token")
	without, err := json.Marshal(fields)
	if err != nil {
		t.Fatal(err)
	}
	f, err := decodeFabric(string(without))
	if _, shown := AttributesOf(&f)["kubernetes_token"]; err != nil || !f.TokenHidden || shown {
		t.Errorf("got hidden %t, among the attributes %t, %v", f.TokenHidden, shown, err)
	}
	verdict, _ := fabric.Compare(fabric.Attributes{}, fabric.Attributes{"kubernetes_token": "sent"}, AttributesOf(&f))
	if verdict != fabric.AsPlanned {
		t.Errorf("got the verdict %v on a hidden token", verdict)
	}
}

func TestCustomFields_pagesThatAreTooLargeBecomeSmaller(t *testing.T) {
	s := startNetBox(t, netboxtest.Options{})
	for i := range 40 {
		s.AddCustomField(netboxtest.CustomField{Name: fmt.Sprintf("field_%d", i), Type: "text"})
	}
	c := newClient(t, s.URL(), answersUpTo(16<<10))
	if fields, err := c.CustomFields(t.Context(), anyTime); err != nil || len(fields) != 40 {
		t.Errorf("got %d fields, %v", len(fields), err)
	}
}
