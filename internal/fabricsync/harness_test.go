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
	"sync/atomic"
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
	plugin     = "/api/plugins/hedgehog/"
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

// sync runs a sync that must succeed.
func (w *world) sync(change ...func(*Options)) *Result {
	w.Helper()
	return w.want(Synced, "", change...)
}

// want runs a sync that must end with an outcome, a message that contains a string, and no error.
func (w *world) want(outcome Outcome, message string, change ...func(*Options)) *Result {
	w.Helper()
	result, err := w.run(change...)
	w.wantOutcome(outcome, message, result, err)
	return result
}

func (w *world) wantOutcome(outcome Outcome, message string, result *Result, err error) {
	w.Helper()
	if err != nil || result.Outcome != outcome || !strings.Contains(result.Message, message) {
		w.Fatalf("%+v, %v; want %s, %q", result, err, outcome, message)
	}
}

// wantError checks that a sync ended with an outcome and an error of a type, which it
// returns.
func wantError[E error](w *world, outcome Outcome, result *Result, err error) E {
	w.Helper()
	failed, ok := errors.AsType[E](err)
	if !ok || result.Outcome != outcome {
		w.Fatalf("%+v, error %T (%v); want %s and %T", result, err, err, outcome, failed)
	}
	return failed
}

func (w *world) wantSuperseded(result *Result, err error) string {
	w.Helper()
	return wantError[*SupersededError](w, Superseded, result, err).Reason
}

func prune(o *Options)   { o.Prune = Delete }
func dueOnly(o *Options) { o.OnlyIfDue = true }
func waiting(o *Options) { o.WaitForLock = true }
func noLimit(o *Options) { o.PruneLimit = PruneLimit{Share: 100} }

// known gives a sync the record from the end of another sync.
func known(of *Result) func(*Options) {
	return func(o *Options) { o.Known, o.KnownAt = of.Record, of.RecordAt }
}

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
		switch v := value.(type) {
		case int:
			value = float64(v)
		case time.Time:
			value = v.Format(time.RFC3339)
		case []any, map[string]any:
			continue
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

// stored returns NetBox's objects of an endpoint, of all fabrics.
func (w *world) stored(endpoint string) []map[string]any {
	w.Helper()
	var all []map[string]any
	for offset := 0; ; offset += 1000 {
		var page struct {
			Next    *string          `json:"next"`
			Results []map[string]any `json:"results"`
		}
		w.request("GET", fmt.Sprintf(plugin+"%s/?ordering=id&limit=1000&offset=%d", endpoint, offset),
			"", &page)
		if all = append(all, page.Results...); page.Next == nil {
			return all
		}
	}
}

// store creates or changes an object in NetBox as another client would. Paths are relative to
// the plugin's.
func (w *world) store(method, path, body string) {
	w.Helper()
	if status := w.status(method, plugin+path, body); status >= 300 {
		w.Fatalf("%s %s: %d", method, path, status)
	}
}

// request sends a request to NetBox as another client would.
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

// status returns the status of NetBox's answer to another client.
func (w *world) status(method, path, body string) int {
	w.Helper()
	resp := w.ask(method, path, body)
	defer resp.Body.Close()
	return resp.StatusCode
}

// names returns the sorted names of the stored objects of an endpoint.
func (w *world) names(endpoint string) string {
	w.Helper()
	var names []string
	for _, o := range w.stored(endpoint) {
		names = append(names, fmt.Sprint(o["name"]))
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

// requests returns the requests since the log was reset, such as "GET vpcs".
func (w *world) requests() []string {
	var all []string
	for _, r := range w.netbox.Requests() {
		all = append(all, r.Method+" "+strings.Trim(strings.TrimPrefix(r.Path, plugin), "/"))
	}
	return all
}

// writes returns the writes among the requests.
func (w *world) writes() []string {
	return slices.DeleteFunc(w.requests(), func(r string) bool { return strings.HasPrefix(r, "GET ") })
}

func (w *world) wantWrites(want ...string) {
	w.Helper()
	if got := w.writes(); !slices.Equal(got, want) {
		w.Errorf("writes %q, want %q", got, want)
	}
}

// wantMirror checks that NetBox has exactly the cluster's objects with their content, and the
// given others.
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

// exchange is a request that an interceptor answers, or passes on to NetBox.
type exchange struct {
	rw   http.ResponseWriter
	r    *http.Request
	n    int // among the intercepted ones, from 1
	next http.Handler
}

// pass lets NetBox answer.
func (x *exchange) pass() { x.next.ServeHTTP(x.rw, x.r) }

// commit lets NetBox carry out the request, and drops the answer.
func (x *exchange) commit() { x.next.ServeHTTP(httptest.NewRecorder(), x.r) }

// hangUp closes the connection without an answer.
func (x *exchange) hangUp() { panic(http.ErrAbortHandler) }

// answer answers instead of NetBox.
func (x *exchange) answer(status int, body string) {
	x.rw.Header().Set("Content-Type", "application/json")
	x.rw.Header().Set("API-Version", "4.7")
	x.rw.WriteHeader(status)
	_, _ = x.rw.Write([]byte(body))
}

// change lets NetBox answer, and changes the answer before it is sent.
func (x *exchange) change(change func(header http.Header, body []byte) []byte) {
	recorder := httptest.NewRecorder()
	x.next.ServeHTTP(recorder, x.r)
	body := change(recorder.Header(), recorder.Body.Bytes())
	recorder.Header().Del("Content-Length")
	maps.Copy(x.rw.Header(), recorder.Header())
	x.rw.WriteHeader(recorder.Code)
	_, _ = x.rw.Write(body)
}

// body reads the request's body, and leaves it for NetBox.
func (x *exchange) body() string {
	body, _ := io.ReadAll(x.r.Body)
	x.r.Body = io.NopCloser(bytes.NewReader(body))
	return string(body)
}

func fail500(x *exchange) {
	x.rw.Header().Set("Content-Type", "text/html")
	x.rw.WriteHeader(http.StatusInternalServerError)
	_, _ = x.rw.Write([]byte("<html>Server Error</html>"))
}

// intercept passes requests of a method whose path contains part to handle. Others reach NetBox.
// The method "" is any; "!GET" is any write.
func (w *world) intercept(method, part string, handle func(*exchange)) (remove func()) {
	var count atomic.Int64
	return w.netbox.Intercept(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			wanted := method == "" || r.Method == method || (method == "!GET" && r.Method != http.MethodGet)
			x := &exchange{rw, r, 0, next}
			if !wanted || !strings.Contains(r.URL.Path, part) {
				x.pass()
				return
			}
			x.n = int(count.Add(1))
			handle(x)
		})
	})
}

func clusterError(class cluster.Class, text string) *cluster.Error {
	return &cluster.Error{Class: class, Server: testServer, Err: errors.New(text)}
}

// hideToken makes NetBox hide the token from this client.
func hideToken(x *exchange) {
	x.change(func(_ http.Header, answer []byte) []byte {
		var body map[string]any
		if json.Unmarshal(answer, &body) == nil {
			delete(body, "kubernetes_token")
		}
		answer, _ = json.Marshal(body)
		return answer
	})
}

// asBefore46 makes NetBox send no entity tags and ignore If-Match.
func asBefore46(w *world) {
	w.intercept("", "", func(x *exchange) {
		x.r.Header.Del("If-Match")
		x.change(func(header http.Header, body []byte) []byte {
			header.Del("ETag")
			return body
		})
	})
}
