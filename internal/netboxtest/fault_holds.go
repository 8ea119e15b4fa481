package netboxtest

import (
	"context"
	"net/http"
	"slices"
	"time"
)

// holdLimit is how long a request is held if a test does not release it.
const holdLimit = time.Minute

// held is a request that a fault holds.
type held struct {
	release chan struct{} // closed by Release
	handled chan struct{} // closed when NetBox has handled it or never will
}

// ending is why a request is no longer held.
type ending int

const (
	released ending = iota
	gaveUp          // the client gave up
	over            // the server closed, or a minute has passed
)

// Hold holds a request until Release, and then lets it continue as if it had just arrived. If
// the client gives up before, NetBox never sees it. With AfterCommit, NetBox handles it at once,
// and the answer is held.
func Hold() Kind {
	return Kind{name: "held", strike: func(k *strike) {
		var answer *recorder
		if k.fault.AfterCommit {
			answer = k.handle()
		}
		h := k.hold()
		defer k.finish(h)
		if k.wait(h, k.r.Context().Done()) != released {
			panic(http.ErrAbortHandler)
		}
		if answer == nil {
			answer = k.handle()
		}
		answer.send(k.w, nil)
	}}
}

// Late holds a request until Release, even if the client gives up. Only then NetBox handles it.
// Release returns when NetBox has handled it.
func Late() Kind {
	return late("late", func(*strike) <-chan struct{} { return nil })
}

// LateOnceGone is like Late, but does not wait for Release if the client gives up.
func LateOnceGone() Kind {
	return late("late, once the client is gone", func(k *strike) <-chan struct{} { return k.r.Context().Done() })
}

func late(name string, gone func(*strike) <-chan struct{}) Kind {
	return Kind{name: name, strike: func(k *strike) {
		h := k.hold()
		end := k.wait(h, gone(k))
		if end == over {
			k.finish(h)
			panic(http.ErrAbortHandler)
		}
		answer := k.handle()
		k.finish(h)
		answer.send(k.w, nil)
	}}
}

// Stall starts an answer and then sends nothing until the client gives up or Release cuts the
// connection.
func Stall() Kind {
	return answering("stalled body", func(k *strike) {
		h := k.hold()
		defer k.finish(h)
		k.w.Header().Set("Content-Type", "application/json")
		k.w.WriteHeader(http.StatusOK)
		_, _ = k.w.Write([]byte(`{"id":`)) // the client may have disconnected
		_ = http.NewResponseController(k.w).Flush()
		k.wait(h, k.r.Context().Done())
		panic(http.ErrAbortHandler)
	})
}

// hold adds the request to those that Release releases.
func (k *strike) hold() *held {
	h := &held{release: make(chan struct{}), handled: make(chan struct{})}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.held = append(k.held, h)
	k.wake()
	return h
}

// finish records that a held request is done.
func (k *strike) finish(h *held) {
	k.mu.Lock()
	k.held = slices.DeleteFunc(k.held, func(other *held) bool { return other == h })
	k.wake()
	k.mu.Unlock()
	close(h.handled)
}

// wake wakes the goroutines that wait for a change of the held requests.
func (h *FaultHandle) wake() {
	close(h.changed)
	h.changed = make(chan struct{})
}

func (k *strike) wait(h *held, gone <-chan struct{}) ending {
	limit := time.NewTimer(holdLimit)
	defer limit.Stop()
	select {
	case <-h.release:
		return released
	case <-gone:
		return gaveUp
	case <-k.server.closing:
	case <-limit.C:
	}
	return over
}

// Release releases all requests that the fault holds now, and returns when NetBox has handled
// those that it must handle. The fault holds later requests again.
func (h *FaultHandle) Release() {
	h.mu.Lock()
	list := h.held
	h.held = nil
	h.mu.Unlock()
	for _, one := range list {
		close(one.release)
	}
	for _, one := range list {
		<-one.handled
	}
}

// WaitHeld waits until the fault holds n requests. Its error is the context's.
func (h *FaultHandle) WaitHeld(ctx context.Context, n int) error {
	return h.waitFor(ctx, func(held int) bool { return held >= n })
}

// WaitFree waits until the fault holds no request: each is released, or the server knows that
// its client has given up. Its error is the context's.
func (h *FaultHandle) WaitFree(ctx context.Context) error {
	return h.waitFor(ctx, func(held int) bool { return held == 0 })
}

func (h *FaultHandle) waitFor(ctx context.Context, enough func(held int) bool) error {
	for {
		h.mu.Lock()
		count, changed := len(h.held), h.changed
		h.mu.Unlock()
		if enough(count) {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
