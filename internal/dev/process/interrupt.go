//go:build unix

package process

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"
)

const exitFailure = 1

// InterruptedError says which signal ended the set-up.
type InterruptedError struct{ Signal os.Signal }

// Error names the signal.
func (e *InterruptedError) Error() string { return "stopped by signal: " + e.Signal.String() }

// Interruptibly calls setUp on this thread, with a context that ends at the
// first signal. A set-up that was interrupted fails with an InterruptedError,
// whatever it made of that.
func Interruptibly(signals <-chan os.Signal, setUp func(context.Context) error) error {
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	finished, gone := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(gone)
		select {
		case received := <-signals:
			cancel(&InterruptedError{received})
		case <-finished:
		}
	}()

	err := setUp(ctx)
	close(finished)
	<-gone // or it might yet take a signal that is the command's
	if interrupted, ok := errors.AsType[*InterruptedError](context.Cause(ctx)); ok {
		return interrupted
	}
	return err
}

// Explain prints an error after the name of the program that has it, and
// returns the exit status that goes with it: 1, or that of a death by the
// signal of an InterruptedError.
func Explain(output io.Writer, program string, err error) int {
	_, _ = fmt.Fprintf(output, "%s: %v\n", program, err)
	if interrupted, ok := errors.AsType[*InterruptedError](err); ok {
		if number, ok := interrupted.Signal.(syscall.Signal); ok {
			return signalStatus(number)
		}
	}
	return exitFailure
}
