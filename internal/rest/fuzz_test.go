package rest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

// fuzzSecret is the token that no error may hold, whatever repeats it.
const fuzzSecret = "opensesame-opensesame-opensesame"

// answered is what a server answers with, headers and all.
type answered struct {
	status      int
	contentType string
	body        []byte
}

type roundTripFunc func(*http.Request) (*http.Response, error)

func (f roundTripFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// answeredBy returns a client whose every request is answered by give, without a
// network in between, and the context of an operation, which ends when the client
// has asked often enough.
func answeredBy(t testing.TB, enough int32, give func(*http.Request) answered) (*Client, context.Context) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var requests atomic.Int32
	answers := roundTripFunc(func(r *http.Request) (*http.Response, error) {
		n := requests.Add(1)
		if n == enough {
			cancel()
		}
		if n > enough+100 {
			t.Error("the client asks and asks")
			return nil, errors.New("enough")
		}
		a := give(r)
		header := http.Header{"Content-Type": {a.contentType}, "Api-Version": {"4.7"},
			"Date": {"Mon, 23 Nov 2026 21:23:25 GMT"}}
		return &http.Response{StatusCode: a.status, Header: header, Body: io.NopCloser(bytes.NewReader(a.body)),
			Request: r}, nil
	})
	c, err := New(Config{
		ServerURL: "https://netbox.example.com", APIToken: fuzzSecret, SkipVersion: true, RetryWait: time.Nanosecond,
		RequestTimeout: time.Minute, WrapTransport: func(http.RoundTripper) http.RoundTripper { return answers },
	})
	if err != nil {
		t.Fatal(err)
	}
	return c, ctx
}

// always gives the same answer to every request.
func always(status int, contentType string, body []byte) func(*http.Request) answered {
	return func(*http.Request) answered { return answered{status, contentType, body} }
}

// recordedBodies hands over the answers to the paths that hold a text, of every
// recorded NetBox, each different one once.
func recordedBodies(f *testing.F, path string, add func(status int, body []byte)) {
	f.Helper()
	seen := map[string]bool{}
	for _, set := range []string{"netbox-4.4.10", "netbox-4.5.10", "netbox-4.6.8", "netbox-4.7.3"} {
		files, err := filepath.Glob(filepath.Join(filepath.Dir(recordings), set, "*.json"))
		if err != nil || len(files) == 0 {
			f.Fatalf("no recordings of %s (%v)", set, err)
		}
		for _, file := range files {
			r := netboxtest.LoadRecording(f, file)
			if body := string(r.Response.Body); strings.Contains(r.Request.Path, path) && !seen[body] &&
				len(body) < 20_000 {
				seen[body] = true
				add(r.Response.Status, r.Response.Body)
			}
		}
	}
}

// oddBodies are what no NetBox answers.
func oddBodies() [][]byte {
	var all [][]byte
	for _, body := range []string{
		"", "null", "[]", "{}", "7", `"x"`, `[null]`, `{"results":null}`, `{"results":[null]}`,
		`{"results":[{}],"next":7}`, `{"detail":null}`, `{"detail":{"a":[1,{"b":` + `"` + fuzzSecret + `"}]}}`,
		`{"errors":[{"index":1e300,"errors":{"name":[]}},{"id":-1,"errors":{}},7]}`,
		`{"custom_fields":{"a":{"b":[null]}},"__all__":{"c":1e400}}`, `[{},{"name":["x"]},null]`,
		`{"tags":["{'name': '\\x'}"]}`, "<html>" + fuzzSecret + "</html>", "\xff\xfe", `{"exception":7,"error":["a"],` +
			`"detail":false}`,
	} {
		all = append(all, []byte(body))
	}
	return all
}

// wantPresentable checks that an error can be shown to a person.
func wantPresentable(t *testing.T, err error) {
	t.Helper()
	switch text := err.Error(); {
	case text == "":
		t.Errorf("%T says nothing", err)
	case strings.Contains(text, fuzzSecret):
		t.Errorf("%T holds the token: %s", err, text)
	}
}

// Whatever is answered to a refused or failed request, the error has the type of
// its status, and leaves the outcome of a write open exactly where it is open.
func FuzzErrorAnswer(f *testing.F) {
	recordedBodies(f, "/api/", func(status int, body []byte) { f.Add(status, "application/json", body) })
	for _, body := range oddBodies() {
		for _, status := range []int{301, 400, 403, 404, 408, 409, 412, 418, 429, 500, 502, 503} {
			f.Add(status, "application/json", body)
		}
		f.Add(404, "text/html; charset=utf-8", body)
	}
	f.Fuzz(func(t *testing.T, status int, contentType string, body []byte) {
		if status < 300 || status > 599 {
			return
		}
		c, _ := answeredBy(t, 0, nil)
		err := c.answers.errorOf(&Answer{
			Request: Request{Method: http.MethodPatch, URL: "https://netbox.example.com" + recordPath(1)},
			Status:  status, Header: http.Header{"Content-Type": {contentType}, "Api-Version": {"4.7"}}, Body: body,
			secrets: c.secrets,
		})
		wantPresentable(t, err)
		if open := status >= 500 || status == http.StatusRequestTimeout; OutcomeUnknown(err) != open {
			t.Errorf("status %d leaves the outcome open: %t (%v)", status, !open, err)
		}
		wantTypeOfStatus(t, err, status)
	})
}

func wantTypeOfStatus(t *testing.T, err error, status int) {
	t.Helper()
	ok, _ := errors.AsType[*UnexpectedAnswerError](err) // what NetBox does not say in JSON
	fits := ok != nil
	switch e := err.(type) { //nolint:errorlint // the type itself is the subject
	case *RedirectError:
		fits = status < 400
	case *ServerError:
		fits = (status >= 500 || status == http.StatusTooManyRequests) && e.Status == status
	case *ForbiddenError:
		fits = status == http.StatusForbidden || status == http.StatusUnauthorized
	case *NotFoundError, *PluginMissingError:
		fits = status == http.StatusNotFound
	case *PreconditionError:
		fits = status == http.StatusPreconditionFailed
	case *RefusedError:
		fits = status >= 400 && status < 500 && e.Status == status
	case *InvalidError:
		fits = status == http.StatusBadRequest
		for _, item := range e.Items {
			wantPresentable(t, item.Err)
		}
	}
	if !fits {
		t.Errorf("status %d is a %T: %v", status, err, err)
	}
}

// A status is a version with or without the plugin, or an error.
func FuzzStatus(f *testing.F) {
	recordedBodies(f, "/api/status/", func(_ int, body []byte) { f.Add("application/json", body) })
	for _, body := range oddBodies() {
		f.Add("application/json", body)
	}
	for _, version := range []string{"4.7.3", "4.4.6", "4.5.0-beta1", "v4", "-", "4.7.3-Docker-3.1.0"} {
		f.Add("application/json", []byte(`{"netbox-version":"`+version+`","plugins":{"netbox_hedgehog":"0.2.0"}}`))
	}
	f.Fuzz(func(t *testing.T, contentType string, body []byte) {
		c, ctx := answeredBy(t, 10, always(http.StatusOK, contentType, body))
		status, err := c.Status(ctx)
		if err == nil && status.NetBoxVersion == "" {
			t.Error("a NetBox without a version")
		}
		for _, err := range []error{err, c.check(ctx)} {
			if err != nil {
				wantPresentable(t, err)
			}
		}
	})
}
