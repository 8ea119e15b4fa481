package examplestest

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

// role is a Role of Kubernetes.
type role struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Metadata   struct {
		Name      string `json:"name"`
		Namespace string `json:"namespace"`
	} `json:"metadata"`
	Rules []struct {
		APIGroups []string `json:"apiGroups"`
		Resources []string `json:"resources"`
		Verbs     []string `json:"verbs"`
	} `json:"rules"`
}

// mayList reports whether the role permits to list a kind.
func (r *role) mayList(kind fabric.Kind) bool {
	for _, rule := range r.Rules {
		if slices.Contains(rule.APIGroups, kind.Group) && slices.Equal(rule.Verbs, []string{"list"}) &&
			(slices.Contains(rule.Resources, kind.Resource) || slices.Contains(rule.Resources, "*")) {
			return true
		}
	}
	return false
}

// The Roles of the guide permit what the provider asks a cluster, and nothing else.
func TestDocuments_rolesPermitWhatIsAsked(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(repository, "templates/guides/secrets.md"))
	must(t, err)
	roles := map[string]*role{}
	for _, b := range blocksOf(string(text)) {
		if b.language != "yaml" {
			continue
		}
		for part := range strings.SplitSeq(b.text, "---\n") {
			r := &role{}
			must(t, yaml.UnmarshalStrict([]byte(part), r))
			roles[r.Kind+" "+r.Metadata.Namespace+"/"+r.Metadata.Name] = r
		}
	}
	const syncs, health, fab = "Role default/netbox-sync", "Role default/netbox-health", "Role fab/netbox-health"
	if len(roles) != 3 || roles[syncs] == nil || roles[health] == nil || roles[fab] == nil {
		t.Fatalf("the guide has the roles %v", roles)
	}
	want := map[string][]fabric.Kind{
		syncs:  append(fabric.Kinds(), fabric.UnstoredKinds()[:2]...), // they are in the same group
		health: append([]fabric.Kind{fabric.AgentKind()}, fabric.UnstoredKinds()[2:]...),
		fab:    {fabric.FabricatorKind()},
	}
	for _, kind := range slices.Concat(fabric.Kinds(), fabric.HealthKinds()) {
		for name, kinds := range want {
			if got := roles[name].mayList(kind); got != slices.Contains(kinds, kind) {
				t.Errorf("%s permits to list %s.%s: %t", name, kind.Resource, kind.Group, got)
			}
		}
	}
}
