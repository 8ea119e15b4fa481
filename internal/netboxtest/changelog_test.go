package netboxtest

import (
	"strings"
	"testing"
)

const objectChanges = "/api/core/object-changes/"

func TestObjectChanges_filtersAndFields(t *testing.T) {
	s := start(t, Options{})
	do(t, s, "POST", "/api/extras/tags/", `{"name":"Lab","slug":"lab"}`).must(t, 201)
	created := do(t, s, "POST", fabricsPath, `{"name":"alpha","kubernetes_token":"secret","tags":[1],`+
		`"changelog_message":"why"}`).must(t, 201)
	do(t, s, "PATCH", fabricsPath+"1/", `{"name":"bravo"}`).must(t, 200)
	do(t, s, "PATCH", fabricsPath+"1/", `{}`).must(t, 200)
	do(t, s, "POST", fabricsPath, `{"name":"bravo"}`).must(t, 400)
	do(t, s, "DELETE", fabricsPath+"1/", `{"changelog_message":"gone"}`).must(t, 204)
	for query, want := range map[string]string{
		"":                                    "delete bravo gone; update bravo ; create alpha why; create Lab ",
		"changed_object_type=extras.tag":      "create Lab ",
		"action=update&action=delete":         "delete bravo gone; update bravo ",
		"changed_object_id=1&object_repr=Lab": "create Lab ",
		"request_id=" + created.header.Get("X-Request-ID"): "create alpha why",
		"user=limited":        "",
		"limit=1":             "delete bravo gone",
		"id=2":                "create alpha why",
		"offset=3&user=admin": "create Lab ",
	} {
		var rows []string
		for _, e := range do(t, s, "GET", objectChanges+"?fields=action,object_repr,message&"+query, "").must(t,
			200).results() {
			row := e.(map[string]any)
			if len(row) != 3 {
				t.Errorf("row %v", row)
			}
			rows = append(rows, stringOf(row["action"].(map[string]any)["value"])+" "+stringOf(row["object_repr"])+" "+
				stringOf(row["message"]))
		}
		if got := strings.Join(rows, "; "); got != want {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
	}
	update := do(t, s, "GET", objectChanges+"3/", "").must(t, 200)
	pre, _ := update.key("prechange_data").(map[string]any)
	post, _ := update.key("postchange_data").(map[string]any)
	if pre["name"] != "alpha" || post["name"] != "bravo" || post["kubernetes_token"] != "secret" ||
		string(encodeJSON(post["tags"])) != `["Lab"]` ||
		update.key("changed_object") != nil || update.key("display") != "Hedgehog Fabric Manager | Hedgehog Fabric "+
		"bravo updated by admin" {
		t.Errorf("body %s", update.raw)
	}
	do(t, s, "GET", objectChanges+"9/", "").must(t, 404)
	do(t, s, "DELETE", objectChanges+"3/", "").must(t, 405)
	for _, token := range []string{LimitedToken, NoChangesToken} {
		do(t, s, "GET", objectChanges, "", "Authorization", "Token "+token).must(t, 403)
		do(t, s, "GET", objectChanges+"3/", "", "Authorization", "Token "+token).must(t, 403)
	}
	do(t, s, "POST", fabricsPath, `{"name":"charlie"}`, "Authorization", "Token "+NoChangesToken).must(t, 201)
}

func TestObjectChanges_publishedPluginBreaksThemWhileTheFabricIsThere(t *testing.T) {
	for version, cut := range map[Version]int{V47: 200, V44: 500} {
		s := start(t, Options{Version: version})
		do(t, s, "POST", fabricsPath, `{"name":"alpha"}`).must(t, 201)
		s.SetPublishedDisplayURL(true)
		do(t, s, "GET", objectChanges, "").must(t, 500)
		do(t, s, "GET", objectChanges+"?fields=id,message", "").must(t, cut)
		s.DeleteFabric(1)
		do(t, s, "GET", objectChanges, "").must(t, 200)
	}
}
