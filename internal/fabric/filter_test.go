package fabric

import (
	"regexp"
	"testing"
	"time"
)

func TestFilter_everyKindDecides(t *testing.T) {
	now := time.Date(2030, 5, 1, 12, 0, 0, 0, time.UTC)
	synced := now.Add(-time.Minute)
	f := &Fabric{
		Name: "caf\u00e9", Lifecycle: "active", KubernetesServer: "https://10.0.0.5:6443", SyncEnabled: true,
		SyncInterval: 300, LastSync: &synced, StoredSyncStatus: "error", ConnectionStatus: "connected",
		Tags: []Tag{{Name: "Prod"}, {Name: "cafe\u0301"}},
	}
	for name, c := range map[string]struct {
		filter Filter
		want   bool
	}{
		"none":                          {Filter{}, true},
		"name":                          {Filter{Name: regexp.MustCompile("^caf.$")}, true},
		"another name":                  {Filter{Name: regexp.MustCompile("^caf$")}, false},
		"lifecycle":                     {Filter{Lifecycles: []string{"planned", "active"}}, true},
		"another lifecycle":             {Filter{Lifecycles: []string{"planned"}}, false},
		"derived status":                {Filter{SyncStatuses: []string{"in_sync"}}, true},
		"stored status":                 {Filter{SyncStatuses: []string{"error"}}, false},
		"connection status":             {Filter{ConnectionStatuses: []string{"connected"}}, true},
		"another connection status":     {Filter{ConnectionStatuses: []string{"unknown"}}, false},
		"empty":                         {Filter{Lifecycles: []string{}}, false},
		"tags, one in another form":     {Filter{Tags: []string{"Prod", "caf\u00e9"}}, true},
		"one tag too many":              {Filter{Tags: []string{"Prod", "Lab"}}, false},
		"tag in another case":           {Filter{Tags: []string{"prod"}}, false},
		"no tags":                       {Filter{Tags: []string{}}, true},
		"one of two filters is not met": {Filter{Lifecycles: []string{"active"}, Tags: []string{"Lab"}}, false},
	} {
		if got := c.filter.Matches(f, now); got != c.want {
			t.Errorf("%s: %t, want %t", name, got, c.want)
		}
	}
	decomposed := &Fabric{Name: "cafe\u0301"}
	if filter := (Filter{Name: regexp.MustCompile("^caf.$")}); !filter.Matches(decomposed, now) {
		t.Error("a name in another normal form does not match")
	}
	later := Filter{SyncStatuses: []string{"out_of_sync"}}
	if later.Matches(f, now) || !later.Matches(f, now.Add(2*time.Hour)) {
		t.Error("the time does not decide")
	}
}

// The sync status does not affect which fabrics are selected.
func TestFilter_selects(t *testing.T) {
	f := &Fabric{Name: "berlin", Lifecycle: "active", Tags: []Tag{{Name: "Prod"}}}
	for name, c := range map[string]struct {
		filter Filter
		want   bool
	}{
		"how it is": {Filter{SyncStatuses: []string{"error"}, ConnectionStatuses: []string{"connected"}}, true},
		"name":      {Filter{Name: regexp.MustCompile("osl")}, false},
		"lifecycle": {Filter{Lifecycles: []string{"planned"}}, false},
		"tag":       {Filter{Tags: []string{"Lab"}}, false},
		"all": {Filter{Name: regexp.MustCompile("ber"), Lifecycles: []string{"active"}, Tags: []string{"Prod"}},
			true},
	} {
		if got := c.filter.Selects(f); got != c.want {
			t.Errorf("%s: %t, want %t", name, got, c.want)
		}
	}
}
