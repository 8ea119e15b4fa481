package synccmd

import (
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"k8s.io/utils/clock"
)

func answerOf(handler http.Handler, path string) string {
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, path, nil))
	return recorder.Result().Status[:4] + recorder.Body.String()
}

func TestReadyz_oldListIsNotReady(t *testing.T) {
	clock := &testClock{at: localTime}
	h := newHealth(clock)
	served := handler(h, http.NotFoundHandler(), http.NotFoundHandler())
	for _, step := range []struct {
		do   func()
		want string
	}{
		{func() {}, "503 the fabrics have not been read yet\n"},
		{func() { h.listRead() }, "200 ok\n"},
		{func() { clock.advance(readyFor) }, "200 ok\n"},
		{func() { clock.advance(time.Second) }, "503 the fabrics were last read 3 min 1 s ago\n"},
		{func() { h.listRead() }, "200 ok\n"},
		{func() { h.listFailed("no\x1b[2J") }, "503 no [2J\n"},
		{func() { h.listRead() }, "200 ok\n"},
	} {
		step.do()
		for _, path := range []string{"/readyz", "/healthz"} {
			if got := answerOf(served, path); got != step.want {
				t.Errorf("%s: got %q, want %q", path, got, step.want)
			}
		}
	}
}

// While NetBox is unavailable the watch is alive, but not ready.
func TestLivez_followsTheLoopAlone(t *testing.T) {
	clock := &testClock{at: localTime}
	h := newHealth(clock)
	served := handler(h, http.NotFoundHandler(), http.NotFoundHandler())
	for _, step := range []struct {
		do   func()
		want string
	}{
		{func() { h.listFailed("NetBox is away") }, "200 ok\n"},
		{func() { clock.advance(aliveFor) }, "200 ok\n"},
		{func() { clock.advance(time.Second) }, "503 the watch has not checked its schedule for 2 min 1 s; restart " +
			"the process\n"},
		{func() { h.loopRan() }, "200 ok\n"},
		{func() { h.loopEnds(); clock.advance(time.Hour) }, "200 ok\n"}, // it waits for its syncs
	} {
		step.do()
		if got := answerOf(served, "/livez"); got != step.want {
			t.Errorf("got %q, want %q", got, step.want)
		}
	}
}

// The loop of a watch runs often enough to be always alive, even while NetBox is unavailable.
func TestLivez_holdsWhileAWatchRuns(t *testing.T) {
	w := newStandins(t)
	w.add("slow", syncedAgo(0), map[string]any{"sync_interval": 86400})
	x := w.watch("--listen", "127.0.0.1:0")
	for range 10 {
		x.advance(time.Minute)
		if status, text := x.get("/livez"); status != http.StatusOK {
			t.Fatalf("got %d %s", status, text)
		}
	}
	w.netbox.Close()
	for range 5 {
		x.advance(time.Minute)
		if status, text := x.get("/livez"); status != http.StatusOK {
			t.Fatalf("got %d %s", status, text)
		}
	}
	if status, _ := x.get("/readyz"); status != http.StatusServiceUnavailable {
		t.Errorf("/readyz: got %d", status)
	}
}

func TestServe_answersItsPathsToGETAlone(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	h, b := newHealth(clock.RealClock{}), newStatusBoard(clock.RealClock{})
	h.listRead()
	shown := &page{board: b, health: h, mask: func(text string) string { return text },
		link: func(int64) string { return "" }}
	stop := serve(t.Context(), listener, handler(h, shown, newMetrics("1", b).handler()), slog.New(slog.DiscardHandler))
	base := "http://" + listener.Addr().String()
	for path, want := range map[string]int{
		"/": 200, "/livez": 200, "/readyz": 200, "/healthz": 200, "/metrics": 200, "/index.html": 404,
		"/debug/pprof/": 404,
	} {
		resp, err := http.Get(base + path)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("%s: got %d, want %d", path, resp.StatusCode, want)
		}
	}
	resp, err := http.Post(base+"/healthz", "text/plain", nil)
	if err != nil || resp.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("POST: got %v, %v", resp, err)
	}
	stop()
	if _, err := http.Get(base + "/livez"); err == nil {
		t.Error("the server answers after it was stopped")
	}
}
