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

// InterruptedError is a signal that ended the set-up.
type InterruptedError struct{ Signal os.Signal }

// Error names the signal.
func (e *InterruptedError) Error() string { return "stopped by signal: " + e.Signal.String() }

// Interruptibly calls setUp on this thread, with a context that ends at the first signal. If
// a signal came, it returns an InterruptedError, whatever setUp returned.
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
	<-gone // otherwise it could take a signal for the command
	if interrupted, ok := errors.AsType[*InterruptedError](context.Cause(ctx)); ok {
		return interrupted
	}
	return err
}

// Explain prints the program's name and an error. It returns the exit status: 128 and the
// number of the signal for an InterruptedError, else 1.
func Explain(output io.Writer, program string, err error) int {
	_, _ = fmt.Fprintf(output, "%s: %v\n", program, err)
	if interrupted, ok := errors.AsType[*InterruptedError](err); ok {
		if number, ok := interrupted.Signal.(syscall.Signal); ok {
			return signalStatus(number)
		}
	}
	return exitFailure
}
