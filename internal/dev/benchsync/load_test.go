//go:build unix

package main

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

func TestOf_addsUp(t *testing.T) {
	for _, objects := range []int{1, 7, 50, 99, 500, 5000} {
		all := 0
		for _, kind := range fabric.Kinds() {
			all += of(kind, objects)
		}
		if all != objects {
			t.Errorf("%d of %d objects have a kind", all, objects)
		}
	}
}

func TestRequestsOfNew_areThoseOfTheTarget(t *testing.T) {
	if n := requestsOfNew(5000); n != 46 {
		t.Errorf("got %d requests for 5,000 new objects, want 46", n)
	}
}

func TestKindOf(t *testing.T) {
	for request, want := range map[[2]string]string{
		{http.MethodGet, "/api/plugins/hedgehog/fabrics/"}:      listFabrics,
		{http.MethodGet, "/api/plugins/hedgehog/fabrics/7/"}:    readFabric,
		{http.MethodPatch, "/api/plugins/hedgehog/fabrics/7/"}:  writeFabric,
		{http.MethodGet, "/api/plugins/hedgehog/vpcs/"}:         listObjects,
		{http.MethodPost, "/api/plugins/hedgehog/vpcs/"}:        writeObjects,
		{http.MethodGet, "/api/core/object-changes/?limit=100"}: anyOther,
		{http.MethodGet, "/api/status/"}:                        anyOther,
	} {
		if got := kindOf(httptest.NewRequest(request[0], request[1], nil)); got != want {
			t.Errorf("%v is %q, want %q", request, got, want)
		}
	}
}

func TestCheck_comparesWithTheTarget(t *testing.T) {
	m := measurement{scenario: scenario{most: 14, counts: []string{listObjects, writeFabric}, rows: 1,
		load: load{Fabrics: 2}}}
	for _, test := range []struct {
		requests map[string]int
		rows     int
		fails    bool
	}{
		{map[string]int{listObjects: 12, writeFabric: 2, anyOther: 9}, 2, false},
		{map[string]int{listObjects: 12, writeFabric: 3}, 2, true},
		{map[string]int{listObjects: 12, writeFabric: 2}, 3, true},
	} {
		m.counted = counts{Requests: test.requests, Rows: test.rows}
		if err := m.check(); (err != nil) != test.fails {
			t.Errorf("%v and %d rows: %v", test.requests, test.rows, err)
		}
	}
}
