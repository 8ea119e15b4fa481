// Package memlimit keeps the memory of the process near what it uses.
//
// Go 1.26 has a factor of what is in use (GOGC) and a fixed limit (GOMEMLIMIT). A program
// that lives for a minute needs a minimum heap and a small factor beyond it. With the
// factor alone, Go would collect each megabyte; with a fixed limit below what is in use,
// it would collect without end. So the limit is set again after each collection.
//
// This package can give way to a setting of Go's when there is one, or when a fixed limit
// leaves room for garbage: TestLimitFor_aFixedLimitLeavesNoRoomForGarbage fails then. The
// draft of the issue is docs/upstream/go-memory-limit-below-live-heap.md.
package memlimit

import (
	"os"
	"runtime"
	"runtime/metrics"
)

// least is the lowest soft limit of memory, in bytes. Near its limit, Go collects garbage
// more often. The garbage of a large plan, and not what is in use, makes the peak.
const least = 64 << 20

// Follow sets the soft limit of memory by setLimit now and after each garbage collection,
// unless the user has set one with GOMEMLIMIT.
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

// limitFor returns the soft limit for so many bytes in use: it leaves a quarter of them
// to garbage, and a fixed part to stacks and to Go itself.
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
