package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"
)

const (
	handshakes = 30
	// handshakeLimit is when a plugin counts as one that does not answer.
	handshakeLimit = 30 * time.Second
)

// firstAnswer returns the median time from the start of the provider to the line
// with which a plugin says to the CLI where it listens.
func firstAnswer(ctx context.Context, provider, folder string) (time.Duration, error) {
	times := make([]time.Duration, handshakes)
	for i := range times {
		var err error
		if times[i], err = handshake(ctx, provider, folder); err != nil {
			return 0, fmt.Errorf("start the provider as a plugin: %w", err)
		}
	}
	return median(times), nil
}

func handshake(ctx context.Context, provider, folder string) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, handshakeLimit)
	defer cancel()
	cmd := exec.CommandContext(ctx, provider)
	// What Terraform gives to every plugin. A killed plugin leaves its socket
	// behind, so that is made in a folder of ours.
	cmd.Env = append(os.Environ(),
		"TF_PLUGIN_MAGIC_COOKIE=d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2",
		"PLUGIN_PROTOCOL_VERSIONS=6", "PLUGIN_UNIX_SOCKET_DIR="+folder)
	out, err := cmd.StdoutPipe()
	if err != nil {
		return 0, err
	}
	began := time.Now()
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	defer func() {
		cancel() // kills it
		_ = cmd.Wait()
	}()
	line, err := bufio.NewReader(out).ReadString('\n')
	took := time.Since(began)
	if err != nil || strings.Count(line, "|") < 4 {
		return 0, fmt.Errorf("the answer %q is no handshake: %w", line, err)
	}
	return took, nil
}

func median(times []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(times))
	return sorted[len(sorted)/2]
}
