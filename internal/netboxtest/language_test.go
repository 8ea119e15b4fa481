package netboxtest

import (
	"net/http"
	"testing"
)

// NetBox answers in the language that a request asks for, and otherwise in its own.
func TestServer_language(t *testing.T) {
	const english, german = "Authentication credentials were not provided.", "Anmeldedaten fehlen."
	for _, c := range []struct{ own, asked, want string }{
		{"", "", english},
		{"", "de", german},
		{"", "de-AT,de;q=0.9,en;q=0.8", german},
		{German, "", german},
		{German, "en", english},
		{German, "xx", german},
	} {
		s := start(t, Options{Language: c.own})
		got := do(t, s, http.MethodGet, "/api/status/", "", "Authorization", "", "Accept-Language", c.asked)
		if got.key("detail") != c.want {
			t.Errorf("NetBox in %s, asked for %q: got %v", c.own, c.asked, got.key("detail"))
		}
	}
}
