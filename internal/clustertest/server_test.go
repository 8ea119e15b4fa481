package clustertest

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

const vpcs = "/apis/vpc.githedgehog.com/v1beta1/namespaces/one/vpcs"

func start(t *testing.T, o Options) *Server {
	t.Helper()
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

type reply struct {
	status int
	header http.Header
	text   string
	body   map[string]any
}

func ask(t *testing.T, s *Server, method, path, token, body string, headers ...string) reply {
	t.Helper()
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM([]byte(s.CA()))
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool},
		DisableKeepAlives: true}}
	req, err := http.NewRequestWithContext(t.Context(), method, s.URL()+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	got := reply{status: resp.StatusCode, header: resp.Header, text: string(text)}
	_ = json.Unmarshal(text, &got.body) // may be no JSON
	return got
}

func apply(t *testing.T, s *Server, path, body string) reply {
	t.Helper()
	return ask(t, s, http.MethodPatch, path+"?fieldManager=test&force=true", AdminToken, body, "Content-Type",
		"application/apply-patch+yaml")
}

func meta(body map[string]any) map[string]any { return inner(body, "metadata") }

func items(body map[string]any) (names []string) {
	list, _ := body["items"].([]any)
	for _, item := range list {
		object, _ := item.(map[string]any)
		name, _ := meta(object)["name"].(string)
		names = append(names, name)
	}
	return names
}

// The statuses, types and messages are those of a kube-apiserver v1.36.3.
func TestServer_refusesAsKubernetesDoes(t *testing.T) {
	s := start(t, Options{})
	s.SetInstalled(fabric.Kinds()[1], false)
	for name, test := range map[string]struct {
		method, path, token string
		status              int
		contentType, says   string
	}{
		"no such token":       {"GET", vpcs, "guessed", 401, "application/json", `"reason":"Unauthorized"`},
		"no such token, root": {"GET", "/version", "guessed", 401, "application/json", `"code":401`},
		"no token": {"GET", vpcs, "", 403, "application/json", `User \"system:anonymous\" cannot list ` +
			`resource \"vpcs\" in API group \"vpc.githedgehog.com\" in the namespace \"one\"`},
		"no right": {"GET", vpcs, NobodyToken, 403, "application/json", `vpcs.vpc.githedgehog.com is ` +
			`forbidden: User \"nobody\" cannot list`},
		"no right to write": {"DELETE", vpcs + "/a", FullToken, 403, "application/json", "cannot delete"},
		"no CRD": {"GET", strings.Replace(vpcs, "vpcs", "externals", 1), FullToken, 404,
			"text/plain; charset=utf-8", "404 page not found"},
		"no such path": {"GET", "/nothing", FullToken, 404, "text/plain; charset=utf-8", "404 page not found"},
		"no object": {"GET", vpcs + "/a", AdminToken, 404, "application/json", `vpcs.vpc.githedgehog.com ` +
			`\"a\" not found`},
		"no continue token": {"GET", vpcs + "?continue=%25", FullToken, 400, "application/json",
			"continue key is not valid"},
		"version": {"GET", "/version", "", 200, "application/json", `"gitVersion":"v1.36.3"`},
	} {
		t.Run(name, func(t *testing.T) {
			got := ask(t, s, test.method, test.path, test.token, "")
			if got.status != test.status || got.header.Get("Content-Type") != test.contentType ||
				!strings.Contains(got.text, test.says) {
				t.Errorf("%d %s %s", got.status, got.header.Get("Content-Type"), got.text)
			}
		})
	}
}

func TestServer_reviewsAccess(t *testing.T) {
	s, kinds := start(t, Options{}), fabric.Kinds()
	s.SetToken("one", kinds[3])
	for token, want := range map[string][]fabric.Kind{
		AdminToken: kinds, FullToken: kinds, PartialToken: kinds[:7], NobodyToken: nil, "one": kinds[3:4],
	} {
		for _, kind := range kinds {
			body := `{"spec": {"resourceAttributes": {"verb": "list", "group": "` + kind.Group + `", "resource": "` +
				kind.Resource + `"}}}`
			got := ask(t, s, http.MethodPost, "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", token, body)
			if allowed := inner(got.body, "status")["allowed"]; got.status != 201 ||
				allowed != slices.Contains(want, kind) {
				t.Errorf("%s may list %s: %d %v", token, kind.Name, got.status, allowed)
			}
		}
	}
	s.RevokeToken(FullToken)
	if got := ask(t, s, http.MethodGet, vpcs, FullToken, ""); got.status != 401 {
		t.Errorf("a revoked token: %d", got.status)
	}
}

func TestServer_pagesAreOfOneState(t *testing.T) {
	s, vpc := start(t, Options{}), fabric.Kinds()[0]
	for _, name := range []string{"c", "a", "b"} {
		s.Put(vpc, "one", Example(vpc, name))
	}
	s.Put(vpc, "two", Example(vpc, "elsewhere"))
	first := ask(t, s, http.MethodGet, vpcs+"?limit=2", FullToken, "")
	if got := items(first.body); !slices.Equal(got, []string{"a", "b"}) || first.body["kind"] != "VPCList" ||
		meta(first.body)["remainingItemCount"] != 1.0 {
		t.Errorf("first page %v: %s", got, first.text)
	}
	next, _ := meta(first.body)["continue"].(string)
	s.Put(vpc, "one", Example(vpc, "d"))
	path := vpcs + "?limit=2&continue=" + url.QueryEscape(next)
	second := ask(t, s, http.MethodGet, path, FullToken, "", "Accept",
		"application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1")
	if got := items(second.body); !slices.Equal(got, []string{"c"}) ||
		second.body["kind"] != "PartialObjectMetadataList" ||
		meta(second.body)["continue"] != nil || strings.Contains(second.text, `"spec"`) {
		t.Errorf("second page %v: %s", got, second.text)
	}
	s.Forget()
	gone := ask(t, s, http.MethodGet, path, FullToken, "")
	if gone.status != 410 || gone.body["reason"] != "Expired" {
		t.Errorf("forgotten: %d %s", gone.status, gone.text)
	}
	next, _ = meta(gone.body)["continue"].(string)
	newest := ask(t, s, http.MethodGet, vpcs+"?limit=2&continue="+url.QueryEscape(next), FullToken, "")
	if got := items(newest.body); !slices.Equal(got, []string{"c", "d"}) {
		t.Errorf("the rest of the newest state: %v", got)
	}
}

func TestServer_appliesAndDeletes(t *testing.T) {
	s := start(t, Options{})
	path := vpcs + "/a"
	if got := apply(t, s, path+"/status", `{"status": {"x": 1}}`); got.status != 404 {
		t.Errorf("the status of nothing: %d", got.status)
	}
	made := apply(t, s, path, `{"metadata": {"name": "a", "labels": {"l": "1"}, "finalizers": ["x/y"]}, "spec": `+
		`{"mode": "l2vni"}}`)
	if made.status != 200 || meta(made.body)["uid"] == "" || inner(made.body, "spec")["mode"] != "l2vni" {
		t.Fatalf("created: %d %s", made.status, made.text)
	}
	again := apply(t, s, path, `{"metadata": {"name": "a", "labels": {"l": "1"}, "finalizers": ["x/y"]}, "spec": `+
		`{"mode": "l2vni"}}`)
	if meta(again.body)["resourceVersion"] != meta(made.body)["resourceVersion"] {
		t.Error("applying the same changes the resource version")
	}
	changed := apply(t, s, path+"/status", `{"status": {"ready": true}, "spec": {"mode": "ignored"}}`)
	if meta(changed.body)["resourceVersion"] == meta(made.body)["resourceVersion"] ||
		meta(changed.body)["uid"] != meta(made.body)["uid"] ||
		inner(changed.body, "status")["ready"] != true || inner(changed.body, "spec")["mode"] != "l2vni" {
		t.Errorf("status: %s", changed.text)
	}
	ask(t, s, http.MethodDelete, path, AdminToken, "")
	if got := ask(t, s, http.MethodGet, path, AdminToken, ""); meta(got.body)["deletionTimestamp"] == nil {
		t.Errorf("with a finalizer: %d %s", got.status, got.text)
	}
	apply(t, s, path, `{"metadata": {"name": "a"}, "spec": {"mode": "l2vni"}}`)
	if got := ask(t, s, http.MethodGet, path, AdminToken, ""); got.status != 404 {
		t.Errorf("without its finalizer: %d %s", got.status, got.text)
	}
}

func TestServer_deletesAllOfAKind(t *testing.T) {
	s, kinds := start(t, Options{}), fabric.Kinds()
	s.Put(kinds[0], "one", Example(kinds[0], "a"))
	s.Put(kinds[0], "two", Example(kinds[0], "b"))
	s.Put(kinds[1], "one", Example(kinds[1], "c"))
	if got := ask(t, s, http.MethodDelete, vpcs, AdminToken, ""); got.status != 200 || len(s.store.objects) != 2 {
		t.Errorf("%d, %d objects left", got.status, len(s.store.objects))
	}
	ask(t, s, http.MethodDelete, "/api/v1/namespaces/two", AdminToken, "")
	if n := len(s.store.objects); n != 1 {
		t.Errorf("%d objects left of one", n)
	}
}

func TestServer_stopsAndStartsWithWhatItHad(t *testing.T) {
	s, vpc := start(t, Options{}), fabric.Kinds()[0]
	s.Put(vpc, "one", Example(vpc, "a"))
	address := s.URL()
	s.Stop()
	s.Stop()
	if connection, err := net.Dial("tcp", strings.TrimPrefix(address, "https://")); err == nil {
		connection.Close()
		t.Error("a stopped server listens")
	}
	for range 2 {
		if err := s.Start(); err != nil {
			t.Fatal(err)
		}
	}
	if got := ask(t, s, http.MethodGet, vpcs, FullToken, ""); s.URL() != address || !slices.Equal(items(got.body),
		[]string{"a"}) {
		t.Errorf("at %s: %s", s.URL(), got.text)
	}
}

func TestServer_interceptsAndCounts(t *testing.T) {
	s := start(t, Options{Plain: true})
	remove := s.Answer("/version", func(w http.ResponseWriter, _ *http.Request) {
		Refuse(w, 503, "ServiceUnavailable", "starting")
	})
	first := ask(t, s, http.MethodGet, "/version", FullToken, "")
	remove()
	second := ask(t, s, http.MethodGet, "/version?x=1", "", "")
	if first.status != 503 || first.body["message"] != "starting" || second.status != 200 {
		t.Errorf("%d %s, then %d", first.status, first.text, second.status)
	}
	if s.Count(http.MethodGet, "/version") != 2 || s.Count(http.MethodPost, "") != 0 ||
		s.Requests()[1].Query.Get("x") != "1" {
		t.Errorf("requests %+v", s.Requests())
	}
	if s.ResetRequests(); len(s.Requests()) != 0 {
		t.Error("the log is not empty")
	}
}
