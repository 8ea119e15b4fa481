package cluster

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/clustertest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

func fill(s *clustertest.Server, k fabric.Kind, n int) (names []string) {
	for i := range n {
		name := fmt.Sprintf("object-%03d", i)
		s.Put(k, namespace, clustertest.Example(k, name))
		names = append(names, name)
	}
	return names
}

func namesOf(objects []*Object) (names []string) {
	for _, o := range objects {
		names = append(names, o.Name)
	}
	return names
}

func pagesOf(size int64) func(*Config) { return func(c *Config) { c.PageSize = size } }

func TestList_pages(t *testing.T) {
	s, vpc := standin(t, clustertest.Options{}), kind(t, "VPC")
	for _, n := range []int{0, 1, 2, 3, 4, 6, 7} {
		want := fill(s, vpc, n)
		s.ResetRequests()
		objects, err := all(connect(t, s, pagesOf(3)).List(t.Context(), vpc))
		if err != nil || !slices.Equal(namesOf(objects), want) {
			t.Errorf("got %d objects: %v, %v", n, namesOf(objects), err)
		}
		pages := max(1, (n+2)/3)
		if got := s.Count(http.MethodGet, "/apis/vpc.githedgehog.com/v1beta1/namespaces/fabric-1/vpcs"); got != pages {
			t.Errorf("got %d objects: %d requests, want %d", n, got, pages)
		}
		for _, request := range s.Requests() {
			if request.Query.Get("limit") != "3" {
				t.Errorf("limit %q", request.Query.Get("limit"))
			}
		}
	}
}

func TestCount_pagesOfMetadata(t *testing.T) {
	s, sw := standin(t, clustertest.Options{}), kind(t, "Switch")
	fill(s, sw, 7)
	s.Put(sw, "another", clustertest.Example(sw, "elsewhere"))
	n, err := connect(t, s, pagesOf(3)).Count(t.Context(), sw)
	if n != 7 || err != nil {
		t.Errorf("%d, %v; want 7", n, err)
	}
	if got := s.Requests(); len(got) != 3 || !strings.Contains(got[0].Header.Get("Accept"),
		"as=PartialObjectMetadataList") {
		t.Errorf("got %d requests, want 3 for metadata", len(got))
	}
}

// The next page is read only once the current one is used up.
func TestList_readsAsItIsUsed(t *testing.T) {
	s, vpc := standin(t, clustertest.Options{}), kind(t, "VPC")
	fill(s, vpc, 6)
	seen := 0
	for _, err := range connect(t, s, pagesOf(2)).List(t.Context(), vpc) {
		if err != nil {
			t.Fatal(err)
		}
		if seen++; len(s.Requests()) != (seen+1)/2 {
			t.Errorf("at object %d: %d requests", seen, len(s.Requests()))
		}
		if seen == 3 {
			break
		}
	}
	if n := len(s.Requests()); n != 2 {
		t.Errorf("got %d requests, want 2", n)
	}
}

func TestList_objects(t *testing.T) {
	s, vpc := standin(t, clustertest.Options{}), kind(t, "VPC")
	s.Put(vpc, namespace, clustertest.Object{
		Name: "vpc-1", Labels: map[string]string{"a": "1"}, Annotations: map[string]string{"b": "2"},
		Finalizers: []string{"x/y"},
		Spec:       map[string]any{"subnets": map[string]any{"one": map[string]any{"vlan": 1001}}, "mode": "l2vni"},
		Status:     map[string]any{"ready": true},
	})
	s.Put(vpc, namespace, clustertest.Object{Name: "vpc-2"})
	s.Remove(vpc, namespace, "vpc-1")
	objects, err := all(connect(t, s).List(t.Context(), vpc))
	if err != nil || len(objects) != 2 {
		t.Fatalf("got %d objects, %v", len(objects), err)
	}
	first, second := objects[0], objects[1]
	if len(first.UID) != 36 || first.ResourceVersion == "" || first.ResourceVersion == second.ResourceVersion {
		t.Errorf("uid %q, resource versions %q and %q", first.UID, first.ResourceVersion, second.ResourceVersion)
	}
	if age := time.Since(first.Created); age < 0 || age > time.Minute {
		t.Errorf("created %s ago", age)
	}
	got, err := json.Marshal([]*Object{{
		Name: first.Name, Namespace: first.Namespace, Labels: first.Labels, Annotations: first.Annotations,
		Spec: first.Spec, Status: first.Status, Deleting: first.Deleting,
	}, {Name: second.Name, Namespace: second.Namespace, Labels: second.Labels, Spec: second.Spec,
		Deleting: second.Deleting}})
	if err != nil {
		t.Fatal(err)
	}
	want := `[{"Name":"vpc-1","Namespace":"fabric-1","UID":"","ResourceVersion":"","Labels":{"a":"1"},` +
		`"Annotations":{"b":"2"},` +
		`"Spec":{"mode":"l2vni","subnets":{"one":{"vlan":1001}}},"Status":{"ready":true},` +
		`"Created":"0001-01-01T00:00:00Z","Deleting":true},` +
		`{"Name":"vpc-2","Namespace":"fabric-1","UID":"","ResourceVersion":"","Labels":null,"Annotations":null,` +
		`"Spec":null,"Status":null,"Created":"0001-01-01T00:00:00Z","Deleting":false}]`
	if string(got) != want {
		t.Errorf("objects\n%s, want\n%s", got, want)
	}
}

func TestInventory_absentCRDCountsAsZeroAndIsNoEmptyList(t *testing.T) {
	s, vpc := standin(t, clustertest.Options{}), kind(t, "VPC")
	fill(s, vpc, 3)
	s.SetInstalled(vpc, false)
	c := connect(t, s)
	if n, err := c.Count(t.Context(), vpc); n != 0 || err != nil {
		t.Errorf("count %d, %v", n, err)
	}
	objects, err := all(c.List(t.Context(), vpc))
	absent, ok := errors.AsType[*AbsentKindError](err)
	if len(objects) != 0 || !ok || absent.Kind != vpc || absent.Server != s.URL() ||
		absent.Error() != s.URL()+" does not serve vpcs.vpc.githedgehog.com/v1beta1" {
		t.Errorf("list of %d, %v", len(objects), err)
	}
	if n := s.Count("", "/version"); n != 1 {
		t.Errorf("asked %d times whether this is Kubernetes, want once", n)
	}
}

// The server forgets the state that a list started with. Objects that exist all the time are listed
// exactly once, while others are created and deleted.
func TestList_continuesAfterItsTokenExpired(t *testing.T) {
	s, vpc := standin(t, clustertest.Options{}), kind(t, "VPC")
	want := fill(s, vpc, 9)
	var got []string
	for o, err := range connect(t, s, pagesOf(2)).List(t.Context(), vpc) {
		if err != nil {
			t.Fatal(err)
		}
		if got = append(got, o.Name); len(got) == 3 || len(got) == 7 {
			s.Forget()
			s.Put(vpc, namespace, clustertest.Example(vpc, fmt.Sprintf("a-new-one-%d", len(got))))
		}
		if len(got) == 4 {
			s.Remove(vpc, namespace, "object-001")
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestCount_continuesAfterItsTokenExpired(t *testing.T) {
	s, vpc := standin(t, clustertest.Options{}), kind(t, "VPC")
	fill(s, vpc, 5)
	s.Intercept(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.Contains(r.URL.RawQuery, "continue") && len(s.Requests()) == 2 {
				s.Forget()
			}
			next.ServeHTTP(w, r)
		})
	})
	if n, err := connect(t, s, pagesOf(2)).Count(t.Context(), vpc); n != 5 || err != nil {
		t.Errorf("%d, %v; want 5", n, err)
	}
	if n := len(s.Requests()); n != 4 {
		t.Errorf("got %d requests, want 4 with the refused one", n)
	}
}

func TestList_saysThatItIsIncomplete(t *testing.T) {
	vpc := kind(t, "VPC")
	for name, test := range map[string]struct {
		answer http.HandlerFunc
		says   string
	}{
		"no token to continue with": {refusal(410, "Expired", "too old"),
			"no longer knows where the list of VPC continues (410)"},
		"the same page again": {func(w http.ResponseWriter, r *http.Request) {
			page(200, "application/json", fmt.Sprintf(`{"kind":"VPCList","apiVersion":"vpc.githedgehog.com/v1beta1",`+
				`"metadata":{"resourceVersion":"1","continue":%q},"items":[]}`, r.URL.Query().Get("continue")))(w, r)
		}, "again and again"},
	} {
		t.Run(name, func(t *testing.T) {
			s := standin(t, clustertest.Options{})
			fill(s, vpc, 5)
			s.Intercept(func(next http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if r.URL.Query().Has("continue") {
						test.answer(w, r)
						return
					}
					next.ServeHTTP(w, r)
				})
			})
			objects, err := all(connect(t, s, pagesOf(2)).List(t.Context(), vpc))
			failed := wantClass(t, err, ClassOther, test.says, "not complete")
			if !errors.Is(err, ErrIncomplete) || failed.Kind != "VPC" || len(objects) != 2 {
				t.Errorf("got %d objects, kind %q, %v", len(objects), failed.Kind, err)
			}
		})
	}
}

func TestList_errorComesLast(t *testing.T) {
	s, vpc := standin(t, clustertest.Options{}), kind(t, "VPC")
	fill(s, vpc, 4)
	c := connect(t, s, pagesOf(2))
	var seen []string
	for o, err := range c.List(t.Context(), vpc) {
		switch {
		case err != nil:
			wantClass(t, err, ClassForbidden)
			seen = append(seen, "error")
		default:
			seen = append(seen, o.Name)
			s.SetToken(clustertest.FullToken) // may list nothing from now on
		}
	}
	if want := []string{"object-000", "object-001", "error"}; !slices.Equal(seen, want) {
		t.Errorf("saw %v, want %v", seen, want)
	}
}
