package cluster

import (
	"net/http"
	"testing"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/clustertest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

func TestNamespaceMissing(t *testing.T) {
	s := standin(t, clustertest.Options{})
	ask := func() (bool, error) {
		return connect(t, s, func(c *Config) { c.Token = clustertest.FullToken }).NamespaceMissing(t.Context())
	}
	if missing, err := ask(); missing {
		t.Error("a token that may not ask was told")
	} else {
		wantClass(t, err, ClassForbidden)
	}
	s.AllowNamespaces(clustertest.FullToken)
	if missing, err := ask(); !missing || err != nil {
		t.Errorf("missing %t, %v", missing, err)
	}
	s.AddNamespace(namespace)
	if missing, err := ask(); missing || err != nil {
		t.Errorf("missing %t, %v", missing, err)
	}
	s.Answer("/api/", func(w http.ResponseWriter, _ *http.Request) { http.NotFound(w, nil) })
	if missing, err := ask(); missing || err == nil { // not a word of the namespace
		t.Errorf("missing %t, %v", missing, err)
	}
}

func TestForbids_namesAllKinds(t *testing.T) {
	kinds := fabric.Kinds()
	for text, some := range map[string][]fabric.Kind{
		"to list vpcs.vpc.githedgehog.com, externals.vpc.githedgehog.com in namespace": kinds[:2],
		"to list any of the twelve kinds of a fabric in namespace":                     kinds,
	} {
		wantClass(t, Forbids("https://k8s.example.com", "one", some), ClassForbidden, "https://k8s.example.com does "+
			"not permit", text, `"one"`)
	}
}
