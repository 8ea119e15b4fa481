package examplestest

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	core "k8s.io/api/core/v1"
	rbac "k8s.io/api/rbac/v1"
	"sigs.k8s.io/yaml"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

// manifests are those of the guide, by namespace and name.
type manifests struct {
	accounts map[string]*core.ServiceAccount
	secrets  map[string]*core.Secret
	roles    map[string]*rbac.Role
	bindings map[string]*rbac.RoleBinding
}

func readManifests(t *testing.T, path string) *manifests {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(repository, path))
	must(t, err)
	m := &manifests{accounts: map[string]*core.ServiceAccount{}, secrets: map[string]*core.Secret{},
		roles: map[string]*rbac.Role{}, bindings: map[string]*rbac.RoleBinding{}}
	for _, b := range blocksOf(string(text)) {
		if b.language != "yaml" {
			continue
		}
		for part := range strings.SplitSeq(b.text, "---\n") {
			m.add(t, part)
		}
	}
	return m
}

func (m *manifests) add(t *testing.T, text string) {
	t.Helper()
	head := &struct {
		APIVersion string `json:"apiVersion"`
		Kind       string `json:"kind"`
		Metadata   struct {
			Name      string `json:"name"`
			Namespace string `json:"namespace"`
		} `json:"metadata"`
	}{}
	must(t, yaml.Unmarshal([]byte(text), head))
	var object any
	key := head.Metadata.Namespace + "/" + head.Metadata.Name
	switch head.APIVersion + " " + head.Kind {
	case "v1 ServiceAccount":
		m.accounts[key] = &core.ServiceAccount{}
		object = m.accounts[key]
	case "v1 Secret":
		m.secrets[key] = &core.Secret{}
		object = m.secrets[key]
	case rbac.SchemeGroupVersion.String() + " Role":
		m.roles[key] = &rbac.Role{}
		object = m.roles[key]
	case rbac.SchemeGroupVersion.String() + " RoleBinding":
		m.bindings[key] = &rbac.RoleBinding{}
		object = m.bindings[key]
	default:
		t.Fatalf("a manifest of an unknown kind:\n%s", text)
	}
	must(t, yaml.UnmarshalStrict([]byte(text), object))
}

// mayList returns what a role permits to list, as resource.group.
func mayList(t *testing.T, r *rbac.Role) (all []string) {
	t.Helper()
	for _, rule := range r.Rules {
		if !slices.Equal(rule.Verbs, []string{"list"}) || len(rule.APIGroups) != 1 {
			t.Errorf("%s/%s: %+v", r.Namespace, r.Name, rule)
			continue
		}
		for _, resource := range rule.Resources {
			all = append(all, resource+"."+rule.APIGroups[0])
		}
	}
	slices.Sort(all)
	return all
}

// The guide's Roles permit exactly the provider's requests to a cluster. The guide's account has
// these Roles and a token.
func TestDocuments_rolesPermitWhatIsAsked(t *testing.T) {
	m := readManifests(t, "templates/guides/secrets.md")
	want := map[string][]fabric.Kind{
		"default/netbox-sync":   fabric.Kinds(),
		"default/netbox-health": append([]fabric.Kind{fabric.AgentKind()}, fabric.UnstoredKinds()...),
		"fab/netbox-health":     {fabric.FabricatorKind()},
	}
	if len(m.roles) != len(want) || len(m.bindings) != len(want) || len(m.accounts) != 1 || len(m.secrets) != 1 {
		t.Fatalf("got %+v", m)
	}
	const account = "netbox-sync"
	secret := m.secrets["default/"+account]
	if m.accounts["default/"+account] == nil || secret == nil || secret.Type != core.SecretTypeServiceAccountToken ||
		secret.Annotations[core.ServiceAccountNameKey] != account {
		t.Errorf("account %+v, secret %+v", m.accounts, secret)
	}
	for name, kinds := range want {
		role, binding := m.roles[name], m.bindings[name]
		if role == nil || binding == nil {
			t.Errorf("%s: role %+v, binding %+v", name, role, binding)
			continue
		}
		var permitted []string
		for _, kind := range kinds {
			permitted = append(permitted, kind.Resource+"."+kind.Group)
		}
		slices.Sort(permitted)
		if got := mayList(t, role); !slices.Equal(got, permitted) {
			t.Errorf("%s permits to list %q, want %q", name, got, permitted)
		}
		roleRef := rbac.RoleRef{APIGroup: rbac.GroupName, Kind: "Role", Name: role.Name}
		subject := rbac.Subject{Kind: rbac.ServiceAccountKind, Name: account, Namespace: "default"}
		if binding.RoleRef != roleRef || !slices.Equal(binding.Subjects, []rbac.Subject{subject}) {
			t.Errorf("%s: %+v", name, binding)
		}
	}
}
