package netboxtest

import (
	"fmt"
	"strings"
	"testing"
)

func TestResources_uniqueTogetherAndCascade(t *testing.T) {
	s := start(t, Options{})
	a := s.AddFabric(map[string]any{"name": "alpha"})
	b := s.AddFabric(map[string]any{"name": "bravo"})
	const vpcs = "/api/plugins/hedgehog/vpcs/"
	body := func(fabric int64, name string) string {
		return fmt.Sprintf(`{"fabric":%d,"name":"%s","spec":{"k":"v"}}`, fabric, name)
	}
	created := do(t, s, "POST", vpcs, body(a, "v1")).must(t, 201)
	if created.key("display") != "v1 (alpha)" || created.key("namespace") != "default" {
		t.Errorf("got %s", created.raw)
	}
	twice := do(t, s, "POST", vpcs, body(a, "v1")).must(t, 500)
	if twice.key("exception") != "IntegrityError" || !strings.Contains(stringOf(twice.key("error")),
		"(fabric_id, namespace, name)=(1, default, v1)") {
		t.Errorf("got %s for a second object with the same name", twice.raw)
	}
	old := start(t, Options{Version: V44})
	a44 := old.AddFabric(map[string]any{"name": "alpha"})
	do(t, old, "POST", vpcs, body(a44, "v1")).must(t, 201)
	if got := do(t, old, "POST", vpcs, body(a44, "v1")).must(t, 400); got.raw !=
		`{"__all__":["VPC with this Fabric, Namespace and Name already exists."]}` {
		t.Errorf("NetBox 4.4: got %s", got.raw)
	}
	for name, field := range map[string]string{"A_b": "name", "a.b": "name", "-a": "name"} {
		if got := do(t, s, "POST", vpcs, body(a, name)).must(t, 400); got.key(field) == nil {
			t.Errorf("%s: got %s", name, got.raw)
		}
	}
	do(t, s, "POST", vpcs, body(b, "v1")).must(t, 201)
	do(t, s, "POST", vpcs, body(99, "v1")).must(t, 400)
	do(t, s, "DELETE", fabricsPath+formatID(a)+"/", `{"changelog_message":"gone"}`).must(t, 204)
	left := do(t, s, "GET", vpcs+"?ordering=-id", "").must(t, 200).results()
	if len(left) != 1 || left[0].(map[string]any)["display"] != "v1 (bravo)" {
		t.Errorf("got the VPCs %v, want none", left)
	}
	var log []string
	for _, e := range s.Changelog()[2:] {
		log = append(log, e.Action+" "+e.ObjectRepr+" "+e.Message)
	}
	if got := fmt.Sprint(log); got != "[delete v1 (alpha)  delete alpha gone]" {
		t.Errorf("got the change log %s", got)
	}
}
