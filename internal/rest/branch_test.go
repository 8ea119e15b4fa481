package rest

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

// branchOptions is a NetBox with NetBox Branching.
var branchOptions = netboxtest.Options{Branching: true}

// onBranch is a client that works in a branch.
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

// wantNothingAsked checks that no request about a record reached NetBox.
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

// onLook does something at each look at the list of branches, with its number from 1.
func onLook(s *netboxtest.Server, do func(n int)) {
	var mu sync.Mutex
	n := 0
	s.Intercept(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == branchesPath && r.Header.Get(branchHeader) == "" {
				mu.Lock()
				n++
				do(n)
				mu.Unlock()
			}
			next.ServeHTTP(w, r)
		})
	})
}

// By its name or its schema id, with the check of NetBox or without: what is written is in
// the branch and not in main, and it costs two requests more, for all operations together.
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
					t.Errorf("%d requests for the status, %d for branches", s.Count("", "/api/status/"),
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
		t.Errorf("%d requests for status, branch and proof", n)
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

// A gateway passes only the headers that it knows.
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

func TestBranch_whichOneIsMeant(t *testing.T) {
	s := startNetBox(t, branchOptions)
	first := s.AddBranch("pr-1")
	second := s.AddBranch(first) // named as the other's schema id
	for wanted, want := range map[string]Branch{"pr-1": {"pr-1", first}, first: {first, second},
		second: {first, second}} {
		c := newClient(t, s.URL(), onBranch(wanted))
		if _, err := c.Get(t.Context(), recordsPath, nil); err != nil || c.Branch() != want {
			t.Errorf("%s is %+v (%v), want %+v", wanted, c.Branch(), err, want)
		}
	}
	s.ResetRequests()
	s.Intercept(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == branchesPath {
				r.URL.RawQuery = "" // a NetBox that ignores the filter
			}
			next.ServeHTTP(w, r)
		})
	})
	for _, wanted := range []string{"PR-1", "pr-1 ", "pr", "zzzzzzzz", strings.ToUpper(second)} {
		_, err := get(t.Context(), newClient(t, s.URL(), onBranch(wanted)), 1)
		if e := wantReason(t, err, BranchUnknown); e.Branch != wanted {
			t.Errorf("%+v", e)
		}
	}
	wantNothingAsked(t, s)
}

func TestBranch_statusesInWhichItCannotBeUsed(t *testing.T) {
	for status, want := range map[netboxtest.BranchStatus]BranchReason{
		netboxtest.BranchNew: BranchNotReady, netboxtest.BranchProvisioning: BranchNotReady,
		netboxtest.BranchSyncing: BranchNotReady, netboxtest.BranchMigrating: BranchNotReady,
		netboxtest.BranchReverting: BranchNotReady, netboxtest.BranchMerging: BranchMerging,
		netboxtest.BranchMerged: BranchEnded, netboxtest.BranchArchived: BranchEnded,
		netboxtest.BranchPendingMigrations: BranchBroken, netboxtest.BranchFailed: BranchBroken,
		"of-the-future": BranchBroken,
	} {
		t.Run(string(status), func(t *testing.T) {
			s := startNetBox(t, branchOptions)
			s.AddBranch("pr-1")
			s.SetBranchStatus("pr-1", status)
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			looks := 0
			onLook(s, func(n int) {
				if looks = n; n == 3 {
					cancel()
				}
			})
			_, err := create(ctx, newClient(t, s.URL(), onBranch("pr-1")), "must-not-be")
			if e := wantReason(t, err, want); e.Status != string(status) {
				t.Errorf("status %q", e.Status)
			}
			if waited := errors.Is(err, context.Canceled); waited != (want == BranchNotReady) {
				t.Errorf("%v after %d looks", err, looks)
			}
			wantNothingAsked(t, s)
		})
	}
}

func TestBranch_isWaitedFor(t *testing.T) {
	s := startNetBox(t, branchOptions)
	id := s.AddBranch("pr-1")
	s.SetBranchStatus("pr-1", netboxtest.BranchNew)
	onLook(s, func(n int) {
		s.SetBranchStatus("pr-1", []netboxtest.BranchStatus{"new", "new", "provisioning", "ready"}[min(n-1, 3)])
	})
	c := newClient(t, s.URL(), onBranch("pr-1"))
	var all sync.WaitGroup
	for range 10 {
		all.Go(func() {
			if _, err := c.Get(t.Context(), recordsPath, nil); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	wantHeader(t, s, id)
	if n := s.Count("", branchesPath); n > 8 {
		t.Errorf("%d requests for branches: those who wait do not share them", n)
	}
}

// A sync of the branch during an apply holds requests up. NetBox refuses them meanwhile.
func TestBranch_syncedMeanwhile(t *testing.T) {
	s := startNetBox(t, branchOptions)
	id := s.AddBranch("pr-1")
	c := newClient(t, s.URL(), onBranch("pr-1"))
	made, err := create(t.Context(), c, "first")
	if err != nil {
		t.Fatal(err)
	}
	onLook(s, func(n int) {
		if n%3 == 0 {
			s.SetBranchStatus("pr-1", netboxtest.BranchReady)
		}
	})
	s.SetBranchStatus("pr-1", netboxtest.BranchSyncing)
	if _, err := create(t.Context(), c, "second"); err != nil {
		t.Error(err)
	}
	s.SetBranchStatus("pr-1", netboxtest.BranchSyncing)
	mustGet(t, c, made.ID)
	wantHeader(t, s, id)
}

// The branch ends during an apply: later writes go nowhere.
func TestBranch_endedMeanwhile(t *testing.T) {
	for status, want := range map[netboxtest.BranchStatus]BranchReason{
		netboxtest.BranchMerged: BranchEnded, netboxtest.BranchArchived: BranchEnded,
		netboxtest.BranchMerging: BranchMerging, netboxtest.BranchFailed: BranchBroken,
	} {
		t.Run(string(status), func(t *testing.T) {
			s := startNetBox(t, branchOptions)
			id := s.AddBranch("pr-1")
			c := newClient(t, s.URL(), onBranch("pr-1"))
			if _, err := create(t.Context(), c, "first"); err != nil {
				t.Fatal(err)
			}
			s.SetBranchStatus("pr-1", status)
			_, err := create(t.Context(), c, "second")
			e := wantReason(t, err, want)
			wantError[*UnexpectedAnswerError](t, e.Answer)
			wantHeader(t, s, id)
			if len(s.Fabrics()) != 0 {
				t.Errorf("main has %v", s.Fabrics())
			}
		})
	}
}

// A look that fails after a refusal leaves no doubt that the write was refused.
func TestBranch_lookThatFailsAfterARefusal(t *testing.T) {
	s := startNetBox(t, branchOptions)
	s.AddBranch("pr-1")
	c := newClient(t, s.URL(), onBranch("pr-1"))
	if _, err := create(t.Context(), c, "first"); err != nil {
		t.Fatal(err)
	}
	s.SetBranchStatus("pr-1", netboxtest.BranchMerged)
	s.Fault(netboxtest.Fault{Kind: netboxtest.Hangup(), Path: branchesPath})
	_, err := create(t.Context(), c, "second")
	if wantError[*TransportError](t, err); OutcomeUnknown(err) {
		t.Errorf("%v leaves the write in doubt", err)
	}
}

// A proxy answers like that as well. The branch is ready, so it is not the branch.
func TestBranch_refusalOfAnother(t *testing.T) {
	s := startNetBox(t, branchOptions)
	s.AddBranch("pr-1")
	s.Fault(netboxtest.Fault{Kind: netboxtest.Page(400), Path: recordsPath})
	_, err := create(t.Context(), newClient(t, s.URL(), onBranch("pr-1")), "first")
	if wantError[*UnexpectedAnswerError](t, err); s.Count("", recordsPath) != 2 {
		t.Errorf("%d requests", s.Count("", recordsPath))
	}
}

// Those who wait look at the branch in pauses that grow.
func TestBranch_pausesBetweenLooks(t *testing.T) {
	s := startNetBox(t, branchOptions)
	s.AddBranch("pr-1")
	s.SetBranchStatus("pr-1", netboxtest.BranchNew)
	c := newClient(t, s.URL(), onBranch("pr-1"), func(c *Config) { c.RetryWait = 20 * time.Millisecond })
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	_, err := get(ctx, c, 1)
	wantReason(t, err, BranchNotReady)
	if n := s.Count("", branchesPath); n > 7 { // 10, 20, 40, 80 and 160 ms apart at least
		t.Errorf("%d looks", n)
	}
}

// A branch of the same name is another branch.
func TestBranch_deletedAndMadeAgainMeanwhile(t *testing.T) {
	s := startNetBox(t, branchOptions)
	id := s.AddBranch("pr-1")
	c := newClient(t, s.URL(), onBranch("pr-1"))
	if _, err := create(t.Context(), c, "first"); err != nil {
		t.Fatal(err)
	}
	if _, err := newClient(t, s.URL()).Do(t.Context(), &Message{Method: http.MethodDelete,
		Path: branchesPath + "1/"}); err != nil {
		t.Fatal(err)
	}
	s.AddBranch("pr-1")
	_, err := create(t.Context(), c, "second")
	wantReason(t, err, BranchGone)
	_, err = get(t.Context(), c, 1)
	wantReason(t, err, BranchGone)
	wantHeader(t, s, id)
}

// A token without permission to view branches can work in one by its schema id.
func TestBranch_thatTheTokenMayNotView(t *testing.T) {
	s := startNetBox(t, branchOptions)
	id := s.AddBranch("pr-1")
	limited := func(c *Config) { c.APIToken = netboxtest.LimitedToken }
	for _, change := range []func(*Config){onBranch(id), withHeader("x-netbox-branch", id)} {
		c := newClient(t, s.URL(), limited, change)
		if _, err := c.Get(t.Context(), recordsPath, nil); err != nil || c.Branch() != (Branch{SchemaID: id}) {
			t.Errorf("%+v, %v", c.Branch(), err)
		}
	}
	wantHeader(t, s, id)
	_, err := get(t.Context(), newClient(t, s.URL(), limited, onBranch("pr-1")), 1)
	if e := wantReason(t, err, BranchForbidden); e.Answer == nil {
		t.Errorf("%+v", e)
	}
	s.SetBranchStatus("pr-1", netboxtest.BranchMerged)
	for _, unusable := range []string{"zzzzzzzz", id} {
		c := newClient(t, s.URL(), limited, onBranch(unusable))
		_, err := create(t.Context(), c, "must-not-be")
		wantReason(t, err, BranchRefused)
	}
}

// Headers are configured by users already. One with a branch works as it is, and the
// requests for a status are all that it takes.
func TestBranch_byHeader(t *testing.T) {
	s := startNetBox(t, branchOptions)
	id := s.AddBranch("pr-1")
	c := newClient(t, s.URL(), withHeader("x-NetBox-branch", id))
	made, err := create(t.Context(), c, "made")
	if _, in := c.InBranch(); err != nil || !in || c.Branch() != (Branch{SchemaID: id}) {
		t.Fatal(err)
	}
	wantHeader(t, s, id)
	if n := s.Count("", "/api/"); n != 3 {
		t.Errorf("%d requests", n)
	}
	s.SetBranchStatus("pr-1", netboxtest.BranchMerged)
	_, err = get(t.Context(), c, made.ID)
	if e := wantReason(t, err, BranchEnded); e.Branch != "pr-1" || !e.ByHeader {
		t.Errorf("%+v", e)
	}
	_, err = get(t.Context(), newClient(t, s.URL(), withHeader(branchHeader, "zzzzzzzz")), made.ID)
	wantReason(t, err, BranchUnknown)
}

func TestBranch_configurationsThatCannotWork(t *testing.T) {
	for _, test := range []struct {
		branch, header, value, field, says string
	}{
		{"pr-1", "x-netbox-branch", "abcd1234", "branch", "leave the header out"},
		{"pr-1", "X-NetBox-Branch", "", "branch", "leave the header out"},
		{"", "X-NetBox-Branch", "pr-7", "headers", "takes the schema id of a branch, which has 8 lower-case letters and " +
			"digits: NetBox knows no name there. Leave the header out, and name the branch in branch (or NETBOX_BRANCH)"},
		{"", "x-netbox-branch", "", "headers", "takes the schema id"},
		{"", "X-NetBox-Branch", "ABCD1234", "headers", "takes the schema id"},
		{"", "cookie", "a=b; active_branch=abcd1234", "headers", "has a cookie active_branch"},
		{"pr-1", "Cookie", "active_branch=abcd1234", "headers", "has a cookie active_branch"},
	} {
		_, err := New(Config{ServerURL: "https://netbox.example.com", Branch: test.branch,
			Headers: map[string]string{test.header: test.value}})
		if e := wantError[*ConfigError](t, err); e.Field != test.field || !strings.Contains(e.Detail, test.says) {
			t.Errorf("%+v: %v", test, err)
		}
	}
	if _, err := New(Config{ServerURL: "https://netbox.example.com",
		Headers: map[string]string{"Cookie": "inactive_branch=a; active_branch_2=b"}}); err != nil {
		t.Error(err)
	}
}

// Whatever else goes wrong with a look at branches is the error of no fabric, and leaves no
// write in doubt.
func TestBranch_looksThatFail(t *testing.T) {
	json := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { answerJSON(w, status, body) }
	}
	page := func(status int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("API-Version", "4.7")
			putOff(w, status, "")
		}
	}
	for name, answer := range map[string]http.HandlerFunc{
		"404 in JSON": json(404, `{"detail":"Not found."}`), "404 in HTML": page(404),
		"400 in JSON": json(400, `{"name":["No."]}`), "400 in HTML": page(400),
		"500": page(500), "502": page(502),
		"not a list": json(200, `{}`), "no schema id": json(200, `{"results":[{"name":"pr-1"}]}`),
		"empty schema id": json(200, `{"results":[{"name":"pr-1","schema_id":""}]}`),
		"cut":             func(w http.ResponseWriter, _ *http.Request) { cut(w) },
	} {
		t.Run(name, func(t *testing.T) {
			s := startNetBox(t, branchOptions)
			s.AddBranch("pr-1")
			s.Intercept(func(next http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if r.URL.Path == branchesPath {
						answer(w, r)
						return
					}
					next.ServeHTTP(w, r)
				})
			})
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			_, err := create(ctx, newClient(t, s.URL(), onBranch("pr-1")), "must-not-be")
			_, notFound := errors.AsType[*NotFoundError](err)
			_, invalid := errors.AsType[*InvalidError](err)
			_, hedgehog := errors.AsType[*PluginMissingError](err)
			if err == nil || notFound || invalid || hedgehog || OutcomeUnknown(err) {
				t.Errorf("%T: %v", err, err)
			}
			wantNothingAsked(t, s)
		})
	}
}

// Before version 1.2 of the plugin, NetBox answers 500 for a branch that is not ready.
func TestBranch_refusalsOfOlderPlugins(t *testing.T) {
	s := startNetBox(t, branchOptions)
	s.AddBranch("pr-1")
	c := newClient(t, s.URL(), onBranch("pr-1"))
	made, err := create(t.Context(), c, "first")
	if err != nil {
		t.Fatal(err)
	}
	s.Intercept(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.HasPrefix(r.URL.Path, recordsPath) {
				answerJSON(w, 500, `{"error":"no attribute schema_id","exception":"AttributeError"}`)
				return
			}
			next.ServeHTTP(w, r)
		})
	})
	_, err = get(t.Context(), c, made.ID)
	wantError[*ServerError](t, err) // the branch is ready: it is another fault
	s.SetBranchStatus("pr-1", netboxtest.BranchMerged)
	_, err = create(t.Context(), c, "second")
	if wantError[*ServerError](t, err); !OutcomeUnknown(err) {
		t.Error("a write that was answered 500 is taken for undone")
	}
	_, err = get(t.Context(), c, made.ID)
	wantReason(t, err, BranchEnded)
}

// Repetitions and reads that verify are made in the branch as well.
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
		t.Errorf("%d requests", s.Count("", recordsPath))
	}
}

// The transport lets nothing pass that was not put into the branch.
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
		t.Errorf("%v", err)
	}
	if resp != nil {
		resp.Body.Close()
	}
	wantNothingAsked(t, s)
}

// The refusals of a live NetBox are recognized, and no other answer in a branch is.
func TestBranch_recordedRefusals(t *testing.T) {
	var refused []string
	for _, file := range netboxtest.RecordingFiles(t, "../netboxtest/testdata/netbox-branching", "*.json") {
		r := netboxtest.LoadRecording(t, file)
		in, token := r.Request.Headers[branchHeader], r.Request.Headers["Authorization"]
		if r.Response.Status < 400 || in == "" && token != "" {
			continue
		}
		_, err := newClient(t, startServer(t, r.ServeHTTP).URL, withoutCheck).Get(t.Context(), recordsPath, nil)
		if refuses(err) {
			refused = append(refused, r.Name)
		}
	}
	want := []string{
		"fabrics-in-branch-not-ready", "fabrics-in-branch-unknown", "fabrics-in-branch-by-name-is-refused",
		"fabrics-in-branch-upper-case", "no-token-unknown-branch", "branch2-fabrics-in-merged-branch",
		"branch2-create-in-merged-branch", "branch9-fabrics-in-archived-branch", "branch9-fabrics-in-deleted-branch",
		"fabrics-in-branch-pending-migrations", "create-in-branch-pending-migrations", "fabrics-in-branch-failed",
		"create-in-branch-failed", "fabrics-in-branch-syncing", "create-in-branch-syncing", "tags-in-branch-unknown",
		"create-in-branch-unknown", "branches-with-branch-header-unknown",
	}
	if !slices.Equal(refused, want) {
		t.Errorf("refused %q", refused)
	}
}
