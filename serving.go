package main

import (
	"os"
	"runtime"
	"runtime/metrics"
	"strings"

	"github.com/spf13/cobra"
)

// memoryTarget is the soft limit of memory, in bytes, from which on garbage is
// collected sooner. The garbage of a large plan, and not what is kept, makes the peak.
const memoryTarget = 64 << 20

// logsOfTheSDK are the variables that set the level of what the plugin framework and
// its protocol log.
var logsOfTheSDK = []string{"TF_LOG_SDK", "TF_LOG_SDK_PROTO", "TF_LOG_SDK_FRAMEWORK"}

// saveWork sets the process up to do no work that nobody sees. It has to come before
// the server.
//
// The framework writes every step of every call to Terraform, which drops it unless a
// TF_LOG… variable asks for logs: a third to a half of a large plan's CPU time.
//
// Memory is bounded as by boundMemory.
func saveWork(environ []string, setLimit func(bytes int64) int64) {
	boundMemory(setLimit)
	if logsWanted(environ) {
		return
	}
	for _, name := range logsOfTheSDK {
		_ = os.Setenv(name, "off") // at worst, it logs
	}
}

// boundMemory sets the soft limit of memory by setLimit, unless the user has set one.
func boundMemory(setLimit func(bytes int64) int64) {
	if os.Getenv("GOMEMLIMIT") == "" {
		followLiveHeap(setLimit)
	}
}

// withBoundedMemory returns a command that bounds the process's memory when it runs. A
// watch keeps an inventory of all objects, and would let as much garbage gather beside it.
func withBoundedMemory(c *cobra.Command, setLimit func(bytes int64) int64) *cobra.Command {
	before := c.PreRun
	c.PreRun = func(c *cobra.Command, args []string) {
		boundMemory(setLimit)
		before(c, args)
	}
	return c
}

// followLiveHeap sets the soft limit now and after each garbage collection. A limit
// below what is in use would have garbage collected without end.
func followLiveHeap(setLimit func(bytes int64) int64) {
	setLimit(memoryLimit(liveHeap()))
	type cycle struct{ _ *byte } // not tiny: those are collected in groups
	runtime.AddCleanup(&cycle{}, followLiveHeap, setLimit)
}

// memoryLimit is the soft limit for so many bytes in use: it leaves a quarter of them
// to garbage, and something to stacks and to Go itself.
func memoryLimit(live uint64) int64 {
	const runtimes = 16 << 20
	return max(memoryTarget, int64(live+live/4+runtimes)) //nolint:gosec // no machine has that much memory
}

// liveHeap is how many bytes were in use at the last garbage collection.
func liveHeap() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	if sample[0].Value.Kind() != metrics.KindUint64 { // Go no longer has it
		return 0
	}
	return sample[0].Value.Uint64()
}

// logsWanted reports whether any variable asks for logs, Terraform's own or a plugin's.
func logsWanted(environ []string) bool {
	for _, variable := range environ {
		name, value, _ := strings.Cut(variable, "=")
		if strings.HasPrefix(name, "TF_LOG") && name != "TF_LOG_PATH" && value != "" {
			return true
		}
	}
	return false
}
