package netboxtest

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestFaultAnswers(t *testing.T) {
	noon := time.Date(2030, 5, 1, 12, 0, 0, 0, time.UTC)
	const html, json = "text/html", "application/json"
	for name, c := range map[string]struct {
		kind          Kind
		status        int
		media, body   string // parts of them
		header, value string
	}{
		"gateway": {kind: Status(502), status: 502, media: html, body: "<h1>502 Bad Gateway</h1>"},
		"seconds": {kind: RetryAfter(429, "7"), status: 429, media: html, header: "Retry-After", value: "7"},
		"absurd": {kind: RetryAfter(503, "99999999999999999999"), status: 503, header: "Retry-After",
			value: "99999999999999999999"},
		"date": {kind: RetryAt(503, time.Minute), status: 503, header: "Retry-After",
			value: "Wed, 01 May 2030 12:01:00 GMT"},
		"page":  {kind: Page(200), status: 200, media: html, body: "<!DOCTYPE html>"},
		"empty": {kind: Empty(200), status: 200, media: json, header: "Content-Length", value: "0"},
		"any":   {kind: Answer(418, "text/plain", "tea"), status: 418, media: "text/plain", body: "tea"},
		"refusal": {kind: Detail(403, "Invalid v1 token"), status: 403, media: json,
			body: `{"detail":"Invalid v1 token"}`},
		"plugin":     {kind: PluginError(), status: 500, media: json, body: `"exception":"ImproperlyConfigured"`},
		"event rule": {kind: PluginErrorPage(), status: 500, media: html, body: "<!DOCTYPE html>"},
		"redirect": {kind: Redirect(307, "http://other.example.com:81"), status: 307, header: "Location",
			value: "http://other.example.com:81" + fabricsPath + "?omit=x"},
		"maintenance mode": {kind: Maintenance(), status: 500, media: json, body: "NetBox is currently operating in " +
			"maintenance mode"},
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t, Options{})
			s.SetNow(noon)
			for _, after := range []bool{false, true} {
				h := s.Fault(Fault{Times: 1, AfterCommit: after, Kind: c.kind})
				got := send(t, s, "POST", fabricsPath+"?omit=x", `{"name":"alpha"}`).must(t, c.status)
				if !strings.Contains(got.header.Get("Content-Type"), c.media) || !strings.Contains(got.raw, c.body) {
					t.Errorf("got %q with the Content-Type %s", got.raw, got.header.Get("Content-Type"))
				}
				if c.header != "" && got.header.Get(c.header) != c.value {
					t.Errorf("%s: got %q, want %q", c.header, got.header.Get(c.header), c.value)
				}
				if _, stored := s.FabricByName("alpha"); stored != after || h.Hits() != 1 {
					t.Errorf("AfterCommit %t: stored %t after %d hits", after, stored, h.Hits())
				}
			}
		})
	}
}

// send is like do, for answers that may not be what their headers say. It follows no redirects.
func send(t *testing.T, s *Server, method, path, body string) reply {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, s.URL()+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Token "+AdminToken)
	r.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	return reply{status: response.StatusCode, header: response.Header, raw: read(response)}
}

// read returns as much of a body as arrives.
func read(response *http.Response) string {
	var text strings.Builder
	buffer := make([]byte, 4096)
	for {
		n, err := response.Body.Read(buffer)
		text.Write(buffer[:n])
		if err != nil {
			return text.String()
		}
	}
}

func TestFaultMaintenance_readsPassAndSoDoStrangers(t *testing.T) {
	s := start(t, Options{Version: V45})
	id := s.AddFabric(map[string]any{"name": "alpha"})
	path := fabricsPath + formatID(id) + "/"
	h := s.Fault(Fault{Kind: Maintenance()})
	do(t, s, "GET", path, "").must(t, 200)
	do(t, s, "PATCH", path, `{"name":"bravo"}`, "Authorization", "Token nobody's").must(t, 403)
	for _, method := range []string{"PATCH", "PUT", "DELETE"} {
		if got := do(t, s, method, path, `{"name":"bravo"}`).must(t, 500); got.key("netbox_version") != "4.5.10" ||
			got.key("exception") != "InternalError" {
			t.Errorf("got %s", got.raw)
		}
	}
	if f, there := s.Fabric(id); !there || f["name"] != "alpha" || h.Hits() != 3 {
		t.Errorf("got the fabric %v after %d hits", f["name"], h.Hits())
	}
	h.Remove()
	do(t, s, "PATCH", path, `{"name":"bravo"}`).must(t, 200)
}
