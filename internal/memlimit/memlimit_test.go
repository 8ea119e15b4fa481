package memlimit

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"testing"
)

func TestFollow_setsALimitUnlessTheUserDoes(t *testing.T) {
	runtime.GC() // of what other tests have used
	for given, want := range map[string][]int64{"": {least}, "1GiB": nil, "off": nil} {
		t.Setenv("GOMEMLIMIT", given)
		limits := make(chan int64, 100)
		Follow(recorded(limits))
		if got := len(limits); got != len(want) {
			t.Fatalf("GOMEMLIMIT=%s: the limit was set %d times, want %d", given, got, len(want))
		}
		for _, limit := range want {
			if got := <-limits; got != limit {
				t.Errorf("GOMEMLIMIT=%s: the limit is %d bytes, want %d", given, got, limit)
			}
		}
	}
}

// recorded sends the limits to a channel as long as it has room, and sets none.
func recorded(limits chan int64) func(int64) int64 {
	return func(limit int64) int64 {
		select {
		case limits <- limit:
		default:
		}
		return 0
	}
}

// A fixed limit below what is in use made a thousand collections of one plan.
func TestFollow_leavesRoomAboveWhatIsInUse(t *testing.T) {
	runtime.GC()
	limits := make(chan int64, 100)
	followLiveHeap(recorded(limits))
	if got := <-limits; got != least {
		t.Errorf("with little in use, the limit is %d bytes, want %d", got, least)
	}
	wait := func(what string, wanted func(limit int64) bool) {
		t.Helper()
		for range 20 { // one collection may have begun before
			runtime.GC()
			if wanted(<-limits) {
				return
			}
		}
		t.Errorf("with %s, the limit does not follow", what)
	}
	used := make([]byte, 2*least)
	wait("much in use", func(limit int64) bool { return limit > 5*least/2 && limit < 3*least })
	runtime.KeepAlive(used)
	wait("little in use again", func(limit int64) bool { return limit == least })
}

// room returns how much garbage Go allows on top of the live heap, in percent, before
// it collects the next time.
func room(t *testing.T, limit int64) uint64 {
	t.Helper()
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(limit))
	runtime.GC()
	sample := []metrics.Sample{{Name: "/gc/heap/goal:bytes"}}
	metrics.Read(sample)
	goal, live := sample[0].Value.Uint64(), liveHeap()
	if goal < live || live < 2*least {
		t.Fatalf("%d bytes are in use, and garbage is collected at %d", live, goal)
	}
	return (goal - live) * 100 / live
}

// With a fixed limit below what is in use, each bit of garbage is collected at once.
func TestLimitFor_aFixedLimitLeavesNoRoomForGarbage(t *testing.T) {
	used := make([]byte, 2*least)
	if percent := room(t, least); percent > 5 {
		t.Errorf("on top of the live heap, a fixed limit leaves %d%% for garbage: Go no longer needs a limit that "+
			"follows. Delete followLiveHeap and docs/upstream/go-memory-limit-below-live-heap.md", percent)
	}
	runtime.GC()
	if percent := room(t, limitFor(liveHeap())); percent < 20 || percent > 60 {
		t.Errorf("on top of the live heap, a limit that follows it leaves %d%% for garbage", percent)
	}
	runtime.KeepAlive(used)
}
