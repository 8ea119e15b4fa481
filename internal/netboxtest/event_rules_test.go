package netboxtest

import "testing"

// Seen on NetBox 4.7.3: the write takes effect, and the answer is an HTML page. The rule's own
// conditions make no difference.
func TestEventRules_breakWhatThePublishedPluginAnswers(t *testing.T) {
	for published, status := range map[bool]int{true: 500, false: 200} {
		s := start(t, Options{PublishedDisplayURL: published})
		do(t, s, "POST", "/api/extras/webhooks/", `{"name":"w","payload_url":"http://127.0.0.1:9/"}`).must(t, 201)
		do(t, s, "POST", "/api/extras/event-rules/", `{"name":"e","event_types":["object_updated"],`+
			`"object_types":["netbox_hedgehog.hedgehogfabric"],"action_type":"webhook","action_object_id":1,`+
			`"action_object_type":"extras.webhook"}`).must(t, 201)
		const omit = "?omit=display_url"
		do(t, s, "POST", fabricsPath+omit, `{"name":"alpha"}`).must(t, 201)
		broken := do(t, s, "PATCH", fabricsPath+"1/"+omit, `{"description":"one"}`).must(t, status)
		if media := broken.header.Get("Content-Type"); published && media != "text/html; charset=utf-8" {
			t.Errorf("got the Content-Type %s", media)
		}
		if f, _ := s.Fabric(1); f["description"] != "one" {
			t.Errorf("got the fabric %v", f)
		}
		do(t, s, "PATCH", fabricsPath+"1/"+omit, `{}`).must(t, status) // also without a change
		do(t, s, "PATCH", fabricsPath+omit, `[{"id":1,"description":"two"}]`).must(t, status)
		do(t, s, "PATCH", fabricsPath+omit, `[{"id":1,"description":"two"},{"id":9}]`).must(t, 400)
		do(t, s, "POST", "/api/plugins/hedgehog/vpcs/"+omit, `{"fabric":1,"name":"one","spec":{"a":1}}`).must(t, 201)
	}
}
