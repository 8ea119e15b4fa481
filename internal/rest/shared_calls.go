package rest

import (
	"context"
	"sync"

	"golang.org/x/sync/singleflight"
)

// sharedCalls let operations that need the same thing at the same time share its requests.
// So a NetBox that does not answer is not waited for by one operation after the other.
type sharedCalls struct {
	group singleflight.Group

	mu      sync.Mutex
	retried map[string]error // of running calls: why their last request is repeated
}

type retryReportKey struct{}

// withRetryReport returns a context whose requests report why they must be repeated, to
// operations that wait for them.
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
