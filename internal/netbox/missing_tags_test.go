package netbox

import (
	"net/http"
	"reflect"
	"testing"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

// The strings are what Python 3.12 prints.
func TestMissingTags_namesAreAsTheyWereGiven(t *testing.T) {
	for written, want := range map[string]string{
		`{'name': 'plain'}`:                      "plain",
		`{'name': "it's"}`:                       "it's",
		`{'name': 'say "hi"'}`:                   `say "hi"`,
		`{'name': 'both \' and "'}`:              `both ' and "`,
		`{'name': 'back\\slash'}`:                `back\slash`,
		`{'name': 'trailing\\'}`:                 `trailing\`,
		`{'name': '\\x41'}`:                      `\x41`,
		`{'name': 'tab\there, line\nand\rback'}`: "tab\there, line\nand\rback",
		`{'name': 'zero\u200bwidth'}`:            "zero\u200bwidth",
		`{'name': 'nbsp\xa0x'}`:                  "nbsp\u00a0x",
		`{'name': '😀 \U000e0001'}`:               "😀 \U000e0001",
		`{'name': "brace'}"}`:                    "brace'}",
		`{'name': ''}`:                           "",
	} {
		e := &rest.InvalidError{Fields: map[string][]string{"tags": {"Related object not found using the provided " +
			"attributes: " + written}}}
		if got := missingTags(e); !reflect.DeepEqual(got, []string{want}) {
			t.Errorf("%s: %q, want %q", written, got, want)
		}
	}
	for _, message := range []string{"This field may not be null.", `{'name': 'no end`, `{'id': 7}`,
		`{'name': 'a' 'b'}`} {
		e := &rest.InvalidError{Fields: map[string][]string{"tags": {message}, "name": {`{'name': 'x'}`}}}
		if got := missingTags(e); got != nil {
			t.Errorf("%s: %q", message, got)
		}
	}
}

func TestMissingTags_ofAnAnswer(t *testing.T) {
	s := startNetBox(t, netboxtest.Options{})
	for _, name := range []string{"no such tag", "it's", `a "b" 'c' \d`, "tab\there", "zero\u200bwidth"} {
		create := alphaCreate()
		create.Set["tags"] = []string{name}
		_, err := newClient(t, s.URL()).Fabrics().Create(t.Context(), create)
		if got := missingTags(wantError[*rest.InvalidError](t, err)); len(got) != 1 || got[0] != name {
			t.Errorf("%q: %q of %v", name, got, err)
		}
	}
	if s.Count(http.MethodPost, fabricsPath) != 5 {
		t.Errorf("got %d requests", s.Count(http.MethodPost, fabricsPath))
	}
}
