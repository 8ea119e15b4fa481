// Package memlimit sets a soft memory limit that follows what the process uses.
//
// Go 1.26 has a factor of the memory in use (GOGC) and a fixed limit (GOMEMLIMIT). A
// program that lives for a minute needs a minimum heap and a small factor beyond it. With
// the factor alone, Go would collect garbage at every megabyte. With a fixed limit below
// what is in use, it would never stop collecting. So this package sets the limit again after
// each collection.
//
// It can be deleted when Go has a setting for this, or when a fixed limit leaves room for
// garbage. Then TestLimitFor_aFixedLimitLeavesNoRoomForGarbage fails. The draft of the
// upstream issue is docs/upstream/go-memory-limit-below-live-heap.md.
package memlimit

import (
	"os"
	"runtime"
	"runtime/metrics"
)

// least is the lowest soft limit, in bytes. Near its limit, Go collects garbage more often.
// The peak of a large plan comes from garbage, not from memory in use.
const least = 64 << 20

// Follow sets the soft memory limit through setLimit now and after each garbage collection,
// unless GOMEMLIMIT is set.
func Follow(setLimit func(bytes int64) int64) {
	if os.Getenv("GOMEMLIMIT") == "" {
		followLiveHeap(setLimit)
	}
}

// followLiveHeap sets the soft limit now and after each garbage collection.
func followLiveHeap(setLimit func(bytes int64) int64) {
	setLimit(limitFor(liveHeap()))
	type cycle struct{ _ *byte } // not tiny: those are collected in groups
	runtime.AddCleanup(&cycle{}, followLiveHeap, setLimit)
}

// limitFor returns the soft limit when live bytes are in use. It leaves a quarter of them for
// garbage, and a fixed part for stacks and the runtime.
func limitFor(live uint64) int64 {
	const overhead = 16 << 20
	return max(least, int64(live+live/4+overhead)) //nolint:gosec // no machine has that much memory
}

// liveHeap returns how many bytes were in use at the last garbage collection.
func liveHeap() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	if sample[0].Value.Kind() != metrics.KindUint64 { // Go no longer has it
		return 0
	}
	return sample[0].Value.Uint64()
}
