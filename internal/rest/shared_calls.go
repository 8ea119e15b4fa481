package rest

import (
	"context"
	"sync"

	"golang.org/x/sync/singleflight"
)

// sharedCalls let operations that need the same thing at the same time share the
// requests for it, so that a NetBox which does not answer is not waited for by one
// after the other.
type sharedCalls struct {
	group singleflight.Group

	mu      sync.Mutex
	retried map[string]error // of calls that are under way: why their last request is made again
}

type retryReportKey struct{}

// withRetryReport returns a context whose requests report why they have to be made
// again, for those who wait for what others ask.
func withRetryReport(ctx context.Context, report func(error)) context.Context {
	return context.WithValue(ctx, retryReportKey{}, report)
}

func reportRetry(ctx context.Context, err error) {
	if report, ok := ctx.Value(retryReportKey{}).(func(error)); ok {
		report(err)
	}
}

func (s *sharedCalls) setRetried(key string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.retried == nil {
		s.retried = map[string]error{}
	}
	s.retried[key] = err
}

func (s *sharedCalls) lastRetried(key string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.retried[key]
}
