package netbox

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

const testAgent = "terraform-provider-hedgehog/1.2.3"

func startNetBox(t *testing.T, o netboxtest.Options) *netboxtest.Server {
	t.Helper()
	s, err := netboxtest.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// newClient returns a client of the stand-in's administrator that does not
// wait between attempts.
func newClient(t *testing.T, url string, change ...func(*Config)) *Client {
	t.Helper()
	config := Config{
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
	t.Cleanup(c.http.CloseIdleConnections)
	return c
}

func withoutCheck(c *Config) { c.SkipVersion = true }

// startServer starts a server that is no NetBox unless its handler acts as one.
func startServer(t *testing.T, handle http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(handle)
	t.Cleanup(s.Close)
	return s
}

// intercept hands every request of a method on the fabrics to handle, with its
// number, counted from 1. Others pass.
func intercept(s *netboxtest.Server, method string, handle func(n int, next http.Handler, w http.ResponseWriter, r *http.Request)) {
	var n atomic.Int64
	s.Intercept(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method != method || !strings.Contains(r.URL.Path, fabricsPath) {
				next.ServeHTTP(w, r)
				return
			}
			handle(int(n.Add(1)), next, w, r)
		})
	})
}

// commit lets the server carry out a request whose answer is then withheld.
func commit(next http.Handler, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	next.ServeHTTP(w, r)
	return w
}

// cut closes a connection without an answer.
func cut(http.ResponseWriter) { panic(http.ErrAbortHandler) }

func wantError[E error](t *testing.T, err error) E {
	t.Helper()
	e, ok := asError[E](err)
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

// alphaCreate is a create with every attribute that a plan sends.
func alphaCreate() Create {
	set := map[string]any{
		"name": "alpha", "description": "Lab", "status": "active", "kubernetes_server": "https://k8s.example.com:6443",
		"kubernetes_token": "service-account-token-1", "kubernetes_namespace": "hedgehog", "sync_enabled": true, "sync_interval": int64(600),
	}
	planned := fabric.Attributes{}
	for k, v := range set {
		planned[k] = v
	}
	return Create{Set: set, Planned: planned}
}

// changeOf is an update of one attribute of a fabric that was read.
func changeOf(read *Read, field string, value any) Update {
	before, planned := AttributesOf(&read.Fabric), AttributesOf(&read.Fabric)
	planned[field] = value
	return Update{ID: read.Fabric.ID, Mark: MarkOf(&read.Fabric), Before: before, Planned: planned, Set: map[string]any{field: value}}
}

func deleteOf(read *Read) Delete {
	return Delete{ID: read.Fabric.ID, Mark: MarkOf(&read.Fabric), Before: AttributesOf(&read.Fabric)}
}

func TestNew_refusesConfigurationsThatCannotWork(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "missing.pem")
	for _, test := range []struct {
		config Config
		field  string
	}{
		{Config{ServerURL: ""}, "server_url"},
		{Config{ServerURL: "netbox.example.com"}, "server_url"},
		{Config{ServerURL: "ftp://netbox.example.com"}, "server_url"},
		{Config{ServerURL: "https:///api"}, "server_url"},
		{Config{ServerURL: "https://netbox.example.com/api"}, "server_url"},
		{Config{ServerURL: "https://netbox.example.com/netbox/api/"}, "server_url"},
		{Config{ServerURL: "https://user:secret@netbox.example.com"}, "server_url"},
		{Config{ServerURL: "https://netbox.example.com?x=1"}, "server_url"},
		{Config{ServerURL: "https://netbox.example.com#x"}, "server_url"},
		{Config{ServerURL: "https://netbox.example.com", APIToken: "secret "}, "api_token"},
		{Config{ServerURL: "https://netbox.example.com", APIToken: "sec\nret"}, "api_token"},
		{Config{ServerURL: "https://netbox.example.com", CACertFile: missing}, "ca_cert_file"},
		{Config{ServerURL: "https://netbox.example.com", CACertFile: "client_test.go"}, "ca_cert_file"},
	} {
		_, err := New(test.config)
		if e := wantError[*ConfigError](t, err); e.Field != test.field || strings.Contains(err.Error(), "secret") {
			t.Errorf("%+v: %v, want an error of %s", test.config, err, test.field)
		}
	}
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
	if _, err = c.Fabrics().Refresh(ctx, read.Fabric.ID, MarkOf(&read.Fabric)); err != nil {
		t.Fatal(err)
	}
	if _, err = c.Fabrics().FindByName(ctx, "alpha"); err != nil {
		t.Fatal(err)
	}
	if _, err = c.Fabrics().Delete(ctx, deleteOf(read)); err == nil {
		t.Fatal("the published plugin cannot delete")
	}
	methods := map[string]bool{}
	for _, r := range s.Requests() {
		if strings.HasPrefix(r.Path, fabricsPath) {
			methods[r.Method] = true
			if got := r.Query.Get("omit"); got != "display_url" || r.Query.Has("fields") {
				t.Errorf("%s %s with the query %v", r.Method, r.Path, r.Query)
			}
		}
	}
	if len(methods) != 4 {
		t.Errorf("methods %v, want GET, POST, PATCH and DELETE", methods)
	}
}

func TestClient_tokenForms(t *testing.T) {
	for name, test := range map[string]struct{ token, want string }{
		"v1":   {netboxtest.AdminToken, "Token " + netboxtest.AdminToken},
		"v2":   {netboxtest.AdminTokenV2, "Bearer " + netboxtest.AdminTokenV2},
		"none": {"", ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := startNetBox(t, netboxtest.Options{})
			id := s.AddFabric(map[string]any{"name": "alpha"})
			_, err := newClient(t, s.URL(), func(c *Config) { c.APIToken = test.token }).Fabrics().Get(t.Context(), id)
			if test.token == "" {
				if e := wantError[*ForbiddenError](t, err); !e.BadToken() {
					t.Errorf("%v: not told as a missing token", err)
				}
			} else if err != nil {
				t.Error(err)
			}
			for _, r := range s.Requests() {
				if got := r.Header.Get("Authorization"); got != test.want {
					t.Errorf("%s: Authorization %q, want %q", r.Path, got, test.want)
				}
			}
		})
	}
}

func TestClient_sendsUserAgentAndExtraHeaders(t *testing.T) {
	s := startNetBox(t, netboxtest.Options{})
	c := newClient(t, s.URL(), func(c *Config) {
		c.Headers = map[string]string{"X-Gateway-Key": "gateway-secret"}
	})
	if _, err := c.Fabrics().Create(t.Context(), alphaCreate()); err != nil {
		t.Fatal(err)
	}
	if len(s.Requests()) < 2 {
		t.Fatal("no status and no create were asked for")
	}
	for _, r := range s.Requests() {
		if r.Header.Get("X-Gateway-Key") != "gateway-secret" || r.Header.Get("User-Agent") != testAgent ||
			r.Header.Get("Authorization") != "Token "+netboxtest.AdminToken || !strings.Contains(r.Header.Get("Accept"), "application/json") {
			t.Errorf("%s %s: headers %v", r.Method, r.Path, r.Header)
		}
	}
}

func TestClient_keepsPathPrefix(t *testing.T) {
	for _, slash := range []string{"", "/"} {
		s := startNetBox(t, netboxtest.Options{PathPrefix: "/tools/netbox"})
		c := newClient(t, s.URL()+slash)
		read, err := c.Fabrics().Create(t.Context(), alphaCreate())
		if err != nil {
			t.Fatal(err)
		}
		if found, err := c.Fabrics().FindByName(t.Context(), "alpha"); err != nil || found.Fabric.ID != read.Fabric.ID {
			t.Errorf("found %v, %v", found, err)
		}
		_, err = c.Fabrics().Get(t.Context(), 99)
		if e := wantError[*NotFoundError](t, err); e.Request.URL != s.URL()+fabricsPath+"99/" {
			t.Errorf("URL %s", e.Request.URL)
		}
	}
}

func TestClient_concurrentUseAndObservation(t *testing.T) {
	s := startNetBox(t, netboxtest.Options{})
	id := s.AddFabric(map[string]any{"name": "alpha"})
	var mu sync.Mutex
	var seen []Exchange
	c := newClient(t, s.URL(), func(c *Config) {
		c.ObserveExchange = func(_ context.Context, e Exchange) {
			mu.Lock()
			defer mu.Unlock()
			seen = append(seen, e)
		}
	})
	var group sync.WaitGroup
	errs := make([]error, 20)
	for i := range errs {
		group.Go(func() { _, errs[i] = c.Fabrics().Get(t.Context(), id) })
	}
	group.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	if got := s.Count("GET", "/api/status/"); got != 1 {
		t.Errorf("%d status requests, want one for all", got)
	}
	if len(seen) != 21 {
		t.Fatalf("%d exchanges, want 21", len(seen))
	}
	last := seen[20]
	if last.Method != "GET" || last.Path != fabricPath(id)+"?omit=display_url" || last.Status != 200 || last.Problem != "" || last.Duration <= 0 {
		t.Errorf("exchange %+v", last)
	}
}
