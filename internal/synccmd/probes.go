package synccmd

import (
	"fmt"
	"sync"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabricsync"
)

const (
	// readyFor is how old the list of fabrics may be: two readings may take their full
	// time.
	readyFor = 2 * (listEvery + listTimeout)
	// aliveFor is how long one pass of the watch's loop may take: it reads the list and
	// waits.
	aliveFor = listTimeout + 2*listEvery
)

// health records whether a watch works (alive) and whether it can do its work (ready).
type health struct {
	clock fabricsync.Clock

	mu        sync.Mutex
	problem   string    // why the list of fabrics could not be read at the last try; "" if it could
	readAt    time.Time // local time of the last successful list
	loopRanAt time.Time // local time of the latest pass of the loop
	stopping  bool      // the loop has ended, and running syncs are ending
}

func newHealth(clock fabricsync.Clock) *health {
	return &health{clock: clock, problem: "the fabrics have not been read yet", loopRanAt: clock.Now()}
}

// loopRan records a pass of the loop.
func (h *health) loopRan() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.loopRanAt = h.clock.Now()
}

// loopEnds records that the loop has ended as intended.
func (h *health) loopEnds() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.stopping = true
}

// listRead records that the list was read, and reports whether it could not be read before.
func (h *health) listRead() (news bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	news = h.problem != ""
	h.problem, h.readAt = "", h.clock.Now()
	return news
}

// listFailed records why the list could not be read.
func (h *health) listFailed(problem string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.problem = problem
}

// unready returns why the watch cannot do its work; "" means that it can.
func (h *health) unready() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.problem != "" {
		return h.problem
	}
	if age := h.clock.Now().Sub(h.readAt); age > readyFor {
		return fmt.Sprintf("the fabrics were last read %s ago", fabric.Humanize(age))
	}
	return ""
}

// dead returns why the process does not work and must be restarted, or "" if it works. A
// NetBox that does not answer is not a reason: a restart would not help.
func (h *health) dead() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	if still := h.clock.Now().Sub(h.loopRanAt); still > aliveFor && !h.stopping {
		return fmt.Sprintf("the watch has not checked its schedule for %s; restart the process", fabric.Humanize(still))
	}
	return ""
}
