package fabricsync

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/cluster"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netbox"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

const (
	testServer = "https://k8s.example.com:6443"
	testToken  = "service-account-token-1"
	namespace  = "hedgehog"
)

var testTime = time.Date(2030, 5, 1, 12, 0, 0, 0, time.UTC)

// world is a NetBox with one fabric, number 1, and its cluster.
type world struct {
	testing.TB
	netbox  *netboxtest.Server
	client  *netbox.Client
	cluster *fakeCluster
	clock   *testClock
}

func newWorld(t testing.TB, fields ...map[string]any) *world {
	t.Helper()
	s, err := netboxtest.New(netboxtest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	s.SetNow(testTime)
	w := &world{TB: t, netbox: s, clock: &testClock{at: testTime}, cluster: &fakeCluster{
		objects: map[string][]*cluster.Object{}, broken: map[string]error{},
	}}
	values := map[string]any{
		"name": "alpha", "kubernetes_server": testServer, "kubernetes_token": testToken,
		"kubernetes_namespace": namespace,
		"created":              testTime.Add(-time.Hour), "last_updated": testTime.Add(-time.Hour), "sync_interval": 60,
	}
	for _, more := range fields {
		maps.Copy(values, more)
	}
	s.AddFabric(values)
	w.client = w.newClient()
	return w
}

func (w *world) newClient() *netbox.Client {
	w.Helper()
	c, err := netbox.New(rest.Config{
		ServerURL: w.netbox.URL(), APIToken: netboxtest.AdminToken, SkipVersion: true,
		RequestTimeout: 20 * time.Second, RetryWait: time.Millisecond,
	})
	if err != nil {
		w.Fatal(err)
	}
	return c
}

func (w *world) options(change ...func(*Options)) Options {
	o := Options{NetBox: w.client, Connect: w.cluster.connect, Clock: w.clock}
	for _, f := range change {
		f(&o)
	}
	return o
}

func (w *world) run(change ...func(*Options)) (*Result, error) {
	return Run(w.Context(), w.options(change...), 1)
}

// sync runs a sync that is to end well.
func (w *world) sync(change ...func(*Options)) *Result {
	w.Helper()
	result, err := w.run(change...)
	if err != nil || result.Outcome != Synced {
		w.Fatalf("%+v, %v", result, err)
	}
	return result
}

func prune(o *Options) { o.Prune = Delete }

// advance moves NetBox's clock and the local one.
func (w *world) advance(d time.Duration) {
	w.netbox.Advance(d)
	w.clock.advance(d)
}

func (w *world) fabric() map[string]any {
	f, _ := w.netbox.Fabric(1)
	return f
}

// wantFabric checks fields of the stored record.
func (w *world) wantFabric(want map[string]any) {
	w.Helper()
	got := w.fabric()
	for field, value := range want {
		if n, isInt := value.(int); isInt {
			value = float64(n)
		}
		if got[field] != value {
			w.Errorf("%s is %#v, want %#v", field, got[field], value)
		}
	}
}

// wantConsistent checks that the record does not contradict itself.
func (w *world) wantConsistent() {
	w.Helper()
	read, err := w.newClient().Fabrics().Get(context.WithoutCancel(w.Context()), 1)
	if err != nil {
		w.Fatal(err)
	}
	if found := read.Fabric.Inconsistencies(read.ObservedAt); found != nil {
		w.Errorf("the record contradicts itself: %s", strings.Join(found, " "))
	}
}

// stored are the objects of an endpoint as NetBox shows them, of all fabrics.
func (w *world) stored(endpoint string) []map[string]any {
	w.Helper()
	var all []map[string]any
	for offset := 0; ; offset += 1000 {
		var page struct {
			Next    *string          `json:"next"`
			Results []map[string]any `json:"results"`
		}
		w.request("GET", fmt.Sprintf("/api/plugins/hedgehog/%s/?ordering=id&limit=1000&offset=%d", endpoint, offset),
			"", &page)
		if all = append(all, page.Results...); page.Next == nil {
			return all
		}
	}
}

// request asks NetBox as another client would.
func (w *world) request(method, path, body string, into any) {
	w.Helper()
	resp := w.ask(method, path, body)
	defer resp.Body.Close()
	if resp.StatusCode >= 300 {
		w.Fatalf("%s %s: %s", method, path, resp.Status)
	}
	if err := json.NewDecoder(resp.Body).Decode(into); err != nil {
		w.Fatal(err)
	}
}

func (w *world) ask(method, path, body string) *http.Response {
	w.Helper()
	r, err := http.NewRequest(method, w.netbox.URL()+path, strings.NewReader(body))
	if err != nil {
		w.Fatal(err)
	}
	r.Header.Set("Authorization", "Token "+netboxtest.AdminToken)
	r.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		w.Fatal(err)
	}
	return resp
}

// status is that of NetBox's answer to another client.
func (w *world) status(method, path, body string) int {
	w.Helper()
	resp := w.ask(method, path, body)
	defer resp.Body.Close()
	return resp.StatusCode
}

// names are those of the stored objects of an endpoint, sorted.
func (w *world) names(endpoint string) string {
	w.Helper()
	var names []string
	for _, o := range w.stored(endpoint) {
		names = append(names, fmt.Sprint(o["name"]))
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

// writes lists the writes that NetBox has seen, such as "PATCH fabrics/1".
func (w *world) writes() []string {
	var all []string
	for _, r := range w.netbox.Requests() {
		if r.Method != http.MethodGet {
			all = append(all, r.Method+" "+strings.Trim(strings.TrimPrefix(r.Path, "/api/plugins/hedgehog/"), "/"))
		}
	}
	return all
}

func (w *world) wantWrites(want ...string) {
	w.Helper()
	if got := w.writes(); !slices.Equal(got, want) {
		w.Errorf("writes %q, want %q", got, want)
	}
}

// wantMirror checks that NetBox holds exactly the cluster's objects, each once
// and with its content. Others may be there besides.
func (w *world) wantMirror(others ...string) {
	w.Helper()
	for _, kind := range fabric.Kinds() {
		stored := map[string]map[string]any{}
		for _, o := range w.stored(kind.Endpoint) {
			if name := fmt.Sprint(o["name"]); stored[name] != nil {
				w.Errorf("%s %q is there twice", kind.Name, name)
			} else {
				stored[name] = o
			}
		}
		for _, o := range w.cluster.objects[kind.Name] {
			got := stored[o.Name]
			delete(stored, o.Name)
			want, _ := json.Marshal(o.Spec)
			if spec, _ := json.Marshal(got["spec"]); got == nil || string(spec) != string(want) ||
				got["kubernetes_resource_version"] != o.ResourceVersion {
				w.Errorf("%s %q: stored %v, want spec %s", kind.Name, o.Name, got, want)
			}
		}
		for name := range stored {
			if slices.Contains(others, name) {
				continue
			}
			w.Errorf("%s %q is not in the cluster", kind.Name, name)
		}
	}
}

// intercept hands every request of a method whose path contains part to handle,
// with its number, counted from 1. Others pass. "" is any method.
func (w *world) intercept(method, part string, handle func(n int, next http.Handler, rw http.ResponseWriter,
	r *http.Request)) (remove func()) {
	var mu sync.Mutex
	count := 0
	return w.netbox.Intercept(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			if (method != "" && r.Method != method) || !strings.Contains(r.URL.Path, part) {
				next.ServeHTTP(rw, r)
				return
			}
			mu.Lock()
			count++
			n := count
			mu.Unlock()
			handle(n, next, rw, r)
		})
	})
}

// commit lets NetBox carry out a request whose answer is then withheld.
func commit(next http.Handler, r *http.Request) { next.ServeHTTP(httptest.NewRecorder(), r) }

// hangUp closes a connection without an answer.
func hangUp() { panic(http.ErrAbortHandler) }

func fail500(rw http.ResponseWriter) {
	rw.Header().Set("Content-Type", "text/html")
	rw.WriteHeader(http.StatusInternalServerError)
	_, _ = rw.Write([]byte("<html>Server Error</html>"))
}

func clusterError(class cluster.Class, text string) *cluster.Error {
	return &cluster.Error{Class: class, Server: testServer, Err: errors.New(text)}
}

func wantError[E error](t *testing.T, err error) E {
	t.Helper()
	var e E
	if !errors.As(err, &e) {
		t.Fatalf("error %T (%v), want %T", err, err, e)
	}
	return e
}

// hideToken makes NetBox one that keeps the token from this client.
func hideToken(_ int, next http.Handler, rw http.ResponseWriter, r *http.Request) {
	recorder := httptest.NewRecorder()
	next.ServeHTTP(recorder, r)
	maps.Copy(rw.Header(), recorder.Header())
	rw.Header().Del("Content-Length")
	rw.WriteHeader(recorder.Code)
	var body map[string]any
	if json.Unmarshal(recorder.Body.Bytes(), &body) == nil {
		delete(body, "kubernetes_token")
	}
	_ = json.NewEncoder(rw).Encode(body)
}

// readBody reads a request's body and leaves it for the next reader.
func readBody(r *http.Request) string {
	body, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	return string(body)
}

// asBefore46 makes NetBox one that gives no entity tags and heeds none.
func asBefore46(w *world) {
	w.intercept("", "", func(_ int, next http.Handler, rw http.ResponseWriter, r *http.Request) {
		r.Header.Del("If-Match")
		recorder := httptest.NewRecorder()
		next.ServeHTTP(recorder, r)
		recorder.Header().Del("ETag")
		for name, values := range recorder.Header() {
			rw.Header()[name] = values
		}
		rw.WriteHeader(recorder.Code)
		_, _ = rw.Write(recorder.Body.Bytes())
	})
}
