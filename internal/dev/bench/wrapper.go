package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
)

// The CLI starts this program in the provider's place. It finds the provider, and
// the folder for its peak memory, in the environment.
const (
	envProvider = "HEDGEHOG_BENCH_PROVIDER"
	envPeaks    = "HEDGEHOG_BENCH_PEAKS"
)

const providerName = "terraform-provider-hedgehog"

// runProvider runs the provider, waits for it and notes its peak memory, which only
// its parent learns exactly: sampling would miss the peak. It returns the
// provider's exit status.
func runProvider(provider, peaks string) int {
	// A Ctrl-C is the CLI's to handle, as with every plugin. It is received and
	// dropped, and not ignored, because a child would inherit that.
	signal.Notify(make(chan os.Signal, 1), os.Interrupt)
	cmd := exec.Command(provider, os.Args[1:]...) // it ends with the CLI, and by its parent's death
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	if err := runWithParent(cmd); err != nil && cmd.ProcessState == nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		return 1
	}
	note := filepath.Join(peaks, strconv.Itoa(os.Getpid()))
	if err := os.WriteFile(note, strconv.AppendInt(nil, peakMemory(cmd.ProcessState), 10), 0o600); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		return 1
	}
	return cmd.ProcessState.ExitCode()
}

// takePeak returns the largest peak memory of the providers that have run since it
// was last called, in bytes, and forgets them.
func takePeak(peaks string) (int64, error) {
	largest := int64(0)
	notes, err := os.ReadDir(peaks)
	if err != nil {
		return 0, err
	}
	for _, entry := range notes {
		note := filepath.Join(peaks, entry.Name())
		text, err := os.ReadFile(note)
		if err != nil {
			return 0, err
		}
		bytes, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
		if err != nil {
			return 0, fmt.Errorf("the provider's peak memory: %w", err)
		}
		largest = max(largest, bytes)
		if err := os.Remove(note); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return 0, err
		}
	}
	if largest == 0 {
		return 0, errors.New("no provider has reported its peak memory")
	}
	return largest, nil
}
