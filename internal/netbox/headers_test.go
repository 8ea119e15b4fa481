package netbox

import (
	"strings"
	"testing"
)

func TestNew_refusesHeadersThatCannotBeSentOrAreItsOwn(t *testing.T) {
	for _, c := range []struct{ name, value, want string }{
		{"X-Proxy-Token", "s3cret", ""},
		{"cf-access-client-id", "", ""},
		{"Proxy-Authorization", "Basic eDp5", ""},
		{"Bad Header", "x", `the name "Bad Header"`},
		{"", "x", `the name ""`},
		{"X-Token", "s3cret\nX-Other: 1", "value for X-Token"},
		{"if-match", `"1"`, "sets If-Match"},
		{"Authorization", "Token s3cret", "sets Authorization"},
		{"user-agent", "curl", "sets User-Agent"},
	} {
		_, err := New(Config{ServerURL: "https://netbox.example.com", APIToken: "token", Headers: map[string]string{c.name: c.value}})
		if c.want == "" {
			if err != nil {
				t.Errorf("%s: %v", c.name, err)
			}
			continue
		}
		e := wantError[*ConfigError](t, err)
		if e.Field != "headers" || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: %s %v, want %s", c.name, e.Field, err, c.want)
		}
	}
}
