package netboxtest

import (
	"context"
	"net/http"
	"slices"
	"time"
)

// holdLimit bounds how long a request is held if a test forgets it.
const holdLimit = time.Minute

// held is a request that waits in a fault.
type held struct {
	release chan struct{} // closed by Release
	handled chan struct{} // closed when NetBox has handled it, or never will
}

// ending is why a request is no longer held.
type ending int

const (
	released ending = iota
	gaveUp          // the client did
	over            // the server closes, or a minute has passed
)

// Hold keeps a request until Release, and then lets it go on as if it came just
// now. If the client gives up before, NetBox never sees it. With AfterCommit,
// NetBox handles it at once, and its answer is kept.
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

// Late keeps a request until Release, whether the client is still there or not;
// only then NetBox handles it. Release returns when that is done.
func Late() Kind {
	return late("late", func(*strike) <-chan struct{} { return nil })
}

// LateOnceGone is Late that does not wait for Release if the client gives up.
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

// Stall begins an answer and then sends no more of it until Release, which cuts
// the connection; at the latest until the client gives up.
func Stall() Kind {
	return answering("stalled body", func(k *strike) {
		h := k.hold()
		defer k.finish(h)
		k.w.Header().Set("Content-Type", "application/json")
		k.w.WriteHeader(http.StatusOK)
		_, _ = k.w.Write([]byte(`{"id":`)) // a client that went away is no concern of the server's
		_ = http.NewResponseController(k.w).Flush()
		k.wait(h, k.r.Context().Done())
		panic(http.ErrAbortHandler)
	})
}

// hold puts the request among those that Release releases.
func (k *strike) hold() *held {
	h := &held{release: make(chan struct{}), handled: make(chan struct{})}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.held = append(k.held, h)
	k.tell()
	return h
}

// finish notes that nothing more will come of a held request.
func (k *strike) finish(h *held) {
	k.mu.Lock()
	k.held = slices.DeleteFunc(k.held, func(other *held) bool { return other == h })
	k.tell()
	k.mu.Unlock()
	close(h.handled)
}

// tell wakes those who wait for a change of what is held.
func (h *FaultHandle) tell() {
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

// Release releases all requests that the fault holds now, and returns when NetBox has
// handled those that it must handle. Later ones are held again.
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

// WaitHeld returns when the fault holds n requests. The error is the context's.
func (h *FaultHandle) WaitHeld(ctx context.Context, n int) error {
	return h.waitFor(ctx, func(held int) bool { return held >= n })
}

// WaitFree returns when the fault holds no request any more: each is released,
// or its client has given up and the server knows. The error is the context's.
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
