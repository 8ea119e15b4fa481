package netbox

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

// moveWaitFactor is how long a write whose name is taken waits for another write of this
// client to begin or end, in multiples of the first pause between two attempts (250 ms).
const moveWaitFactor = 8

// movingNames are the running writes of this client that give up a name or want one.
// Terraform starts the writes of an apply in any order. So a name may be taken only until
// another write of the same apply has renamed or deleted its fabric.
type movingNames struct {
	mu     sync.Mutex
	moves  []*move       // running moves
	ended  []*move       // ended moves, in order, while any is running
	events int           // number of moves that have begun or ended
	event  chan struct{} // closed at the next event
}

// move is a write that gives up a name, wants one, or both.
type move struct {
	names *movingNames
	from  string        // the name that it gives up; "" for none
	to    string        // the name that it wants; "" for none
	since int           // number of other moves that had ended when it was last sent
	over  chan struct{} // closed when it has ended
	freed bool          // whether it gave up its name; valid once it is over
	waits *move         // the move that it waits for
	cycle bool          // the moves wait for each other
}

// begin records the start of a write. Its end must be recorded, too.
func (n *movingNames) begin(from, to string) *move {
	n.mu.Lock()
	defer n.mu.Unlock()
	m := &move{names: n, from: from, to: to, over: make(chan struct{})}
	n.moves = append(n.moves, m)
	n.happened()
	return m
}

// end records the end of a write. If done is true, its name is free.
func (m *move) end(done bool) {
	n := m.names
	n.mu.Lock()
	defer n.mu.Unlock()
	n.moves = slices.DeleteFunc(n.moves, func(other *move) bool { return other == m })
	m.freed, m.waits = done, nil
	if n.ended = append(n.ended, m); len(n.moves) == 0 {
		n.ended = nil
	}
	close(m.over)
	n.happened()
}

func (n *movingNames) happened() {
	if n.event != nil {
		close(n.event)
	}
	n.events, n.event = n.events+1, make(chan struct{})
}

// sending records that the write is about to be sent. If a name becomes free later, it is
// worth sending the write again.
func (m *move) sending() {
	m.names.mu.Lock()
	defer m.names.mu.Unlock()
	m.since = len(m.names.ended)
}

// wait waits, after a refusal, until the name that the move wants is free, and reports
// whether it is. If no write is giving the name up, it waits a moment for one to begin, and
// again as long as other moves begin and end. It returns immediately if the moves wait for
// each other in a cycle.
func (m *move) wait(ctx context.Context, limit time.Duration) bool {
	for {
		now := m.status()
		if now.free || now.kept || now.cycle {
			return now.free
		}
		if now.holder != nil {
			select {
			case <-now.holder.over:
			case <-ctx.Done():
				return false
			}
			continue
		}
		timer := time.NewTimer(limit)
		select {
		case <-now.event:
		case <-timer.C:
			// If several moves wait and none can continue, one gives up. Terraform may then start the
			// write that the others wait for.
			if m.stopWaiting(now.events) {
				return false
			}
		case <-ctx.Done():
		}
		timer.Stop()
		if ctx.Err() != nil {
			return false
		}
	}
}

// moveStatus is what has happened to the name that a refused move wants.
type moveStatus struct {
	free   bool            // its name was freed since it was sent
	kept   bool            // its name did not become free
	cycle  bool            // the moves wait for each other
	holder *move           // the move that is giving the name up; nil for none
	events int             // number of events so far
	event  <-chan struct{} // closed at the next one
}

func (m *move) status() moveStatus {
	n := m.names
	n.mu.Lock()
	defer n.mu.Unlock()
	m.waits = nil
	now := moveStatus{events: n.events, event: n.event}
	for _, o := range n.ended[m.since:] {
		if m.wants(o.from) {
			now.free, now.kept = o.freed, !o.freed
		}
	}
	i := slices.IndexFunc(n.moves, func(o *move) bool { return o != m && m.wants(o.from) })
	if now.free || i < 0 {
		return now
	}
	now.kept = false
	now.holder = n.moves[i]
	cycle := []*move{m}
	for next := now.holder; next != nil; next = next.waits {
		if next == m {
			for _, each := range cycle {
				each.cycle = true
			}
			now.cycle = true
			return now
		}
		cycle = append(cycle, next)
	}
	m.waits = now.holder
	return now
}

func (m *move) wants(name string) bool { return name != "" && fabric.SameText(name, m.to) }

// stopWaiting reports whether nothing has begun or ended since. If so, that counts as an
// event.
func (m *move) stopWaiting(events int) bool {
	n := m.names
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.events != events {
		return false
	}
	n.happened()
	return true
}

// inCycle reports whether the move waited in a cycle of moves.
func (m *move) inCycle() bool {
	m.names.mu.Lock()
	defer m.names.mu.Unlock()
	return m.cycle
}
