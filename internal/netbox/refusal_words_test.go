package netbox

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"testing"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

// Each pattern matches exactly these recorded refusals.
func TestWords_areHeldByRecordings(t *testing.T) {
	refusals := netboxtest.RecordedRefusals(t, recordings, "..", "*", "*.json")
	for _, c := range []struct {
		name  string
		words *regexp.Regexp
		in    []string
	}{
		{"taken", takenWords, []string{"branch-create-duplicate-name", "branch-name-duplicate-in-branch",
			"branch9-name-reused-after-archive", "bulk-create-one-bad", "bulk-create-same-name-twice",
			"create-duplicate-name", "extra-bulk-create-second-bad", "extra-bulk-create-two-bad"}},
		{"integer", typeWords[fabric.CustomInteger], []string{"bad-custom-field-type", "words-integer-text"}},
		{"boolean", typeWords[fabric.CustomBoolean], []string{"words-boolean-text"}},
		{"missing tag", missingTagWords, []string{"words-tag-name-escapes", "words-tag-name-quote",
			"words-tag-name-quotes",
			"words-tag-name-unknown"}},
	} {
		var in []string
		for _, name := range slices.Sorted(maps.Keys(refusals)) {
			if slices.ContainsFunc(refusals[name], c.words.MatchString) {
				in = append(in, name)
			}
		}
		if !slices.Equal(in, c.in) {
			t.Errorf("%s: got matches in %q, want %q", c.name, in, c.in)
		}
	}
}

// Each pattern matches a recording. Otherwise it would be a guess.
func TestWords_everyPatternIsRecorded(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "refusal_words.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var recorded []string
	for _, messages := range netboxtest.RecordedRefusals(t, recordings, "..", "*", "*.json") {
		recorded = append(recorded, messages...)
	}
	patterns := 0
	ast.Inspect(file, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok || types.ExprString(call.Fun) != "regexp.MustCompile" {
			return true
		}
		patterns++
		text, err := strconv.Unquote(call.Args[0].(*ast.BasicLit).Value)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(recorded, regexp.MustCompile(text).MatchString) {
			t.Errorf("no recorded refusal matches %s", text)
		}
		return true
	})
	if want := 2 + len(typeWords) + 1; patterns != want {
		t.Errorf("got %d patterns in refusal_words.go, want %d", patterns, want)
	}
}

// Python prints a name in quotes that the name does not contain, and escapes the rest.
func TestMissingTag_asRecorded(t *testing.T) {
	refusals := netboxtest.RecordedRefusals(t, recordings, "..", "*", "*.json")
	for recorded, want := range map[string]string{
		"words-tag-name-unknown": "nope",
		"words-tag-name-quote":   "it's",
		"words-tag-name-quotes":  `it's "new" in Zürich`,
		"words-tag-name-escapes": "é\u200b\\\t\U0001f600\U000e0001\u007f.",
	} {
		if len(refusals[recorded]) != 1 {
			t.Fatalf("%s: got the refusals %q", recorded, refusals[recorded])
		}
		if name, missing := missingTag(refusals[recorded][0]); !missing || name != want {
			t.Errorf("%s: got %q, want %q", recorded, name, want)
		}
	}
	if name, missing := missingTag(refusals["bad-tag-unknown"][0]); missing { // by its slug
		t.Errorf("got %q", name)
	}
}

// NetBox's default language does not matter, since every request asks for English.
func TestWords_netBoxInAnotherLanguage(t *testing.T) {
	s := startNetBox(t, netboxtest.Options{Language: netboxtest.German})
	s.AddCustomField(netboxtest.CustomField{Name: "units", Type: fabric.CustomInteger})
	s.AddCustomField(netboxtest.CustomField{Name: "asset", Type: fabric.CustomText, Unique: true})
	id := s.AddFabric(map[string]any{"name": "alpha", "custom_fields": map[string]any{"asset": "a-1"}})
	c := newClient(t, s.URL())
	_, err := c.Fabrics().Create(t.Context(), alphaCreate())
	if taken := wantError[*NameTakenError](t, err); taken.ID != id {
		t.Errorf("got %+v", taken)
	}
	refused := func(field string, value any) *rest.InvalidError {
		t.Helper()
		create := alphaCreate()
		create.Set["name"], create.Set[field] = "beta", value
		_, err := c.Fabrics().Create(t.Context(), create)
		return wantError[*rest.InvalidError](t, err)
	}
	units, asset := fabric.CustomField("units"), fabric.CustomField("asset")
	if e := refused(units, "4"); len(e.Fields[units]) != 1 || RefusedTypes(e)[units] != fabric.CustomInteger {
		t.Errorf("got %+v", e)
	}
	if e := refused(asset, "a-1"); !slices.Equal(e.Fields[asset], []string{"Custom field 'asset' must have a unique " +
		"value."}) || len(e.Detail) != 0 {
		t.Errorf("got %+v", e)
	}
	if e := refused("tags", []string{"nope"}); !slices.Equal(missingTags(e), []string{"nope"}) {
		t.Errorf("got %+v", e)
	}
	nobody := newClient(t, s.URL(), withoutCheck, func(c *rest.Config) { c.APIToken = "" })
	_, err = nobody.Fabrics().Get(t.Context(), id)
	if e := wantError[*rest.ForbiddenError](t, err); !e.BadToken() {
		t.Errorf("got %+v", e)
	}
}

// Secrets that occur in NetBox's messages do not change how a refusal is classified.
func TestWords_areJudgedBeforeTheyAreMasked(t *testing.T) {
	s := startNetBox(t, netboxtest.Options{})
	s.AddCustomField(netboxtest.CustomField{Name: "units", Type: fabric.CustomInteger})
	s.AddCustomField(netboxtest.CustomField{Name: "served", Type: fabric.CustomBoolean})
	id := s.AddFabric(map[string]any{"name": "alpha"})
	for _, header := range []string{"X-Internal", "X-Api-Key"} { // the second one's value is masked
		for _, word := range []string{"true", "already", "exists", "already exists", "token", "integer", "custom",
			"field", "name", "detail", "Related object"} {
			c := newClient(t, s.URL(), func(c *rest.Config) { c.Headers = map[string]string{header: word} })
			_, err := c.Fabrics().Create(t.Context(), alphaCreate())
			if taken := wantError[*NameTakenError](t, err); taken.ID != id {
				t.Errorf("%s, secret %s: got %+v", header, word, taken)
			}
			create := alphaCreate()
			create.Set["name"], create.Set[fabric.CustomField("units")], create.Set["tags"] = "beta", "4",
				[]string{"nope"}
			_, err = c.Fabrics().Create(t.Context(), create)
			if e := wantError[*rest.InvalidError](t, err); !slices.Equal(missingTags(e), []string{"nope"}) {
				t.Errorf("%s, secret %s: got %+v", header, word, e)
			}
			delete(create.Set, "tags")
			_, err = c.Fabrics().Create(t.Context(), create)
			e := wantError[*rest.InvalidError](t, err)
			if RefusedTypes(e)[fabric.CustomField("units")] != fabric.CustomInteger {
				t.Errorf("%s, secret %s: got %+v", header, word, e)
			}
			delete(create.Set, fabric.CustomField("units"))
			create.Set[fabric.CustomField("served")] = "true"
			_, err = c.Fabrics().Create(t.Context(), create)
			if e := wantError[*rest.InvalidError](t,
				err); RefusedTypes(e)[fabric.CustomField("served")] != fabric.CustomBoolean {
				t.Errorf("%s, secret %s: got %+v", header, word, e)
			}
			plain := "Invalid value for custom field 'units': Value must be an integer."
			if got := e.Fields[fabric.CustomField("units")][0]; header == "X-Internal" && got != plain {
				t.Errorf("%s, secret %s: got %s", header, word, got)
			}
			_, err = newClient(t, s.URL(), withoutCheck, func(c *rest.Config) {
				c.APIToken, c.Headers = "wrong", map[string]string{header: word}
			}).Fabrics().Get(t.Context(), id)
			if e := wantError[*rest.ForbiddenError](t, err); !e.BadToken() {
				t.Errorf("%s, secret %s: got %+v", header, word, e)
			}
		}
	}
}

// If a proxy removes Accept-Language, classification by facts still works, and NetBox's messages
// are shown at their fields.
func TestWords_proxyThatRemovesTheLanguage(t *testing.T) {
	s := startNetBox(t, netboxtest.Options{Language: netboxtest.German})
	s.AddFabric(map[string]any{"name": "alpha"})
	s.Intercept(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			r.Header.Del("Accept-Language")
			next.ServeHTTP(w, r)
		})
	})
	c := newClient(t, s.URL())
	create := alphaCreate()
	create.Set["tags"] = []string{"nope"}
	_, err := c.Fabrics().Create(t.Context(), create)
	if e := wantError[*rest.InvalidError](t, err); !slices.Equal(missingTags(e), []string{"nope"}) {
		t.Errorf("got %+v", e)
	}
	_, err = c.Fabrics().Create(t.Context(), alphaCreate())
	if e := wantError[*rest.InvalidError](t, err); !slices.Equal(e.Fields["name"],
		[]string{"Hedgehog Fabric mit diesem Wert für das Feld name existiert bereits."}) {
		t.Errorf("got %+v", e)
	}
	_, err = newClient(t, s.URL(), func(c *rest.Config) { c.APIToken = "" }).Fabrics().Get(t.Context(), 1)
	if e := wantError[*rest.ForbiddenError](t, err); !e.BadToken() || e.Detail != "Anmeldedaten fehlen." {
		t.Errorf("got %+v", e)
	}
}
