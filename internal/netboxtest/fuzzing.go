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

// FuzzSecret is the token of clients in fuzz tests. No error may contain it, even if an answer
// repeats it.
const FuzzSecret = "opensesame-opensesame-opensesame"

// Answered is a server's answer.
type Answered struct {
	Status      int
	ContentType string
	Body        []byte
}

// Answering returns an answer.
func Answering(status int, contentType string, body []byte) Answered {
	return Answered{status, contentType, body}
}

// Always returns the same answer for every request.
func Always(status int, contentType string, body []byte) func(*http.Request) Answered {
	return func(*http.Request) Answered { return Answered{status, contentType, body} }
}

// RoundTripFunc is a function that implements a transport.
type RoundTripFunc func(*http.Request) (*http.Response, error)

// RoundTrip implements [http.RoundTripper].
func (f RoundTripFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// AnsweredBy returns a transport that answers every request with give, without a network. The
// context that it returns for the operation ends after enough requests.
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
			t.Error("the client never stops sending requests")
			return nil, errors.New("enough")
		}
		a := give(r)
		header := http.Header{"Content-Type": {a.ContentType}, "Api-Version": {V47.Minor()},
			"Date": {"Mon, 23 Nov 2026 21:23:25 GMT"}}
		return &http.Response{StatusCode: a.Status, Header: header, Body: io.NopCloser(bytes.NewReader(a.Body)),
			Request: r}, nil
	}), ctx
}

// RecordedBodies calls add with each different answer to paths that contain a string, from the
// recordings of every NetBox in a folder.
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

// OddBodies returns bodies that NetBox never sends.
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

// WantPresentable checks that an error has a message without the token.
func WantPresentable(t *testing.T, err error) {
	t.Helper()
	switch text := err.Error(); {
	case text == "":
		t.Errorf("%T has no text", err)
	case strings.Contains(text, FuzzSecret):
		t.Errorf("%T contains the token: %s", err, text)
	}
}
