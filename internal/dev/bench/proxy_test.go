package main

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func call(t *testing.T, method, url string) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(""))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	return resp
}

func TestProxy_countsByKind(t *testing.T) {
	seen := map[string]int{}
	netbox := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		seen[r.URL.RequestURI()]++
	}))
	defer netbox.Close()
	p, err := startProxy(t.Context(), netbox.URL+"/base")
	if err != nil {
		t.Fatal(err)
	}
	defer p.close()
	const list = "/api/plugins/hedgehog/fabrics/"
	for _, r := range [][2]string{
		{"GET", "/api/status/"},
		{"GET", list + "7/?omit=display_url"},
		{"GET", list + "?limit=1000"},
		{"GET", list + "?limit=1000&start=1001"},
		{"POST", list}, {"PATCH", list + "7/"}, {"DELETE", list + "7/"}, {"OPTIONS", list},
	} {
		call(t, r[0], p.url+r[1])
	}
	counted, err := p.take()
	if err != nil {
		t.Fatal(err)
	}
	if want := (requests{status: 1, getOne: 1, getList: 2, post: 1, patch: 1, remove: 1, other: 1}); !maps.Equal(
		counted, want) {
		t.Errorf("counted %v, want %v", counted, want)
	}
	if seen["/base"+list+"7/?omit=display_url"] != 1 {
		t.Errorf("NetBox saw %v", seen)
	}
	if again, _ := p.take(); again.total() != 0 {
		t.Errorf("counted %v twice", again)
	}
}

func TestProxy_reportsUnansweredRequests(t *testing.T) {
	gone := httptest.NewServer(nil)
	gone.Close()
	p, err := startProxy(t.Context(), gone.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer p.close()
	if resp := call(t, "GET", p.url+"/api/status/"); resp.StatusCode != http.StatusBadGateway {
		t.Errorf("status %d, want 502", resp.StatusCode)
	}
	if _, err := p.take(); err == nil || !strings.Contains(err.Error(), "GET /api/status/ got no answer from NetBox") {
		t.Errorf("error %v", err)
	}
	if _, err := p.take(); err != nil {
		t.Errorf("the next measurement has the error too: %v", err)
	}
}
