package netboxtest

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"strings"
	"sync"
	"testing"
)

// statuses returns the statuses in the log, in order.
func statuses(s *Server) string {
	var list []string
	for _, r := range s.Requests() {
		list = append(list, fmt.Sprint(r.Status))
	}
	return strings.Join(list, " ")
}

func TestFault_strikesOnlyTheRequestsItIsFor(t *testing.T) {
	one := fabricsPath + "1/"
	for name, c := range map[string]struct {
		fault Fault
		want  string // of GET one, GET list, POST list, GET status
	}{
		"any":               {Fault{}, "503 503 503 503"},
		"method":            {Fault{Method: "POST"}, "200 200 503 200"},
		"prefix":            {Fault{Path: fabricsPath}, "503 503 503 200"},
		"pattern":           {Fault{Path: fabricsPath + "*/"}, "503 200 201 200"},
		"method and prefix": {Fault{Method: "GET", Path: "/api/plugins/"}, "503 503 201 200"},
		"condition": {Fault{When: func(r *http.Request) bool { return r.URL.Query().Has("omit") }},
			"200 503 201 200"},
		"first only":      {Fault{Times: 1}, "503 200 201 200"},
		"second and next": {Fault{Skip: 1, Times: 2}, "200 503 503 200"},
		"from the third":  {Fault{Skip: 2}, "200 200 503 503"},
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t, Options{PathPrefix: "/netbox"})
			s.AddFabric(map[string]any{"name": "alpha"})
			c.fault.Kind = Status(503)
			h := s.Fault(c.fault)
			do(t, s, "GET", one, "")
			do(t, s, "GET", fabricsPath+"?omit=display_url", "")
			do(t, s, "POST", fabricsPath, `{"name":"bravo"}`)
			do(t, s, "GET", "/api/status/", "")
			if got := statuses(s); got != c.want {
				t.Errorf("got the statuses %s, want %s", got, c.want)
			}
			if n := strings.Count(c.want, "503"); h.Hits() != n || s.FaultsHit()["503 Service Unavailable"] != n {
				t.Errorf("got %d hits and the counts %v, want %d hits", h.Hits(), s.FaultsHit(), n)
			}
			h.Remove()
			do(t, s, "GET", one, "").must(t, 200)
		})
	}
}

func TestFault_logNamesFaultAndWhatNetBoxDid(t *testing.T) {
	s := start(t, Options{})
	s.Fault(Fault{Method: "POST", Times: 1, Kind: Status(502)})
	lost := s.Fault(Fault{Method: "POST", Skip: 1, Times: 1, AfterCommit: true, Kind: Status(504)})
	do(t, s, "POST", fabricsPath, `{"name":"alpha"}`).must(t, 502)
	if len(s.Fabrics()) != 0 {
		t.Error("the fabric is stored, want the fault before the commit")
	}
	do(t, s, "POST", fabricsPath, `{"name":"alpha"}`).must(t, 504)
	if len(s.Fabrics()) != 1 {
		t.Error("the fabric is not stored, want the fault after the commit")
	}
	do(t, s, "POST", fabricsPath, `{"name":"alpha"}`).must(t, 400)
	var log []string
	for _, r := range s.Requests() {
		log = append(log, fmt.Sprintf("%d/%d %s", r.Status, r.Handled, r.Fault))
	}
	if got := strings.Join(log, ", "); got != "502/0 502 Bad Gateway, 504/201 504 Gateway Timeout after commit, "+
		"400/400 " {
		t.Errorf("got the log %s", got)
	}
	want := map[string]int{"502 Bad Gateway": 1, "504 Gateway Timeout after commit": 1}
	if got := s.FaultsHit(); !maps.Equal(got, want) || lost.Name() != "504 Gateway Timeout after commit" {
		t.Errorf("got the counts %v for the fault %s", got, lost.Name())
	}
	s.ResetRequests()
	if got := s.FaultsHit(); !maps.Equal(got, want) {
		t.Errorf("got the counts %v after the log was emptied", got)
	}
}

func TestFault_oneStrikesARequestAndTheLatestWins(t *testing.T) {
	s := start(t, Options{})
	inner := s.Fault(Fault{Kind: Status(503)})
	outer := s.Fault(Fault{AfterCommit: true, Times: 1, Kind: Status(502)})
	do(t, s, "POST", fabricsPath, `{"name":"alpha"}`).must(t, 502)
	if _, stored := s.FabricByName("alpha"); !stored || inner.Hits() != 0 || outer.Hits() != 1 {
		t.Errorf("stored %t after %d and %d hits", stored, inner.Hits(), outer.Hits())
	}
	do(t, s, "POST", fabricsPath, `{"name":"alpha"}`).must(t, 503)
}

func TestFault_probabilityFollowsFromTheSeed(t *testing.T) {
	const n = 400
	run := func(seed uint64) (string, int) {
		s := start(t, Options{Seed: seed})
		h := s.Fault(Fault{Probability: 0.25, Kind: Status(503)})
		for range n {
			do(t, s, "GET", "/api/status/", "")
		}
		return statuses(s), h.Hits()
	}
	first, hits := run(7)
	again, _ := run(7)
	other, _ := run(8)
	if first != again || first == other {
		t.Errorf("equal with the same seed: %t, with another: %t, want true and false", first == again, first == other)
	}
	if hits < n/8 || hits > n*3/8 {
		t.Errorf("got %d hits in %d requests, want about a quarter", hits, n)
	}
}

func TestFault_withoutKindPanics(t *testing.T) {
	s := start(t, Options{})
	defer func() {
		if recover() == nil {
			t.Error("got no panic")
		}
	}()
	s.Fault(Fault{})
}

func TestFault_manyAtOnceAreAllCounted(t *testing.T) {
	s := start(t, Options{Seed: 3})
	var handles []*FaultHandle
	for _, kind := range []Kind{Status(503), RetryAfter(429, "1"), Hangup(), Reset(), ResetMidAnswer(),
		HangupMidAnswer(), CutJSON(),
		Page(200), Empty(200), PluginError(), PluginErrorPage(), Set(map[string]any{"name": nil})} {
		for _, after := range []bool{false, true} {
			handles = append(handles, s.Fault(Fault{Probability: 0.05, AfterCommit: after, Kind: kind}))
		}
	}
	var wg sync.WaitGroup
	for worker := range 8 {
		wg.Go(func() {
			for i := range 40 {
				r, _ := http.NewRequestWithContext(t.Context(), "POST", s.URL()+fabricsPath,
					strings.NewReader(fmt.Sprintf(`{"name":"f%d-%d"}`, worker, i)))
				r.Header.Set("Authorization", "Token "+AdminToken)
				r.Header.Set("Content-Type", "application/json")
				if response, err := http.DefaultClient.Do(r); err == nil {
					_, _ = io.Copy(io.Discard, response.Body)
					response.Body.Close()
				}
			}
		})
	}
	wg.Wait()
	hits, counted, logged, handled := 0, 0, 0, 0
	for _, h := range handles {
		hits += h.Hits()
	}
	for _, n := range s.FaultsHit() {
		counted += n
	}
	for _, r := range s.Requests() {
		logged += btoi(r.Fault != "")
		handled += btoi(r.Handled == http.StatusCreated)
	}
	if hits == 0 || hits != counted || hits != logged || handled != len(s.Fabrics()) {
		t.Errorf("got %d hits, %d counted, %d logged; %d creations for %d fabrics", hits, counted, logged, handled,
			len(s.Fabrics()))
	}
	t.Logf("survived %d faults of %d kinds", hits, len(s.FaultsHit()))
}
