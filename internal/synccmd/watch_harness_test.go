package synccmd

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// watching is a running watch.
type watching struct {
	*testing.T
	standins *standins
	states   chan activity
	code     chan int
	cancel   context.CancelFunc
	last     activity
	until    time.Time // local time at which it wakes by itself
}

// watch starts a watch, and waits until it has read the list and synced the fabrics that are due.
func (w *standins) watch(args ...string) *watching {
	w.Helper()
	ctx, cancel := context.WithCancel(w.Context())
	x := &watching{T: w.T, standins: w, states: make(chan activity, 100_000), code: make(chan int, 1), cancel: cancel}
	w.program.onActivity = func(r activity) { x.states <- r }
	go func() { x.code <- w.program.run(ctx, append([]string{"--watch", "--log-format", "json"}, args...)) }()
	w.Cleanup(cancel)
	x.await()
	return x
}

// await waits until the watch has nothing left to do.
func (x *watching) await() {
	x.standins.Helper()
	deadline := time.After(30 * time.Second)
	for {
		select {
		case x.last = <-x.states:
			x.until = x.last.at.Add(x.last.wait)
			if !x.last.asking && x.last.running == 0 && x.until.After(x.standins.clock.Now()) && len(x.states) == 0 {
				return
			}
		case code := <-x.code:
			x.standins.Fatalf("the watch ended with %d:\n%s", code, x.standins.stderr.String())
		case <-deadline:
			x.standins.Fatalf("the watch does not come to rest: %+v\n%s", x.last, x.standins.stderr.String())
		}
	}
}

// advance moves both clocks in small steps, so that no event is skipped, and waits until the watch
// has done everything that is due by then.
func (x *watching) advance(d time.Duration) {
	x.standins.Helper()
	for d > 0 {
		step := min(d, max(x.until.Sub(x.standins.clock.Now()), time.Millisecond))
		d -= step
		x.standins.netbox.Advance(step)
		wakes := !x.until.After(x.standins.clock.Now().Add(step))
		x.standins.clock.advance(step)
		if wakes {
			x.await()
		}
	}
}

// stop ends the watch and returns its exit code.
func (x *watching) stop() int {
	x.standins.Helper()
	x.cancel()
	select {
	case code := <-x.code:
		return code
	case <-time.After(30 * time.Second):
		x.standins.Fatal("the watch does not stop")
		return 0
	}
}

// logged returns the records of the log with a message.
func (x *watching) logged(message string) (found []map[string]any) {
	x.standins.Helper()
	for line := range strings.Lines(x.standins.stderr.String()) {
		var record map[string]any
		if err := json.Unmarshal([]byte(line), &record); err != nil {
			x.standins.Fatalf("%v: %s", err, line)
		}
		if record["msg"] == message {
			found = append(found, record)
		}
	}
	return found
}

func (x *watching) wantAsked(want int) {
	x.standins.Helper()
	if got := len(x.standins.cluster.asked()); got != want {
		x.standins.Fatalf("clusters were asked %d times, want %d", got, want)
	}
}

func (x *watching) wantAskedAtMost(want int) {
	x.standins.Helper()
	if got := len(x.standins.cluster.asked()); got > want {
		x.standins.Fatalf("clusters were asked %d times, want %d at most", got, want)
	}
}

// get sends a request to the server of the watch.
func (x *watching) get(path string) (status int, body string) {
	x.standins.Helper()
	serving := x.logged("serving /, /livez, /readyz and /metrics")
	if len(serving) != 1 {
		x.standins.Fatalf("the address is not logged:\n%s", x.standins.stderr.String())
	}
	resp, err := http.Get(fmt.Sprintf("http://%v%s", serving[0]["address"], path))
	if err != nil {
		x.standins.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		x.standins.Fatal(err)
	}
	return resp.StatusCode, string(text)
}
