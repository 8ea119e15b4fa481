package cluster

import (
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/clustertest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

func withHealth(c *Config) { c.Token = clustertest.HealthToken }

const agents = "/apis/agent.githedgehog.com/v1beta1/namespaces/fabric-1/agents"

// at stops the stand-in's clock.
func at(s *clustertest.Server, now time.Time) {
	s.Intercept(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Date", now.UTC().Format(http.TimeFormat))
			next.ServeHTTP(w, r)
		})
	})
}

func TestHealth_whole(t *testing.T) {
	s := standin(t, clustertest.Options{})
	// The cluster's clock counts, not the local one.
	now := time.Date(2031, 1, 2, 3, 4, 5, 0, time.UTC)
	at(s, now)
	s.Put(fabric.AgentKind(), namespace, clustertest.Agent("leaf-01", 1, now.Add(-15*time.Second), "v0.99.0"))
	s.Put(fabric.AgentKind(), namespace, clustertest.Agent("leaf-02", 7, now.Add(-20*time.Second), "v0.99.0"))
	s.Put(fabric.AgentKind(), namespace, clustertest.Agent("leaf-03", 1, now.Add(-time.Minute), "v0.98.0"))
	s.Put(fabric.AgentKind(), namespace, clustertest.Agent("leaf-04", 0, time.Time{}, ""))
	s.Put(fabric.AgentKind(), "elsewhere", clustertest.Agent("leaf-05", 0, time.Time{}, ""))
	s.Put(fabric.FabricatorKind(), "fab", clustertest.Fabricator("v0.46.0", map[string]string{"Applied": "True",
		"Ready": "False"}))
	for i := range 3 {
		s.Put(fabric.UnstoredKinds()[0], namespace, clustertest.Object{Name: fmt.Sprint("profile-", i)})
	}
	s.SetInstalled(fabric.UnstoredKinds()[5], false)
	got := connect(t, s, withHealth).Health(t.Context())
	want := &fabric.Health{
		Agents: &fabric.Agents{
			Total: 4, Ready: 1, Pending: 2, Silent: 2,
			NotReady: []fabric.Agent{
				{Name: "leaf-02", Generation: 1, Applied: 7, Heartbeat: now.Add(-20 * time.Second), Version: "v0.99.0"},
				{Name: "leaf-03", Generation: 1, Applied: 1, Heartbeat: now.Add(-time.Minute), Version: "v0.98.0"},
				{Name: "leaf-04", Generation: 1},
			},
			OldestHeartbeat: now.Add(-time.Minute), NewestHeartbeat: now.Add(-15 * time.Second),
			Versions: map[string]int64{"v0.98.0": 1, "v0.99.0": 2}, ObservedAt: now,
		},
		Fabricator: &fabric.Fabricator{
			Generation: 1, Applied: 1, AppliedController: "v0.46.0", Release: "26.03.0",
			Versions:   map[string]string{"fabricator": "v0.46.0", "fabric": "v0.99.0", "gateway": "v0.14.0"},
			Conditions: map[string]string{"Applied": "True", "Ready": "False"},
		},
		Unstored: map[string]int64{"SwitchProfile": 3, "ServerProfile": 0, "Gateway": 0, "GatewayGroup": 0,
			"GatewayPeering": 0, "Peering": 0, "VPCInfo": 0},
		Reasons: map[string]string{},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v\n%+v\n%+v, want %+v\n%+v", got, got.Agents, got.Fabricator, want.Agents, want.Fabricator)
	}
}

// Agents are large, so they come in small pages.
func TestHealth_agentsInPages(t *testing.T) {
	s := standin(t, clustertest.Options{})
	var names []string
	for i := range 60 {
		names = append(names, fmt.Sprintf("leaf-%02d", i))
	}
	s.PutHealth(namespace, names...)
	h := connect(t, s, withHealth).Health(t.Context())
	if h.Agents == nil || h.Agents.Total != 60 || h.Agents.Ready != 60 {
		t.Errorf("got %+v, %v", h.Agents, h.Reasons)
	}
	if n := s.Count(http.MethodGet, agents); n != 3 {
		t.Errorf("got %d requests for 60 agents, want 3", n)
	}
}

func TestHealth_partsThatAreNotThere(t *testing.T) {
	full := fabric.Kinds()
	unstored := fabric.UnstoredKinds()
	all := slices.Concat(full, fabric.HealthKinds())
	for name, test := range map[string]struct {
		lists   []fabric.Kind // the kinds that the token can list
		change  func(*clustertest.Server)
		reasons map[string]string // a part of each
		counted int
	}{
		"a token for syncs only": {lists: full, reasons: map[string]string{
			fabric.HealthAgents: `list agents.agent.githedgehog.com in namespace "fabric-1"; ` +
				`the Role and the RoleBinding in the Secrets guide allow it; the token can then also read the ` +
				`passwords in the specs of these objects`,
			fabric.HealthFabricator: `list fabricators.fabricator.githedgehog.com in namespace "fab"; the Role`,
			fabric.HealthUnstored: `list switchprofiles.wiring.githedgehog.com, ` +
				`serverprofiles.wiring.githedgehog.com and 5 more kinds that NetBox cannot store in namespace ` +
				`"fabric-1"; the Role and the RoleBinding in the Secrets guide allow it`,
		}},
		"no right in the other namespace": {lists: slices.Concat(full, unstored, []fabric.Kind{fabric.AgentKind()}),
			reasons: map[string]string{fabric.HealthFabricator: `in namespace "fab"; the Role and`}, counted: 7},
		"a part of the kinds": {lists: slices.Concat(full, fabric.HealthKinds()[:4]), counted: 2,
			reasons: map[string]string{fabric.HealthUnstored: `list gateways.gateway.githedgehog.com, gatewaygroups.`}},
		"no Agent kind": {lists: all, counted: 7,
			change:  func(s *clustertest.Server) { s.SetInstalled(fabric.AgentKind(), false) },
			reasons: map[string]string{fabric.HealthAgents: "does not serve agents.agent.githedgehog.com/v1beta1"}},
		"no Fabricator kind": {lists: all, counted: 7,
			change: func(s *clustertest.Server) { s.SetInstalled(fabric.FabricatorKind(), false) },
			reasons: map[string]string{
				fabric.HealthFabricator: "does not serve fabricators.fabricator.githedgehog.com/v1beta1"}},
		"no Fabricator": {lists: all, counted: 7,
			change: func(s *clustertest.Server) { s.Remove(fabric.FabricatorKind(), "fab", "default") },
			reasons: map[string]string{fabric.HealthFabricator: `has no Fabricator in namespace "fab", ` +
				`where Hedgehog installs it, so the control nodes were not checked`}},
		"no Agent": {lists: all, counted: 7,
			change: func(s *clustertest.Server) { s.Remove(fabric.AgentKind(), namespace, "leaf-01") },
			reasons: map[string]string{
				fabric.HealthAgents: `has no Agent in namespace "fabric-1", so no switch was seen; check that ` +
					`kubernetes_namespace`}},
		"agents cannot be read": {lists: all, counted: 7,
			change:  func(s *clustertest.Server) { s.Answer(agents, refusal(500, "InternalError", "etcd is gone")) },
			reasons: map[string]string{fabric.HealthAgents: "with status 500: etcd is gone"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := standin(t, clustertest.Options{})
			s.PutHealth(namespace, "leaf-01")
			s.SetToken("some-token", test.lists...)
			if test.change != nil {
				test.change(s)
			}
			h := connect(t, s, func(c *Config) { c.Token = "some-token" }).Health(t.Context())
			got, want := slices.Sorted(maps.Keys(h.Reasons)), slices.Sorted(maps.Keys(test.reasons))
			if !slices.Equal(got, want) {
				t.Fatalf("reasons %v, want for %v", h.Reasons, want)
			}
			for part, words := range test.reasons {
				if reason := h.Reasons[part]; !strings.Contains(reason, words) || !strings.HasPrefix(reason, s.URL()) {
					t.Errorf("%s: got %q, want %q in it", part, reason, words)
				}
			}
			if (h.Agents == nil) != (test.reasons[fabric.HealthAgents] != "") ||
				(h.Fabricator == nil) != (test.reasons[fabric.HealthFabricator] != "") ||
				len(h.Unstored) != test.counted || (test.counted == 0) != (h.Unstored == nil) {
				t.Errorf("got %+v", h)
			}
		})
	}
}

// If the whole cluster is unusable, there is only one request.
func TestHealth_clusterThatCannotBeUsed(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*clustertest.Server)
		token  string
		says   string
		asked  int
	}{
		"unknown token": {nil, "guessed", "does not accept the token", 1},
		"something else": {func(s *clustertest.Server) { s.Answer("/", page(200, "text/html", "hello")) }, "",
			"is not a Kubernetes API server", 1},
		"stopped": {(*clustertest.Server).Stop, "", "connection refused", 0},
		"without its time": {func(s *clustertest.Server) { s.Intercept(noDate) }, "", "; if a proxy removes it, " +
			"configure", 1},
	} {
		t.Run(name, func(t *testing.T) {
			s := standin(t, clustertest.Options{})
			if test.change != nil {
				test.change(s)
			}
			h := connect(t, s, withHealth, func(c *Config) {
				if test.token != "" {
					c.Token = test.token
				}
			}).Health(t.Context())
			if h.Agents != nil || h.Fabricator != nil || h.Unstored != nil || len(h.Reasons) != 3 {
				t.Errorf("got %+v", h)
			}
			for part, reason := range h.Reasons {
				if !strings.Contains(reason, test.says) {
					t.Errorf("%s: got %q", part, reason)
				}
			}
			if n := len(s.Requests()); n != test.asked {
				t.Errorf("got %d requests, want %d", n, test.asked)
			}
		})
	}
}

func noDate(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header()["Date"] = nil
		next.ServeHTTP(w, r)
	})
}

// Fields with unexpected types count as missing.
func TestHealth_oddStatus(t *testing.T) {
	s, now := standin(t, clustertest.Options{}), time.Date(2031, 1, 2, 3, 4, 5, 0, time.UTC)
	at(s, now)
	s.Put(fabric.AgentKind(), namespace, clustertest.Object{Name: "leaf-01", Status: map[string]any{
		"version": 1, "lastHeartbeat": "soon", "lastAppliedGen": "many", "conditions": "none"}})
	s.Put(fabric.AgentKind(), namespace, clustertest.Object{Name: "leaf-02"})
	h := connect(t, s, withHealth).Health(t.Context())
	want := &fabric.Agents{Total: 2, Pending: 2, Silent: 2, NotReady: []fabric.Agent{
		{Name: "leaf-01", Generation: 1}, {Name: "leaf-02", Generation: 1}}, ObservedAt: now}
	if !reflect.DeepEqual(h.Agents, want) {
		t.Errorf("got %+v, want %+v", h.Agents, want)
	}
}

// The specs of Agents and Fabricators contain passwords, and an annotation may contain them too.
func TestHealth_noSecretOfASpec(t *testing.T) {
	s := standin(t, clustertest.Options{})
	s.PutHealth(namespace, "leaf-01", "leaf-02")
	s.Put(fabric.AgentKind(), namespace, clustertest.Agent("leaf-03", 0, time.Time{}, ""))
	h := connect(t, s, withHealth).Health(t.Context())
	if h.Agents == nil || h.Fabricator == nil {
		t.Fatal(h.Reasons)
	}
	if text := fmt.Sprintf("%+v %+v %+v", h, h.Agents, h.Fabricator); strings.Contains(text, clustertest.Secret) {
		t.Errorf("the secret is in %s", text)
	}
}
