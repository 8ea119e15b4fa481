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

// newQueue returns the queue of fabrics to sync. It hands out each fabric when it is due,
// to one worker at a time.
func newQueue(clock clock.WithTicker, metrics workqueue.MetricsProvider) workqueue.TypedDelayingInterface[*watched] {
	return workqueue.NewTypedDelayingQueueWithConfig(workqueue.TypedDelayingQueueConfig[*watched]{
		Name: queueName, Clock: clock, MetricsProvider: metrics,
		Queue: workqueue.NewTypedWithConfig(workqueue.TypedQueueConfig[*watched]{
			Name: queueName, Clock: clock, MetricsProvider: metrics, Queue: &dueOrder{},
		}),
	})
}

// dueTime decides a fabric's place in the queue. It may be set during a comparison.
type dueTime struct{ at atomic.Int64 }

func (t *dueTime) set(at time.Time) {
	if at.Year() < 1970 { // nanoseconds cannot express it
		at = time.Unix(0, 0)
	}
	t.at.Store(at.UnixNano())
}

// dueOrder is the queue of the fabrics that are due. The fabric that has waited longest
// comes first.
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

// failedSlots limits the parallel syncs of failed fabrics to half of all syncs. So a
// healthy fabric need not wait until several dead clusters have timed out.
type failedSlots struct {
	slots   int
	running int
	waiting dueOrder
}

// acquire reserves a slot for a fabric and reports whether it could. Otherwise, the fabric
// waits for one.
func (l *failedSlots) acquire(w *watched) bool {
	if l.running == l.slots {
		l.waiting.Push(w)
		return false
	}
	l.running++
	return true
}

// stopWaiting removes a fabric from those that wait for a slot, and reports whether it was
// one of them.
func (l *failedSlots) stopWaiting(w *watched) bool {
	before := len(l.waiting)
	l.waiting = slices.DeleteFunc(l.waiting, func(one queuedFabric) bool { return one.fabric == w })
	return len(l.waiting) < before
}

// next returns the fabric that has waited longest, if a slot is free; otherwise nil.
func (l *failedSlots) next() *watched {
	if l.running == l.slots || l.waiting.Len() == 0 {
		return nil
	}
	return l.waiting.Pop()
}
