package rest

import (
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

// branchOptions is a NetBox with NetBox Branching.
var branchOptions = netboxtest.Options{Branching: true}

// onBranch makes a client work in a branch.
func onBranch(name string) func(*Config) {
	return func(c *Config) { c.Branch, c.Needs.API = name, "/api/plugins/hedgehog/" }
}

func withHeader(name, value string) func(*Config) {
	return func(c *Config) {
		c.Headers, c.Needs.API = map[string]string{name: value}, "/api/plugins/hedgehog/"
	}
}

// wantReason checks why a branch cannot be worked in.
func wantReason(t *testing.T, err error, reason BranchReason) BranchError {
	t.Helper()
	e := wantError[*BranchError](t, err)
	if e.Reason != reason || OutcomeUnknown(err) {
		t.Errorf("reason %d (%v), want %d; outcome unknown: %t", e.Reason, err, reason, OutcomeUnknown(err))
	}
	return *e
}

// wantNothingAsked checks that NetBox got no request for a record.
func wantNothingAsked(t *testing.T, s *netboxtest.Server) {
	t.Helper()
	if n := s.Count("", recordsPath); n != 0 {
		t.Errorf("%d requests were made outside of the branch", n)
	}
}

// wantHeader checks that every request about records has the header of a branch.
func wantHeader(t *testing.T, s *netboxtest.Server, schemaID string) {
	t.Helper()
	for _, r := range s.Requests() {
		if got := r.Header.Get(branchHeader); strings.HasPrefix(r.Path, strings.TrimSuffix(recordsPath, "/")) &&
			got != schemaID {
			t.Errorf("%s %s has the branch %q, want %q", r.Method, r.Path, got, schemaID)
		}
	}
}

// A branch may be given by name or by schema id. Writes go to the branch and not to main. The
// branch costs two more requests in total.
func TestBranch_everyRequestIsMadeInIt(t *testing.T) {
	for name, skip := range map[string]bool{"checked": false, "unchecked": true} {
		t.Run(name, func(t *testing.T) {
			s := startNetBox(t, branchOptions)
			id := s.AddBranch("pr-1")
			for _, wanted := range []string{"pr-1", id} {
				c := newClient(t, s.URL(), onBranch(wanted), func(c *Config) { c.SkipVersion = skip })
				if configured, in := c.InBranch(); configured != wanted || !in || c.Branch() != (Branch{}) {
					t.Errorf("before: %+v", c.Branch())
				}
				s.ResetRequests()
				made, err := create(t.Context(), c, "made-in-"+wanted)
				if err != nil {
					t.Fatal(err)
				}
				if got := mustGet(t, c, made.ID); got.Name != "made-in-"+wanted {
					t.Errorf("read %+v", got)
				}
				if _, err := c.Get(t.Context(), strings.TrimSuffix(recordsPath, "/"), nil); err != nil { // redirected
					t.Error(err)
				}
				if c.Branch() != (Branch{"pr-1", id}) {
					t.Errorf("branch %+v", c.Branch())
				}
				wantHeader(t, s, id)
				looks := map[string]int{"pr-1": 1, id: 2}[wanted] // by name first
				if s.Count("", "/api/status/") != 1 || s.Count("", branchesPath) != looks ||
					s.Count("", "/api/") != looks+6 {
					t.Errorf("got %d requests for the status, %d for branches", s.Count("", "/api/status/"),
						s.Count("", branchesPath))
				}
				_, err = get(t.Context(), newClient(t, s.URL()), made.ID)
				wantError[*NotFoundError](t, err)
			}
		})
	}
}

func TestBranch_isFoundOnceForAll(t *testing.T) {
	s := startNetBox(t, branchOptions)
	id := s.AddBranch("pr-1")
	c := newClient(t, s.URL(), onBranch("pr-1"))
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if _, err := c.Get(t.Context(), recordsPath, nil); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	wantHeader(t, s, id)
	if n := s.Count("", "/api/") - s.Count("", recordsPath); n != 3 {
		t.Errorf("got %d requests for status, branch and proof", n)
	}
}

// Without the plugin, NetBox ignores the header and would change main.
func TestBranch_pluginMissing(t *testing.T) {
	for name, change := range map[string][]func(*Config){
		"a name":               {onBranch("pr-1")},
		"a schema id":          {onBranch("abcd1234")},
		"a name, unchecked":    {onBranch("pr-1"), withoutCheck},
		"the header":           {withHeader("X-NetBox-Branch", "abcd1234")},
		"the header unchecked": {withHeader("x-netbox-branch", "abcd1234"), withoutCheck},
	} {
		t.Run(name, func(t *testing.T) {
			s := startNetBox(t, netboxtest.Options{})
			c := newClient(t, s.URL(), change...)
			_, err := create(t.Context(), c, "must-not-be")
			wantReason(t, err, BranchPluginMissing)
			_, err = get(t.Context(), c, 1)
			wantReason(t, err, BranchPluginMissing)
			wantNothingAsked(t, s)
		})
	}
}

// A gateway may drop unknown headers.
func TestBranch_headerThatIsLostOnTheWay(t *testing.T) {
	for name, token := range map[string]string{"viewer": netboxtest.AdminToken, "limited": netboxtest.LimitedToken} {
		t.Run(name, func(t *testing.T) {
			s := startNetBox(t, branchOptions)
			id := s.AddBranch("pr-1")
			s.Intercept(func(next http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if strings.HasPrefix(r.URL.Path, "/api/plugins/hedgehog/") {
						r.Header.Del(branchHeader)
					}
					next.ServeHTTP(w, r)
				})
			})
			for _, change := range []func(*Config){onBranch(id), withHeader(branchHeader, id)} {
				c := newClient(t, s.URL(), change, func(c *Config) { c.APIToken = token })
				_, err := create(t.Context(), c, "must-not-be")
				wantReason(t, err, BranchHeaderLost)
				wantNothingAsked(t, s)
			}
		})
	}
}

func TestBranch_configurationsThatCannotWork(t *testing.T) {
	for _, test := range []struct {
		branch, header, value, field, says string
	}{
		{"pr-1", "x-netbox-branch", "abcd1234", "branch", "remove the header"},
		{"pr-1", "X-NetBox-Branch", "", "branch", "remove the header"},
		{"", "X-NetBox-Branch", "pr-7", "headers", "takes the schema id of a branch, which has 8 lower-case letters " +
			"and digits, and not its name. Remove the header, and set branch (or " +
			"NETBOX_BRANCH)"},
		{"", "x-netbox-branch", "", "headers", "takes the schema id"},
		{"", "X-NetBox-Branch", "ABCD1234", "headers", "takes the schema id"},
		{"", "cookie", "a=b; active_branch=abcd1234", "headers", "has a cookie active_branch"},
		{"pr-1", "Cookie", "active_branch=abcd1234", "headers", "has a cookie active_branch"},
	} {
		_, err := New(Config{ServerURL: "https://netbox.example.com", Branch: test.branch,
			Headers: map[string]string{test.header: test.value}})
		if e := wantError[*ConfigError](t, err); e.Field != test.field || !strings.Contains(e.Detail, test.says) {
			t.Errorf("%+v: got %v", test, err)
		}
	}
	if _, err := New(Config{ServerURL: "https://netbox.example.com",
		Headers: map[string]string{"Cookie": "inactive_branch=a; active_branch_2=b"}}); err != nil {
		t.Error(err)
	}
}

// Retries and reads that verify a write use the branch too.
func TestBranch_repetitionsAreMadeInIt(t *testing.T) {
	s := startNetBox(t, branchOptions)
	id := s.AddBranch("pr-1")
	s.Fault(netboxtest.Fault{Kind: netboxtest.Status(503), Method: "GET", Path: recordsPath, Times: 2})
	s.Fault(netboxtest.Fault{Kind: netboxtest.Status(429), Method: "POST", Path: recordsPath, Times: 2})
	c := newClient(t, s.URL(), onBranch("pr-1"))
	made, err := create(t.Context(), c, "first")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := c.Verifying(t.Context())
	defer cancel()
	if _, err := get(ctx, c, made.ID); err != nil {
		t.Error(err)
	}
	if wantHeader(t, s, id); s.Count("", recordsPath) != 6 {
		t.Errorf("got %d requests", s.Count("", recordsPath))
	}
}

// The transport refuses a request without the branch.
func TestBranch_requestWithoutIt(t *testing.T) {
	s := startNetBox(t, branchOptions)
	s.AddBranch("pr-1")
	c := newClient(t, s.URL(), onBranch("pr-1"))
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, c.URL(recordsPath), http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := c.http.Do(req)
	if !errors.Is(err, errNoBranch) {
		t.Errorf("got %v", err)
	}
	if resp != nil {
		resp.Body.Close()
	}
	wantNothingAsked(t, s)
}
