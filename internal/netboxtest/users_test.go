package netboxtest

import (
	"cmp"
	"strings"
	"testing"
)

// A user that was created through the API may do only what its permissions allow.
func TestUsers_permissions(t *testing.T) {
	own := strings.Repeat("0a", 20)
	for version, shown := range map[Version]string{V47: "token", V46: "token", V45: "", V44: "key"} {
		s := start(t, Options{Version: version})
		do(t, s, "POST", "/api/users/users/", `{"username":"ada","password":"x"}`).must(t, 201)
		do(t, s, "POST", "/api/users/users/", `{"username":"ada","password":"x"}`).must(t, 400)
		give := func(actions, constraints string) {
			do(t, s, "POST", "/api/users/permissions/", `{"name":"p","users":[1],"actions":`+actions+
				`,"object_types":["netbox_hedgehog.hedgehogfabric"]`+constraints+`}`).must(t, 201)
		}
		made := do(t, s, "POST", "/api/users/tokens/", `{"user":{"username":"ada"},"version":1,"key":"`+own+
			`","token":"`+own+`"}`).must(t, 201)
		token := cmp.Or(stringOf(made.key(shown)), own)
		if version == V45 && made.key("token") != nil || (token == own) != (version != V47) {
			t.Errorf("NetBox %s: got the token %s in %s", version, token, made.raw)
		}
		as := []string{"Authorization", "Token " + token}
		do(t, s, "GET", "/api/status/", "", as...).must(t, 200)
		do(t, s, "GET", fabricsPath, "", as...).must(t, 403)

		give(`["view"]`, `,"constraints":{"name__startswith":"lab-"}`)
		hidden := fabricsPath + formatID(s.AddFabric(map[string]any{"name": "alpha"})) + "/"
		seen := fabricsPath + formatID(s.AddFabric(map[string]any{"name": "lab-1"})) + "/"
		do(t, s, "GET", hidden, "", as...).must(t, 404)
		do(t, s, "GET", seen, "", as...).must(t, 200)
		do(t, s, "PATCH", seen, `{}`, as...).must(t, 403)

		give(`["view","change"]`, "")
		do(t, s, "GET", hidden, "", as...).must(t, 200)
		do(t, s, "PATCH", hidden, `{"description":"x"}`, as...).must(t, 200)
		do(t, s, "DELETE", hidden, "", as...).must(t, 403)
		do(t, s, "POST", fabricsPath, `{"name":"new"}`, as...).must(t, 403)
		for _, path := range []string{"/api/extras/custom-fields/", "/api/extras/tags/", "/api/core/object-changes/",
			"/api/extras/custom-field-choice-sets/", "/api/plugins/hedgehog/vpcs/?ordering=id"} {
			do(t, s, "GET", path, "", as...).must(t, 403)
		}
		do(t, s, "POST", "/api/users/users/", `{"username":"eve","password":"x"}`, as...).must(t, 403)

		made = do(t, s, "POST", "/api/users/tokens/", `{"user":{"username":"ada"},"version":2,"token":"`+own+
			`"}`).must(t, 201)
		v2 := "Bearer nbt_" + stringOf(made.key("key")) + "." + cmp.Or(stringOf(made.key("token")), own)
		do(t, s, "GET", fabricsPath, "", "Authorization", v2).must(t, map[bool]int{true: 200,
			false: 403}[version != V44])
	}
}
