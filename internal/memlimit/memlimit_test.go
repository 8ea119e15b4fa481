package memlimit

import (
	"runtime"
	"testing"
)

func TestFollow_setsALimitUnlessTheUserDoes(t *testing.T) {
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
