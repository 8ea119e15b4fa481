package netbox

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

// The same name in two normal forms. Terraform uses the composed one.
const (
	composed   = "caf\u00e9"
	decomposed = "cafe\u0301"
)

// startWithTags starts a NetBox with tags by name; their slugs are slug-1 and so on.
func startWithTags(t *testing.T, names ...string) *netboxtest.Server {
	t.Helper()
	s := startNetBox(t, netboxtest.Options{})
	for i, name := range names {
		s.AddTag(name, fmt.Sprintf("slug-%d", i+1))
	}
	return s
}

func createTagged(t *testing.T, s *netboxtest.Server, tags ...string) (*Read, error) {
	t.Helper()
	create := alphaCreate()
	create.Set["tags"], create.Planned["tags"] = tags, tags
	return newClient(t, s.URL(), withoutCheck).Fabrics().Create(t.Context(), create)
}

// noTags refuses to list tags, as NetBox does to a token without the permission.
func noTags(s *netboxtest.Server) {
	s.Fault(netboxtest.Fault{
		Path: tagsPath,
		Kind: netboxtest.Detail(http.StatusForbidden, "You do not have permission to perform this action."),
	})
}

func TestCreate_tagsAsNetBoxSpellsThem(t *testing.T) {
	for name, c := range map[string]struct {
		exist, want []string
		posts       int
	}{
		"as they are":      {[]string{"Lab", composed}, []string{"Lab", composed}, 1},
		"in another form":  {[]string{"Lab", decomposed}, []string{"Lab", decomposed}, 2},
		"exact name wins":  {[]string{"Lab", decomposed, composed}, []string{"Lab", composed}, 1},
		"exact name first": {[]string{composed, decomposed, "Lab"}, []string{"Lab", composed}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			s := startWithTags(t, c.exist...)
			read, err := createTagged(t, s, "Lab", composed)
			if err != nil {
				t.Fatal(err)
			}
			slices.Sort(c.want)
			if got := tagNames(read.Fabric.Tags); !slices.Equal(got, c.want) {
				t.Errorf("got the tags %+q, want %+q", got, c.want)
			}
			posts, lists := s.Count(http.MethodPost, ""), s.Count("", tagsPath)
			if posts != c.posts || lists != c.posts-1 {
				t.Errorf("got %d POSTs and %d lists of tags, want %d and %d", posts, lists, c.posts, c.posts-1)
			}
		})
	}
}

func TestCreate_namesAllMissingTags(t *testing.T) {
	s := startWithTags(t, "Lab", "PROD", "Prod", decomposed, "Building 7")
	_, err := createTagged(t, s, "Lab", "CAF\u00c9", "absent", composed, "prod", "slug-5")
	missing := wantError[*MissingTagsError](t, err)
	got := fmt.Sprintf("%+q", missing.Tags)
	want := `[{"CAF\u00c9" ["cafe\u0301"]} {"absent" []} {"prod" ["PROD" "Prod"]} {"slug-5" ["Building 7"]}]`
	if got != want || missing.Unread != nil || len(s.Fabrics()) != 0 {
		t.Errorf("got %s, want %s; unread: %v; fabrics %v", got, want, missing.Unread, s.Fabrics())
	}
	if lists := s.Count("", tagsPath); lists != 1 {
		t.Errorf("got %d lists of tags", lists)
	}
	if text := err.Error(); !strings.Contains(text, `no tag named "CAFÉ", "absent", "prod", "slug-5"`) {
		t.Errorf("got the error %s", text)
	}
}

// NetBox finds tags that the token cannot list.
func TestCreate_hiddenTagIsNotMissing(t *testing.T) {
	s := startWithTags(t, "hidden", "Lab")
	hide := func(_ *http.Request, body any) any {
		list, _ := body.(map[string]any)
		results, _ := list["results"].([]any)
		list["results"] = slices.DeleteFunc(results, func(v any) bool {
			tag, _ := v.(map[string]any)
			return tag["name"] == "hidden"
		})
		return list
	}
	s.Fault(netboxtest.Fault{Path: tagsPath, Kind: netboxtest.Rewrite("hide a tag", hide)})
	_, err := createTagged(t, s, "hidden", "Lab", "absent")
	if got := wantError[*MissingTagsError](t, err).Tags; len(got) != 1 || got[0].Name != "absent" {
		t.Errorf("got the missing tags %+q", got)
	}
}

func TestCreate_tagsThatCannotBeListed(t *testing.T) {
	s := startWithTags(t, "Lab")
	noTags(s)
	_, err := createTagged(t, s, "absent", "gone", "Lab")
	missing := wantError[*MissingTagsError](t, err)
	if len(missing.Tags) != 1 || missing.Tags[0].Name != "absent" || s.Count(http.MethodPost, "") != 1 {
		t.Errorf("got the missing tags %+q after %d POSTs", missing.Tags, s.Count(http.MethodPost, ""))
	}
	wantError[*rest.ForbiddenError](t, missing.Unread)
}

// A tag may be deleted between the list and the second write.
func TestCreate_tagGoesMeanwhile(t *testing.T) {
	s := startWithTags(t, decomposed)
	other := newClient(t, s.URL(), withoutCheck)
	remove := func(_ *http.Request, body any) any {
		removal := rest.Message{Method: http.MethodDelete, Path: tagsPath + "1/"}
		if _, err := other.rest.Do(t.Context(), &removal); err != nil {
			t.Error(err)
		}
		return body
	}
	s.Fault(netboxtest.Fault{
		Method: http.MethodGet, Path: tagsPath, Kind: netboxtest.Rewrite("the tag goes", remove),
	})
	_, err := createTagged(t, s, composed)
	if got := wantError[*MissingTagsError](t, err).Tags; len(got) != 1 || got[0].Name != decomposed {
		t.Errorf("got the missing tags %+q", got)
	}
	if posts, lists := s.Count(http.MethodPost, ""), s.Count(http.MethodGet, tagsPath); posts != 2 || lists != 1 {
		t.Errorf("got %d POSTs, %d lists of tags", posts, lists)
	}
}

func TestUpdate_tagsAsNetBoxSpellsThem(t *testing.T) {
	const reordered = "\u1ecd\u0301" // form C of the two below, which both differ from it
	first, second := "o\u0301\u0323", "o\u0323\u0301"
	for name, c := range map[string]struct {
		tag, stored string
		forbidden   bool
	}{
		"from the list of tags":           {composed, decomposed, false},
		"from the fabric":                 {composed, decomposed, true},
		"the fabric's own of two, first":  {reordered, first, false},
		"the fabric's own of two, second": {reordered, second, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := startWithTags(t, "Lab", "Prod", decomposed, first, second)
			id := s.AddFabric(map[string]any{"name": "alpha", "tags": []any{"Lab"}})
			if name != "from the list of tags" {
				s.UpdateFabric(id, map[string]any{"tags": []any{"Lab", c.stored}})
			}
			if c.forbidden {
				noTags(s)
			}
			fabrics := newClient(t, s.URL(), withoutCheck).Fabrics()
			before, err := fabrics.Get(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			planned := []string{"Prod", c.tag}
			read, err := fabrics.Update(t.Context(), Update{
				ID: id, Revision: RevisionOf(&before.Fabric), Before: AttributesOf(&before.Fabric),
				Planned: fabric.Attributes{"tags": planned}, Set: map[string]any{"tags": planned},
			})
			if err != nil {
				t.Fatal(err)
			}
			if got := tagNames(read.Fabric.Tags); !slices.Equal(got, []string{"Prod", c.stored}) {
				t.Errorf("got the tags %+q", got)
			}
		})
	}
}

func TestReadTags_ofEveryVersion(t *testing.T) {
	for _, version := range []netboxtest.Version{netboxtest.V44, netboxtest.V45, netboxtest.V46, netboxtest.V47} {
		s := startNetBox(t, netboxtest.Options{Version: version, MaxPageSize: 2})
		for i := range 5 {
			s.AddTag(fmt.Sprintf("tag %d", i), fmt.Sprintf("tag-%d", i))
		}
		tags, err := newClient(t, s.URL(), withoutCheck).readTags(t.Context())
		if err != nil || len(tags) != 5 || tags[4] != (fabric.Tag{ID: 5, Name: "tag 4", Slug: "tag-4"}) {
			t.Errorf("%s: got %v, %v", version, tags, err)
		}
	}
}
