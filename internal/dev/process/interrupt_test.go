//go:build unix

package process

import (
	"context"
	"errors"
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
)

func TestInterruptibly_endsTheSetUpAtASignal(t *testing.T) {
	signals := make(chan os.Signal, 1)
	signals <- syscall.SIGTERM
	err := Interruptibly(signals, func(ctx context.Context) error {
		<-ctx.Done()
		return errors.New("a server did not start")
	})
	if interrupted, ok := errors.AsType[*InterruptedError](err); !ok || interrupted.Signal != syscall.SIGTERM {
		t.Errorf("error %v", err)
	}
}

func TestInterruptibly_returnsTheError(t *testing.T) {
	failed := errors.New("a server did not start")
	for _, want := range []error{nil, failed} {
		if err := Interruptibly(nil, func(context.Context) error { return want }); !errors.Is(err, want) {
			t.Errorf("error %v, want %v", err, want)
		}
	}
}

func TestInterruptibly_leavesLaterSignalsToOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		signals := make(chan os.Signal, 1)
		for range 50 { // the goroutine that could take a signal may not have started
			if err := Interruptibly(signals, func(context.Context) error { return nil }); err != nil {
				t.Fatal(err)
			}
			signals <- syscall.SIGINT
			synctest.Wait()
			select {
			case <-signals:
			default:
				t.Fatal("a signal after the set-up was taken")
			}
		}
	})
}

func TestExplain_status(t *testing.T) {
	for _, test := range []struct {
		err    error
		status int
		output string
	}{
		{&InterruptedError{syscall.SIGINT}, 130, "test-it: stopped by signal: interrupt\n"},
		{errors.New("no room on the disk"), 1, "test-it: no room on the disk\n"},
	} {
		var output strings.Builder
		if status := Explain(&output, "test-it", test.err); status != test.status || output.String() != test.output {
			t.Errorf("status %d, %q; want %d, %q", status, output.String(), test.status, test.output)
		}
	}
}
