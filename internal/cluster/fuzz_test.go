package cluster

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

// Any answer of a server leads to a result or an *Error without the token, and never to a panic.
func FuzzAnswers(f *testing.F) {
	const token = "opensesame-opensesame"
	const list = `{"kind":"VPCList","apiVersion":"vpc.githedgehog.com/v1beta1","metadata":{"resourceVersion":"1"},` +
		`"items":[`
	for _, body := range []string{
		list + `{"kind":"VPC","apiVersion":"vpc.githedgehog.com/v1beta1","metadata":{"name":"a","labels":{"b":"c"}},` +
			`"spec":{"x":1}}]}`,
		list + `{"kind":"VPC","apiVersion":"v1","metadata":{"name":1,"labels":[],"deletionTimestamp":5},"spec":[],` +
			`"status":"x"}]}`,
		list + `{"metadata":null},{},null]}`, list + `]`, `{"gitVersion":"v1.36.3"}`, `{"status":{"allowed":true}}`,
		`{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Expired","code":410,` +
			`"metadata":{"continue":"x"}}`,
		`{"kind":"Status","apiVersion":"v1","status":"Failure","code":-1,"message":"` + token + `"}`,
		`{"kind":"PartialObjectMetadataList","apiVersion":"meta.k8s.io/v1","metadata":{"resourceVersion":"1"},` +
			`"items":[{}]}`,
		`{"kind":"AgentList","apiVersion":"agent.githedgehog.com/v1beta1","metadata":{},"items":[null,{},{"metadata":` +
			`{"name":"a","generation":2},"status":{"lastAppliedGen":2,"lastHeartbeat":"2026-11-29T08:59:59Z"}}]}`,
		"404 page not found", "<html>", "",
	} {
		for _, status := range []int{200, 404, 410, 500} {
			f.Add(status, "application/json", []byte(body))
		}
		f.Add(200, "application/vnd.kubernetes.protobuf", append([]byte("k8s\x00"), body...))
		f.Add(403, "text/plain", []byte(body))
	}
	origin, err := url.Parse("https://k8s.example.com")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, status int, contentType string, body []byte) {
		if status < 200 || status > 599 {
			return
		}
		c, err := New(Config{Server: origin.String(), Token: token})
		if err != nil {
			t.Fatal(err)
		}
		var requests atomic.Int32
		answer := roundTripper(func(r *http.Request) (*http.Response, error) {
			if requests.Add(1) > 100 {
				t.Error("the client asks and asks")
				return nil, io.ErrClosedPipe
			}
			header := http.Header{"Content-Type": {contentType}, "Date": {"Sun, 29 Nov 2026 09:00:00 GMT"}}
			return &http.Response{StatusCode: status, Header: header, Body: io.NopCloser(bytes.NewReader(body)),
				Request: r}, nil
		})
		if err := c.connect(&http.Client{Transport: &transport{next: answer, origin: origin,
			token: token}}); err != nil {
			t.Fatal(err)
		}
		vpc := fabric.Kinds()[0]
		for _, err := range errorsOf(t, c, vpc) {
			failed, ok := errors.AsType[*Error](err)
			if !ok || failed.Class == "" || strings.ContainsAny(failed.Error(), "\n\r") {
				t.Errorf("error %T: %q", err, err)
			}
			for ; err != nil; err = errors.Unwrap(err) {
				if strings.Contains(err.Error(), token) {
					t.Errorf("%T holds the token: %v", err, err)
				}
			}
		}
	})
}

// errorsOf calls all methods of a Cluster and returns the errors.
func errorsOf(t *testing.T, c *Cluster, k fabric.Kind) (failed []error) {
	t.Helper()
	if report := c.Check(t.Context()); report.Err != nil {
		failed = append(failed, report.Err)
	}
	if n, err := c.Count(t.Context(), k); err != nil {
		failed = append(failed, err)
	} else if n < 0 {
		t.Errorf("count %d", n)
	}
	if sum, err := c.agents(t.Context()); err != nil {
		failed = append(failed, err)
	} else if sum.Total != sum.Ready+int64(len(sum.NotReady)) {
		t.Errorf("got %+v", sum)
	}
	objects, err := all(c.List(t.Context(), k))
	if err != nil {
		failed = append(failed, err)
	}
	for _, o := range objects {
		if o == nil {
			t.Error("nil among the objects")
		}
	}
	return failed
}
