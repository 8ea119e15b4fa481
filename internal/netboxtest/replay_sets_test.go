package netboxtest

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// recordedSet is one folder of recordings, with the state of its server before the first one.
type recordedSet struct {
	version Version
	// The last ids that the server had assigned, since other recordings were made there before.
	lastFabric, lastVPC, lastResource, lastTag int64
	// unrecorded has what was done on that server before a recording.
	unrecorded map[string]func(*testing.T, *Server)
	removed    []removal
	// left has the recordings that the replay leaves out, with the reasons.
	left map[string]string
}

func recordedSets() []recordedSet {
	return []recordedSet{
		{version: V47, lastFabric: 1007, lastVPC: 1,
			unrecorded: map[string]func(*testing.T, *Server){"129-words-boolean-text": defineEveryType}},
		{version: V46, lastFabric: 22, lastVPC: 4, lastResource: 2, lastTag: 4,
			removed: []removal{{21, "b2"}, {13, "extra1"}, {16, "extra2"}, {24, "ghost"}}},
		{version: V45, lastFabric: 12, lastVPC: 3, lastResource: 2, lastTag: 3,
			removed: []removal{{21, "b2"}, {13, "extra1"}, {16, "extra2"}, {24, "ghost"}}},
		{version: V44, lastFabric: 28, lastVPC: 5, lastResource: 2, lastTag: 6,
			removed: []removal{{28, "b2"}, {21, "extra1"}, {24, "extra2"}},
			unrecorded: map[string]func(*testing.T, *Server){
				"130-extra-published-create-with-all-fields": createOnPatched("extra1"),
				"132-extra-published-get-with-omit":          createOnPatched("extra2"),
			}},
	}
}

// removal is a fabric that was deleted before the first recording. The change log shows it.
type removal struct {
	id   int64
	name string
}

// createOnPatched creates a fabric while the plugin is patched. On 4.4 the published plugin
// cannot create fabrics, but recordings show what it does to existing ones.
func createOnPatched(name string) func(*testing.T, *Server) {
	return func(t *testing.T, s *Server) {
		t.Helper()
		s.SetPublishedDisplayURL(false)
		do(t, s, "POST", fabricsPath, `{"name":"`+name+`"}`).must(t, 201)
	}
}

// defineEveryType adds the custom fields that the recordings of custom field values need: those
// that internal/dev/netboxserver/prepare.py adds to a real NetBox, and a unique one.
func defineEveryType(_ *testing.T, s *Server) {
	for name, kind := range map[string]string{
		"notes": "longtext", "power_draw": "decimal", "in_service": "boolean", "installed_on": "date",
		"reviewed_at": "datetime", "runbook": "url", "facts": "json",
	} {
		s.AddCustomField(CustomField{Name: name, Type: kind})
	}
	s.AddCustomField(CustomField{Name: "colours", Type: "multiselect", Choices: []Choice{{"red", "Red"}}})
	s.AddCustomField(CustomField{Name: "home_site", Type: "object", RelatedObjectType: "dcim.site"})
	s.AddCustomField(CustomField{Name: "other_sites", Type: "multiobject", RelatedObjectType: "dcim.site"})
	s.AddCustomField(CustomField{Name: "asset", Type: "text", Unique: true})
}

// TestReplay sends every recorded request, in order, to a server with the data of the recorded
// one, and compares status, headers and body. Only values that a server chooses may differ, and
// each recorded time must always become the same time.
func TestReplay(t *testing.T) {
	for _, set := range recordedSets() {
		t.Run(string(set.version), func(t *testing.T) { set.replay(t) })
	}
}

func (set *recordedSet) replay(t *testing.T) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", "netbox-"+string(set.version), "*.json"))
	if err != nil || len(files) < 128 {
		t.Fatalf("got %d recordings, %v", len(files), err)
	}
	p := &replay{server: set.seeded(t), times: map[string]string{}, taken: map[string]string{}}
	names := []string{}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		names = append(names, name)
		if act := set.unrecorded[name]; act != nil {
			act(t, p.server)
		}
		if _, out := set.left[name]; !out {
			t.Run(name, func(t *testing.T) { p.run(t, file) })
		}
	}
	for name, reason := range set.left {
		if !slices.Contains(names, name) || reason == "" {
			t.Errorf("left names the recording %s, which does not exist or has no reason", name)
		}
	}
	for name := range set.unrecorded {
		if !slices.Contains(names, name) {
			t.Errorf("unrecorded has steps before %s, which does not exist", name)
		}
	}
}

// seeded starts a server with the tags, custom fields and id counters of the recorded one.
func (set *recordedSet) seeded(t *testing.T) *Server {
	t.Helper()
	s := start(t, Options{Version: set.version})
	s.mu.Lock()
	for endpoint := range s.models {
		s.store.lastID[endpoint] = set.lastResource
	}
	s.store.lastID[fabricEndpoint], s.store.lastID["vpcs"] = set.lastFabric, set.lastVPC
	s.store.lastTag, s.store.lastField = set.lastTag, 11
	fabrics := s.models[fabricEndpoint]
	for _, r := range set.removed {
		c := &call{Server: s, who: &identity{user: "admin"}, requestID: newRequestID()}
		o := &object{id: r.id, values: fabrics.initialValues(), custom: map[string]any{"owner": nil, "rack_units": nil,
			"tier": nil}}
		o.values["name"] = r.name
		c.logRemoval(removedObject{fabrics, o, r.name}, "")
	}
	s.mu.Unlock()
	s.AddTag("Prod", "prod")
	s.AddTag("Lab", "lab")
	s.AddCustomField(CustomField{Name: "owner", Label: "Owner", Type: "text"})
	s.AddCustomField(CustomField{Name: "rack_units", Type: "integer"})
	s.AddCustomField(CustomField{Name: "tier", Type: "select", ChoiceSet: "tiers",
		Choices: []Choice{{"gold", "Gold"}, {"silver", "Silver"}}})
	return s
}
