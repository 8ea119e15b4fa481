package synccmd

import (
	"cmp"
	"slices"
	"sync/atomic"
	"time"

	"k8s.io/client-go/util/workqueue"
	"k8s.io/utils/clock"
)

// queueName is the queue's name in its metrics.
const queueName = "fabrics"

// newQueue returns the queue of the fabrics to sync: each is handed out
// when its time has come, to one worker at a time.
func newQueue(clock clock.WithTicker, metrics workqueue.MetricsProvider) workqueue.TypedDelayingInterface[*watched] {
	return workqueue.NewTypedDelayingQueueWithConfig(workqueue.TypedDelayingQueueConfig[*watched]{
		Name: queueName, Clock: clock, MetricsProvider: metrics,
		Queue: workqueue.NewTypedWithConfig(workqueue.TypedQueueConfig[*watched]{
			Name: queueName, Clock: clock, MetricsProvider: metrics, Queue: &turns{},
		}),
	})
}

// turn is the time that decides the place of a fabric among those that wait. It may be set
// while it is compared.
type turn struct{ at atomic.Int64 }

func (t *turn) set(at time.Time) {
	if at.Year() < 1970 { // beyond what nanoseconds can tell
		at = time.Unix(0, 0)
	}
	t.at.Store(at.UnixNano())
}

// turns are the fabrics whose time has come, in their order: the one that has waited
// longest comes first.
type turns []waiting

type waiting struct {
	turn, id int64
	fabric   *watched
}

// Touch implements [workqueue.Queue]: what waits keeps its place.
func (*turns) Touch(*watched) {}

// Push implements [workqueue.Queue].
func (t *turns) Push(w *watched) {
	one := waiting{w.turn.at.Load(), w.id, w}
	at, _ := slices.BinarySearchFunc(*t, one, func(a, b waiting) int {
		return cmp.Or(cmp.Compare(a.turn, b.turn),
			cmp.Compare(a.id, b.id))
	})
	*t = slices.Insert(*t, at, one)
}

// Len implements [workqueue.Queue].
func (t *turns) Len() int { return len(*t) }

// Pop implements [workqueue.Queue].
func (t *turns) Pop() *watched {
	first := (*t)[0].fabric
	*t = slices.Delete(*t, 0, 1)
	return first
}

// lane bounds how many places fabrics take that have failed, half of them at most: so a
// healthy one need not wait until several dead clusters have not answered.
type lane struct {
	places  int
	running int
	waiting turns
}

// enter takes a place for a fabric, or else lets it wait.
func (l *lane) enter(w *watched) bool {
	if l.running == l.places {
		l.waiting.Push(w)
		return false
	}
	l.running++
	return true
}

// leave reports whether a fabric has waited, which is over.
func (l *lane) leave(w *watched) bool {
	before := len(l.waiting)
	l.waiting = slices.DeleteFunc(l.waiting, func(one waiting) bool { return one.fabric == w })
	return len(l.waiting) < before
}

// next returns the fabric that has waited longest, if there is a place for it.
func (l *lane) next() *watched {
	if l.running == l.places || l.waiting.Len() == 0 {
		return nil
	}
	return l.waiting.Pop()
}
