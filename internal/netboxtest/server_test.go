package netboxtest

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
)

func start(t *testing.T, o Options) *Server {
	t.Helper()
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

const fabricsPath = "/api/plugins/hedgehog/fabrics/"

// reply is an answer with its body decoded.
type reply struct {
	status int
	header http.Header
	raw    string
	body   any
}

// key reads a value of a JSON object.
func (r reply) key(name string) any {
	m, _ := r.body.(map[string]any)
	return m[name]
}

// results are the elements of a list.
func (r reply) results() []any {
	list, _ := r.key("results").([]any)
	return list
}

// do sends a request as the administrator; headers come as name, value pairs.
func do(t testing.TB, s *Server, method, url, body string, headers ...string) reply {
	t.Helper()
	if strings.HasPrefix(url, "/") {
		url = s.URL() + url
	}
	r, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Token "+AdminToken)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	answer := reply{status: response.StatusCode, header: response.Header, raw: string(raw)}
	if strings.Contains(response.Header.Get("Content-Type"), "json") {
		dec := json.NewDecoder(bytes.NewReader(raw))
		dec.UseNumber()
		if err := dec.Decode(&answer.body); err != nil {
			t.Fatalf("%s %s: %v in %q", method, url, err, raw)
		}
	}
	return answer
}

// must fails the test unless the answer has this status.
func (r reply) must(t testing.TB, status int) reply {
	t.Helper()
	if r.status != status {
		t.Fatalf("status %d, want %d; body %s", r.status, status, r.raw)
	}
	return r
}
