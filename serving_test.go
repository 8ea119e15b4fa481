package main

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"testing"

	"github.com/spf13/cobra"
)

// withoutLogs gives a test a process in which nothing was set up.
func withoutLogs(t *testing.T) {
	t.Helper()
	for _, name := range logsOfTheSDK {
		t.Setenv(name, "") // is put back at the end
	}
}

func TestSaveWork_logsOnlyWhenAsked(t *testing.T) {
	for environ, want := range map[string]string{
		"":                                "off",
		"PATH=/bin":                       "off",
		"TF_LOG=":                         "off",
		"TF_LOG_PATH=terraform.log":       "off",
		"TF_LOG=TRACE":                    "",
		"TF_LOG=json":                     "",
		"TF_LOG_PROVIDER=DEBUG":           "",
		"TF_LOG_PROVIDER_HEDGEHOG=DEBUG":  "",
		"TF_LOG_SDK_FRAMEWORK=TRACE":      "",
		"TF_LOG_SDK_PROTO_DATA_DIR=/tmp/": "",
	} {
		t.Run(environ, func(t *testing.T) {
			withoutLogs(t)
			saveWork([]string{environ}, func(int64) int64 { return 0 })
			for _, name := range logsOfTheSDK {
				if got := os.Getenv(name); got != want {
					t.Errorf("%s is %q, want %q", name, got, want)
				}
			}
		})
	}
}

func TestSaveWork_limitsMemoryUnlessTheUserDoes(t *testing.T) {
	for given, want := range map[string][]int64{"": {memoryTarget}, "1GiB": nil, "off": nil} {
		withoutLogs(t)
		t.Setenv("GOMEMLIMIT", given)
		limits := make(chan int64, 100)
		saveWork(nil, recorded(limits))
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

func TestWithBoundedMemory_limitsItBeforeTheCommandRuns(t *testing.T) {
	t.Setenv("GOMEMLIMIT", "")
	limits := make(chan int64, 1)
	var order []string
	c := &cobra.Command{
		Use:    "sync",
		PreRun: func(*cobra.Command, []string) { order = append(order, fmt.Sprint("before, limits: ", len(limits))) },
		Run:    func(*cobra.Command, []string) { order = append(order, "run") },
	}
	withBoundedMemory(c, recorded(limits)).SetArgs([]string{})
	if err := c.Execute(); err != nil || !slices.Equal(order, []string{"before, limits: 1", "run"}) {
		t.Errorf("%v, %q", err, order)
	}
}

// recorded is a limit that is set for nobody, until as many are noted as there is room.
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
func TestFollowLiveHeap_leavesRoomAboveWhatIsInUse(t *testing.T) {
	limits := make(chan int64, 100)
	followLiveHeap(recorded(limits))
	if got := <-limits; got != memoryTarget {
		t.Errorf("with little in use, the limit is %d bytes, want %d", got, memoryTarget)
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
	used := make([]byte, 2*memoryTarget)
	wait("much in use", func(limit int64) bool { return limit > 5*memoryTarget/2 && limit < 3*memoryTarget })
	runtime.KeepAlive(used)
	wait("little in use again", func(limit int64) bool { return limit == memoryTarget })
}
