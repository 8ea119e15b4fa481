package netboxtest

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
)

// FuzzSecret is the token of the clients that fuzz tests make. No error may hold it,
// whatever repeats it.
const FuzzSecret = "opensesame-opensesame-opensesame"

// Answered is what a server answers with.
type Answered struct {
	Status      int
	ContentType string
	Body        []byte
}

// Answering returns such an answer.
func Answering(status int, contentType string, body []byte) Answered {
	return Answered{status, contentType, body}
}

// Always gives the same answer to every request.
func Always(status int, contentType string, body []byte) func(*http.Request) Answered {
	return func(*http.Request) Answered { return Answered{status, contentType, body} }
}

// RoundTripFunc is a function that is a transport.
type RoundTripFunc func(*http.Request) (*http.Response, error)

// RoundTrip implements [http.RoundTripper].
func (f RoundTripFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// AnsweredBy returns a transport that has every request answered by give, without a
// network in between, and the context of an operation, which ends when the client has
// asked often enough.
func AnsweredBy(t testing.TB, enough int32, give func(*http.Request) Answered) (http.RoundTripper, context.Context) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var requests atomic.Int32
	return RoundTripFunc(func(r *http.Request) (*http.Response, error) {
		n := requests.Add(1)
		if n == enough {
			cancel()
		}
		if n > enough+100 {
			t.Error("the client asks and asks")
			return nil, errors.New("enough")
		}
		a := give(r)
		header := http.Header{"Content-Type": {a.ContentType}, "Api-Version": {V47.Minor()},
			"Date": {"Mon, 23 Nov 2026 21:23:25 GMT"}}
		return &http.Response{StatusCode: a.Status, Header: header, Body: io.NopCloser(bytes.NewReader(a.Body)),
			Request: r}, nil
	}), ctx
}

// RecordedBodies hands over the answers to the paths that hold a text, of every NetBox
// that has recordings in a folder, each different one once.
func RecordedBodies(f *testing.F, folder, path string, add func(status int, body []byte)) {
	f.Helper()
	seen := map[string]bool{}
	for _, file := range RecordingFiles(f, filepath.Join(folder, "netbox-4.*", "*.json")) {
		r := LoadRecording(f, file)
		if body := string(r.Response.Body); strings.Contains(r.Request.Path, path) && !seen[body] &&
			len(body) < 20_000 {
			seen[body] = true
			add(r.Response.Status, r.Response.Body)
		}
	}
}

// OddBodies are what no NetBox answers.
func OddBodies() [][]byte {
	var all [][]byte
	for _, body := range []string{
		"", "null", "[]", "{}", "7", `"x"`, `[null]`, `{"results":null}`, `{"results":[null]}`,
		`{"results":[{}],"next":7}`, `{"detail":null}`, `{"detail":{"a":[1,{"b":` + `"` + FuzzSecret + `"}]}}`,
		`{"errors":[{"index":1e300,"errors":{"name":[]}},{"id":-1,"errors":{}},7]}`,
		`{"custom_fields":{"a":{"b":[null]}},"__all__":{"c":1e400}}`, `[{},{"name":["x"]},null]`,
		`{"tags":["{'name': '\\x'}"]}`, "<html>" + FuzzSecret + "</html>", "\xff\xfe", `{"exception":7,"error":["a"],` +
			`"detail":false}`,
	} {
		all = append(all, []byte(body))
	}
	return all
}

// WantPresentable checks that an error can be shown to a person.
func WantPresentable(t *testing.T, err error) {
	t.Helper()
	switch text := err.Error(); {
	case text == "":
		t.Errorf("%T says nothing", err)
	case strings.Contains(text, FuzzSecret):
		t.Errorf("%T holds the token: %s", err, text)
	}
}
