package netbox

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

const testAgent = "terraform-provider-hedgehog/1.2.3"

const recordings = "../netboxtest/testdata/netbox-4.7.3"

// Short names for the tests of this package.
var (
	startNetBox = netboxtest.Start
	startServer = netboxtest.StartHTTP
	intercept   = netboxtest.InterceptFabrics
	commit      = netboxtest.Commit
	cut         = netboxtest.Cut
	answerHTML  = netboxtest.AnswerHTML
	answerJSON  = netboxtest.AnswerJSON
)

// newClient returns a client with the stand-in's administrator token, which does not wait
// between attempts.
func newClient(t *testing.T, url string, change ...func(*rest.Config)) *Client {
	t.Helper()
	config := rest.Config{
		ServerURL: url, APIToken: netboxtest.AdminToken, UserAgent: testAgent,
		RequestTimeout: 20 * time.Second, RetryWait: time.Millisecond,
	}
	for _, f := range change {
		f(&config)
	}
	c, err := New(config)
	if err != nil {
		t.Fatal(err)
	}

	return c
}

// answersUpTo limits the size of answers that a client reads, in bytes.
func answersUpTo(size int64) func(*rest.Config) { return func(c *rest.Config) { c.MaxAnswer = size } }

func withoutCheck(c *rest.Config) { c.SkipVersion = true }

func wantError[E error](t *testing.T, err error) E {
	t.Helper()
	e, ok := errors.AsType[E](err)
	if !ok {
		t.Fatalf("error %T (%v), want %T", err, err, e)
	}
	return e
}

func mustGet(t *testing.T, c *Client, id int64) *Read {
	t.Helper()
	read, err := c.Fabrics().Get(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return read
}

// tagOf returns the entity tag for a write based on read.
func tagOf(read *Read) string { return RevisionOf(&read.Fabric).EntityTag() }

// alphaCreate returns a create with every attribute that a plan sends.
func alphaCreate() Create {
	set := map[string]any{
		"name": "alpha", "description": "Lab", "status": "active", "kubernetes_server": "https://k8s.example.com:6443",
		"kubernetes_token": "service-account-token-1", "kubernetes_namespace": "hedgehog", "sync_enabled": true,
		"sync_interval": int64(600),
	}
	planned := fabric.Attributes{}
	for k, v := range set {
		planned[k] = v
	}
	return Create{Set: set, Planned: planned}
}

// changeOf returns an update of one attribute of a fabric.
func changeOf(read *Read, field string, value any) Update {
	before, planned := AttributesOf(&read.Fabric), AttributesOf(&read.Fabric)
	planned[field] = value
	return Update{ID: read.Fabric.ID, Revision: RevisionOf(&read.Fabric), Before: before, Planned: planned,
		Set: map[string]any{field: value}}
}

func deleteOf(read *Read) Delete {
	return Delete{ID: read.Fabric.ID, Revision: RevisionOf(&read.Fabric), Before: AttributesOf(&read.Fabric)}
}

func TestFabrics_everyRequestOmitsDisplayURL(t *testing.T) {
	s := startNetBox(t, netboxtest.Options{PublishedDisplayURL: true})
	c := newClient(t, s.URL())
	ctx := t.Context()
	read, err := c.Fabrics().Create(ctx, alphaCreate())
	if err != nil {
		t.Fatal(err)
	}
	if read, err = c.Fabrics().Update(ctx, changeOf(read, "description", "new")); err != nil {
		t.Fatal(err)
	}
	if _, err = c.Fabrics().Refresh(ctx, read.Fabric.ID, RevisionOf(&read.Fabric)); err != nil {
		t.Fatal(err)
	}
	if _, err = c.Fabrics().FindByName(ctx, "alpha"); err != nil {
		t.Fatal(err)
	}
	if _, err = c.Fabrics().Delete(ctx, deleteOf(read)); err == nil {
		t.Fatal("the delete worked, want an error of the published plugin")
	}
	methods := map[string]bool{}
	for _, r := range s.Requests() {
		if strings.HasPrefix(r.Path, fabricsPath) {
			methods[r.Method] = true
			if got := r.Query.Get("omit"); got != "display_url" || r.Query.Has("fields") {
				t.Errorf("%s %s: got the query %v", r.Method, r.Path, r.Query)
			}
		}
	}
	if len(methods) != 4 {
		t.Errorf("got the methods %v, want GET, POST, PATCH and DELETE", methods)
	}
}
