package netbox

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

func startWithCustomFields(t *testing.T) *netboxtest.Server {
	t.Helper()
	s := startNetBox(t, netboxtest.Options{})
	minimum, maximum := 1.0, 48.0
	s.AddCustomField(netboxtest.CustomField{Name: "rack_units", Type: "integer", Minimum: &minimum, Maximum: &maximum, Required: true, Default: 4})
	s.AddCustomField(netboxtest.CustomField{Name: "tier", Type: "select", Choices: []netboxtest.Choice{{Value: "gold", Label: "Gold"}}})
	s.AddCustomField(netboxtest.CustomField{Name: "home_site", Type: "object", RelatedObjectType: "dcim.site", RelatedObjects: map[int64]string{1: "Lab"}})
	s.AddCustomField(netboxtest.CustomField{Name: "elsewhere", Type: "text", ObjectTypes: []string{"dcim.device"}})
	return s
}

func TestCustomFields_definitionsAreReadOnce(t *testing.T) {
	s := startWithCustomFields(t)
	c := newClient(t, s.URL())
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if _, err := c.CustomFields(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	got, err := c.CustomFields(t.Context())
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
	if fields, sets := s.Count(http.MethodGet, customFieldsPath), s.Count(http.MethodGet, choiceSetsPath); fields != 1 || sets != 1 {
		t.Errorf("%d requests for fields, %d for sets of choices, want one each", fields, sets)
	}
}

// An administrator may have lowered MAX_PAGE_SIZE: none is passed over.
func TestCustomFields_pagesAreAsLargeAsNetBoxMakesThem(t *testing.T) {
	s := startNetBox(t, netboxtest.Options{MaxPageSize: 3})
	for i := range 10 {
		s.AddCustomField(netboxtest.CustomField{Name: fmt.Sprintf("tier_%d", i), Type: "select", Choices: []netboxtest.Choice{{Value: "gold", Label: "Gold"}}})
	}
	got, err := newClient(t, s.URL()).CustomFields(t.Context())
	if err != nil || len(got) != 10 || !slices.Equal(got["tier_9"].Choices, []string{"gold"}) {
		t.Errorf("%d definitions, %v: %+v", len(got), err, got)
	}
}

func TestCustomFields_listWithoutAnEndIsAPagingError(t *testing.T) {
	for results, pages := range map[string]int{`[]`: 1, `[{"name":"a","type":"text","object_types":[]}]`: maxListPages} {
		asked := 0
		s := startServer(t, func(w http.ResponseWriter, _ *http.Request) {
			asked++
			answerJSON(w, 200, `{"next":"https://netbox.example.com/?offset=1","results":`+results+`}`)
		})
		_, err := newClient(t, s.URL, withoutCheck).CustomFields(t.Context())
		if wantError[*PagingError](t, err); !strings.Contains(err.Error(), customFieldsPath) || asked != pages {
			t.Errorf("%s: %v after %d pages, want %d", results, err, asked, pages)
		}
	}
}

// refuse answers the paths that begin with a prefix with 403.
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

func TestCustomFields_withoutPermissionIsAnErrorAndAskedAgain(t *testing.T) {
	s := startWithCustomFields(t)
	c := newClient(t, s.URL())
	allow := refuse(s, customFieldsPath)
	if _, err := c.CustomFields(t.Context()); wantError[*ForbiddenError](t, err).BadToken() {
		t.Errorf("error %v", err)
	}
	allow()
	if got, err := c.CustomFields(t.Context()); err != nil || len(got) != 3 {
		t.Errorf("%d fields, error %v", len(got), err)
	}
}

func TestCustomFields_choicesThatMayNotBeSeenAreNotKnown(t *testing.T) {
	s := startWithCustomFields(t)
	refuse(s, choiceSetsPath)
	got, err := newClient(t, s.URL()).CustomFields(t.Context())
	if tier := got["tier"]; err != nil || tier.Type != fabric.CustomSelect || tier.Choices != nil {
		t.Errorf("%+v, error %v", got["tier"], err)
	}
}

func TestFabricRecord_customFieldsInRawForm(t *testing.T) {
	for name, c := range map[string]struct {
		fields string
		want   any
	}{
		"select of 4.7":             {`"custom_fields":{"x":{"value":"gold","label":"Gold"}},"custom_field_data":{"x":"gold"}`, "gold"},
		"select of older ones":      {`"custom_fields":{"x":"gold"},"custom_field_data":{"x":"gold"}`, "gold"},
		"select without raw data":   {`"custom_fields":{"x":{"value":"gold","label":"Gold"}}`, "gold"},
		"multiselect":               {`"custom_fields":{"x":[{"value":"a","label":"A"}]},"custom_field_data":{"x":["a"]}`, fabric.Selection{"a"}},
		"object":                    {`"custom_fields":{"x":{"id":7,"url":"u","display":"Lab"}},"custom_field_data":{"x":7}`, json.Number("7")},
		"object without raw data":   {`"custom_fields":{"x":{"id":7,"url":"u","display":"Lab"}}`, json.Number("7")},
		"objects":                   {`"custom_fields":{"x":[{"id":7,"url":"u","display":"Lab"}]},"custom_field_data":{"x":[7]}`, fabric.Selection{json.Number("7")}},
		"JSON that looks like one":  {`"custom_fields":{"x":{"value":1,"label":2}},"custom_field_data":{"x":{"value":1,"label":2}}`, map[string]any{"value": json.Number("1"), "label": json.Number("2")}},
		"JSON list of objects":      {`"custom_fields":{"x":[{"a":1}]},"custom_field_data":{"x":[{"a":1}]}`, []any{map[string]any{"a": json.Number("1")}}},
		"shown list, empty raw one": {`"custom_fields":{"x":[{"a":1}]},"custom_field_data":{"x":[]}`, fabric.Selection{}},
		"all digits":                {`"custom_fields":{"x":0.12345678901234567890}`, json.Number("0.12345678901234567890")},
		"nothing":                   {`"custom_fields":{"x":null},"custom_field_data":{"x":null}`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			d := fieldDecoder{}
			if err := json.Unmarshal([]byte("{"+c.fields+"}"), &d.fields); err != nil {
				t.Fatal(err)
			}
			if got := d.customValues()["x"]; d.err != nil || !reflect.DeepEqual(got, c.want) {
				t.Errorf("%#v, want %#v, error %v", got, c.want, d.err)
			}
		})
	}
}

func TestFabricRecord_unknownKeysOutOfSightAreNoCustomFields(t *testing.T) {
	d := fieldDecoder{}
	if err := json.Unmarshal([]byte(`{"custom_fields":{"x":1},"custom_field_data":{"x":1,"nope":2}}`), &d.fields); err != nil {
		t.Fatal(err)
	}
	if got := d.customValues(); !reflect.DeepEqual(got, map[string]any{"x": json.Number("1")}) {
		t.Errorf("%v", got)
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
		t.Errorf("hidden %t, among the attributes %t, error %v", f.TokenHidden, shown, err)
	}
	verdict, _ := fabric.Compare(fabric.Attributes{}, fabric.Attributes{"kubernetes_token": "sent"}, AttributesOf(&f))
	if verdict != fabric.AsPlanned {
		t.Errorf("verdict %v of a token that cannot be seen", verdict)
	}
}
