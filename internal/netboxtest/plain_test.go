package netboxtest

import "testing"

// Deleted objects no longer have an effect.
func TestPlainKinds_deleted(t *testing.T) {
	s := start(t, Options{PublishedDisplayURL: true})
	id := func(r reply) string { return stringOf(r.must(t, 201).key("id")) + "/" }
	const users, permissions, tokens = "/api/users/users/", "/api/users/permissions/", "/api/users/tokens/"
	ada := id(do(t, s, "POST", users, `{"username":"ada","password":"x"}`))
	permission := id(do(t, s, "POST", permissions, `{"name":"p","users":[`+ada[:len(ada)-1]+
		`],"actions":["view"],"object_types":["netbox_hedgehog.hedgehogfabric"]}`))
	newToken := func() (path string, as []string) {
		made := do(t, s, "POST", tokens, `{"user":{"username":"ada"},"version":1}`)
		return tokens + id(made), []string{"Authorization", "Token " + stringOf(made.key("token"))}
	}
	first, asFirst := newToken()
	second, asSecond := newToken()
	if shown := do(t, s, "GET", first, "").must(t, 200); shown.key("token") != nil {
		t.Errorf("got %s, want no token", shown.raw)
	}
	do(t, s, "GET", fabricsPath, "", asFirst...).must(t, 200)

	do(t, s, "DELETE", first, "").must(t, 204)
	do(t, s, "GET", "/api/status/", "", asFirst...).must(t, 403)
	do(t, s, "DELETE", permissions+permission, "").must(t, 204)
	do(t, s, "GET", fabricsPath, "", asSecond...).must(t, 403)
	do(t, s, "GET", "/api/status/", "", asSecond...).must(t, 200)
	do(t, s, "DELETE", users+ada, "").must(t, 204)
	do(t, s, "GET", "/api/status/", "", asSecond...).must(t, 403)
	do(t, s, "GET", second, "").must(t, 404)

	const rules = "/api/extras/event-rules/"
	rule := id(do(t, s, "POST", rules, `{"name":"e","event_types":["object_created"],"action_type":"webhook",`+
		`"object_types":["netbox_hedgehog.hedgehogfabric"]}`))
	do(t, s, "POST", fabricsPath+"?omit=display_url", `{"name":"a"}`).must(t, 500)
	if list := do(t, s, "GET", rules, "").must(t, 200).results(); len(list) != 1 {
		t.Errorf("got the event rules %v", list)
	}
	do(t, s, "DELETE", rules+rule, "").must(t, 204)
	do(t, s, "POST", fabricsPath+"?omit=display_url", `{"name":"b"}`).must(t, 201)
	do(t, s, "DELETE", rules+rule, "").must(t, 404)
	do(t, s, "GET", rules, "", "Authorization", "Token "+LimitedToken).must(t, 403)
}
