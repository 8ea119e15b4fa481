package rest

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

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
			t.Errorf("got %+v", e)
		}
	}
	wantNothingAsked(t, s)
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
			t.Errorf("got %+v, %v", c.Branch(), err)
		}
	}
	wantHeader(t, s, id)
	_, err := get(t.Context(), newClient(t, s.URL(), limited, onBranch("pr-1")), 1)
	if e := wantReason(t, err, BranchForbidden); e.Answer == nil {
		t.Errorf("got %+v", e)
	}
	s.SetBranchStatus("pr-1", netboxtest.BranchMerged)
	for _, unusable := range []string{"zzzzzzzz", id} {
		c := newClient(t, s.URL(), limited, onBranch(unusable))
		_, err := create(t.Context(), c, "must-not-be")
		wantReason(t, err, BranchRefused)
	}
}

// A branch in the configured headers works without further settings, and costs only the
// requests for a status.
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
		t.Errorf("got %d requests", n)
	}
	s.SetBranchStatus("pr-1", netboxtest.BranchMerged)
	_, err = get(t.Context(), c, made.ID)
	if e := wantReason(t, err, BranchEnded); e.Branch != "pr-1" || !e.ByHeader {
		t.Errorf("got %+v", e)
	}
	_, err = get(t.Context(), newClient(t, s.URL(), withHeader(branchHeader, "zzzzzzzz")), made.ID)
	wantReason(t, err, BranchUnknown)
}

// An error while looking up the branch is not an error of a fabric, and leaves no write of
// unknown outcome.
func TestBranch_looksThatFail(t *testing.T) {
	json := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { answerJSON(w, status, body) }
	}
	page := func(status int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("API-Version", "4.7")
			answerHTML(w, status, "")
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
