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
			Name: queueName, Clock: clock, MetricsProvider: metrics, Queue: &dueOrder{},
		}),
	})
}

// dueTime decides the place of a fabric in the queue. It may be set while it is compared.
type dueTime struct{ at atomic.Int64 }

func (t *dueTime) set(at time.Time) {
	if at.Year() < 1970 { // nanoseconds cannot express it
		at = time.Unix(0, 0)
	}
	t.at.Store(at.UnixNano())
}

// dueOrder is the queue of the fabrics that are due. The one that has waited longest is
// first.
type dueOrder []queuedFabric

type queuedFabric struct {
	due, id int64
	fabric  *watched
}

// Touch implements [workqueue.Queue]: a waiting fabric keeps its place.
func (*dueOrder) Touch(*watched) {}

// Push implements [workqueue.Queue].
func (o *dueOrder) Push(w *watched) {
	one := queuedFabric{w.due.at.Load(), w.id, w}
	at, _ := slices.BinarySearchFunc(*o, one, func(a, b queuedFabric) int {
		return cmp.Or(cmp.Compare(a.due, b.due),
			cmp.Compare(a.id, b.id))
	})
	*o = slices.Insert(*o, at, one)
}

// Len implements [workqueue.Queue].
func (o *dueOrder) Len() int { return len(*o) }

// Pop implements [workqueue.Queue].
func (o *dueOrder) Pop() *watched {
	first := (*o)[0].fabric
	*o = slices.Delete(*o, 0, 1)
	return first
}

// failedSlots limits how many parallel syncs are of fabrics that have failed, to half of
// all: so a healthy one need not wait until several dead clusters have timed out.
type failedSlots struct {
	slots   int
	running int
	waiting dueOrder
}

// acquire reserves a slot for a fabric. Without a free one, the fabric waits.
func (l *failedSlots) acquire(w *watched) bool {
	if l.running == l.slots {
		l.waiting.Push(w)
		return false
	}
	l.running++
	return true
}

// stopWaiting removes a fabric from those that wait, and reports whether it was there.
func (l *failedSlots) stopWaiting(w *watched) bool {
	before := len(l.waiting)
	l.waiting = slices.DeleteFunc(l.waiting, func(one queuedFabric) bool { return one.fabric == w })
	return len(l.waiting) < before
}

// next returns the fabric that has waited longest, if there is a free slot; else nil.
func (l *failedSlots) next() *watched {
	if l.running == l.slots || l.waiting.Len() == 0 {
		return nil
	}
	return l.waiting.Pop()
}
