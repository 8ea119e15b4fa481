package netbox

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

// writesWithin returns the writes of a fabric that was read.
var writesWithin = map[string]func(context.Context, *Client, *Read) error{
	"POST": func(ctx context.Context, c *Client, _ *Read) error {
		_, err := c.Fabrics().Create(ctx, alphaCreate())
		return err
	},
	"PATCH": func(ctx context.Context, c *Client, read *Read) error {
		_, err := c.Fabrics().Update(ctx, changeOf(read, "description", "new"))
		return err
	},
	"DELETE": func(ctx context.Context, c *Client, read *Read) error {
		_, err := c.Fabrics().Delete(ctx, deleteOf(read))
		return err
	},
}

// The time limit of an operation ends its retries, those that verify a write too. The time
// limit of a request is longer.
func TestTimeout_endsTheRetriesOfAVerification(t *testing.T) {
	for method, write := range writesWithin {
		t.Run(method, func(t *testing.T) {
			t.Parallel() // it waits for its time limit
			s := startNetBox(t, netboxtest.Options{})
			id := s.AddFabric(map[string]any{"name": "beta"})
			c := newClient(t, s.URL(), withoutCheck, timeout(10*time.Second))
			read := mustGet(t, c, id)
			for _, method := range []string{method, http.MethodGet} {
				s.Fault(netboxtest.Fault{Method: method, Kind: netboxtest.Status(503)})
			}
			const limit = 300 * time.Millisecond
			ctx, cancel := context.WithTimeout(t.Context(), limit)
			defer cancel()
			start := time.Now()
			err := write(ctx, c, read)
			unverified := wantError[*UnverifiedError](t, err)
			wantError[*rest.ServerError](t, unverified.Read)
			if took := time.Since(start); took > 10*time.Second || s.Count(http.MethodGet, "") < 3 {
				t.Errorf("got %v after %s and %d reads", err, took, s.Count(http.MethodGet, ""))
			}
		})
	}
}

// A write whose answer comes after the operation's time limit is still verified.
func TestTimeout_doesNotCutAVerificationOff(t *testing.T) {
	for method, write := range writesWithin {
		t.Run(method, func(t *testing.T) {
			s := startNetBox(t, netboxtest.Options{})
			id := s.AddFabric(map[string]any{"name": "beta"})
			c := newClient(t, s.URL(), withoutCheck, timeout(time.Minute))
			read := mustGet(t, c, id)
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			intercept(s, method, func(_ int, next http.Handler, w http.ResponseWriter, r *http.Request) {
				commit(next, r)
				<-ctx.Done()
				cut(w)
			})
			if err := write(ctx, c, read); err != nil || ctx.Err() == nil || s.Count(method, "") != 1 {
				t.Errorf("got %v after %d writes", err, s.Count(method, ""))
			}
		})
	}
}
