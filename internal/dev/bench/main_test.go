package main

import (
	"os"
	"testing"
)

// The CLI starts the test's own program in the provider's place, as it does the bench's.
func TestMain(m *testing.M) {
	if provider := os.Getenv(envProvider); provider != "" {
		os.Exit(runProvider(provider, os.Getenv(envPeaks)))
	}
	os.Exit(m.Run())
}
