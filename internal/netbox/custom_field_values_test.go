package netbox

import (
	"net/http"
	"reflect"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

func TestCustomFieldKeys_areThoseThatARecordShows(t *testing.T) {
	for version := range profiles {
		t.Run(string(version), func(t *testing.T) {
			s := startNetBox(t, netboxtest.Options{Version: version})
			s.AddCustomField(netboxtest.CustomField{Name: "owner", Type: "text"})
			s.AddCustomField(netboxtest.CustomField{Name: "rack_units", Type: "integer"})
			s.AddCustomField(netboxtest.CustomField{Name: "elsewhere", Type: "text",
				ObjectTypes: []string{"dcim.device"}})
			refuse(s, customFieldsPath)
			c := newClient(t, s.URL())
			if keys, err := c.CustomFieldKeys(t.Context(), anyTime); keys != nil || err != nil {
				t.Errorf("without a fabric: got %v, %v", keys, err)
			}
			s.AddFabric(map[string]any{"name": "alpha", "custom_field_data": map[string]any{"out_of_sight": 1}})
			addFabrics(s, 3)
			s.ResetRequests()
			want := map[string]fabric.CustomFieldDefinition{"owner": {Key: "owner"}, "rack_units": {Key: "rack_units"}}
			if keys, err := c.CustomFieldKeys(t.Context(), anyTime); keys != nil || err != nil {
				t.Errorf("the second time: got %v, %v", keys, err)
			}
			if keys, err := c.CustomFieldKeys(t.Context(), time.Now()); err != nil || !reflect.DeepEqual(keys, want) {
				t.Errorf("got the keys %v, %v", keys, err)
			}
			if requests := s.Requests(); len(requests) != 1 || requests[0].Query.Get("limit") != "1" {
				t.Errorf("got the requests %v", requests)
			}
		})
	}
}

// The first fabric that a run creates shows the keys for later fabrics.
func TestCustomFieldKeys_askedAgainOnceThereIsAFabric(t *testing.T) {
	s := startNetBox(t, netboxtest.Options{})
	s.AddCustomField(netboxtest.CustomField{Name: "owner", Type: "text"})
	c := newClient(t, s.URL())
	if keys, err := c.CustomFieldKeys(t.Context(), anyTime); keys != nil || err != nil {
		t.Errorf("without a fabric: got %v, %v", keys, err)
	}
	if _, err := c.Fabrics().Create(t.Context(), alphaCreate()); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if keys, err := c.CustomFieldKeys(t.Context(), anyTime); err != nil || keys["owner"].Key == "" {
			t.Errorf("got the keys %v, %v", keys, err)
		}
	}
	if n := s.Count(http.MethodGet, fabricsPath); n != 2 {
		t.Errorf("got %d requests, want 2", n)
	}
}

func TestCustomFieldKeys_listThatCannotBeRead(t *testing.T) {
	s := startNetBox(t, netboxtest.Options{})
	refuse(s, fabricsPath)
	keys, err := newClient(t, s.URL()).CustomFieldKeys(t.Context(), anyTime)
	if wantError[*rest.ForbiddenError](t, err); keys != nil {
		t.Errorf("got the keys %v", keys)
	}
}

func TestRefusedTypes_ofAnAnswer(t *testing.T) {
	s := startNetBox(t, netboxtest.Options{})
	for name, kind := range map[string]string{"units": "integer", "served": "boolean", "site": "object",
		"sites": "multiobject", "owner": "text", "power": "decimal"} {
		s.AddCustomField(netboxtest.CustomField{Name: name, Type: kind, RelatedObjectType: "dcim.site",
			RelatedObjects: map[int64]string{1: "Lab"}})
	}
	for key, c := range map[string]struct {
		value any
		want  string // "" if the value has the type, or could have no other type
	}{
		"units": {"4", fabric.CustomInteger}, "served": {"true", fabric.CustomBoolean}, "site": {"Lab", ""},
		"sites": {"1", ""}, "owner": {4, ""}, "power": {"much", ""}, "nope": {"4", ""},
	} {
		create := alphaCreate()
		create.Set[fabric.CustomField(key)] = c.value
		_, err := newClient(t, s.URL()).Fabrics().Create(t.Context(), create)
		want := map[string]string{}
		if c.want != "" {
			want[fabric.CustomField(key)] = c.want
		}
		if got := RefusedTypes(wantError[*rest.InvalidError](t, err)); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %v, want %v, from %v", key, got, want, err)
		}
	}
	elsewhere := &rest.InvalidError{Fields: map[string][]string{"sync_interval": {"Value must be an integer."}},
		Detail: []string{"Value must be true or false."}}
	if got := RefusedTypes(elsewhere); len(got) != 0 {
		t.Errorf("got %v from an answer about other fields", got)
	}
	if s.Count(http.MethodPost, fabricsPath) != 7 {
		t.Errorf("got %d requests", s.Count(http.MethodPost, fabricsPath))
	}
}
