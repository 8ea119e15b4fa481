package netbox

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

// A caller looks for an answer, finds none and asks for one. In between, the call of another
// caller may end, and its answer serves both. Here each first call has ended when the second begins.
func TestSharedCalls_answerOfACallThatHasJustEnded(t *testing.T) {
	for name, prepare := range map[string]func(s *netboxtest.Server, c *Client) func(context.Context) error{
		"names": func(_ *netboxtest.Server, c *Client) func(context.Context) error {
			search := c.names.search("alpha")
			return func(ctx context.Context) error { return search.readPage(ctx, c.scanNames) }
		},
		"a name that no fabric has": func(_ *netboxtest.Server, c *Client) func(context.Context) error {
			search := c.names.search("missing")
			return func(ctx context.Context) error { return search.readPage(ctx, c.scanNames) }
		},
		"definitions": func(_ *netboxtest.Server, c *Client) func(context.Context) error {
			return refreshDefinitions(&c.customFields, time.Now(), c.readCustomFields)
		},
		"definitions that the token may not view": func(s *netboxtest.Server, c *Client) func(context.Context) error {
			refuse(s, customFieldsPath)
			return func(ctx context.Context) error {
				return refreshDefinitions(&c.customFields, time.Now(), c.readCustomFields)(ctx)
			}
		},
		"inventory": func(_ *netboxtest.Server, c *Client) func(context.Context) error {
			c.KeepInventory(time.Now)
			held, asOf := c.Objects(fabric.Kinds()[0]).held(), time.Now()
			return func(ctx context.Context) error { return held.refreshFor(ctx, 1, asOf) }
		},
		"object counts": func(_ *netboxtest.Server, c *Client) func(context.Context) error { return c.countForAll },
	} {
		t.Run(name, func(t *testing.T) {
			s := startNetBox(t, netboxtest.Options{})
			s.AddFabric(map[string]any{"name": "alpha"})
			var requests atomic.Int64
			call := prepare(s, newClient(t, s.URL(), withoutCheck, func(c *rest.Config) {
				c.ObserveExchange = func(context.Context, rest.Exchange) { requests.Add(1) }
			}))
			if err := call(t.Context()); err != nil || requests.Load() == 0 {
				t.Fatalf("the first call: got %v after %d requests", err, requests.Load())
			}
			requests.Store(0)
			if err := call(t.Context()); err != nil || requests.Load() != 0 {
				t.Errorf("the second call: got %v after %d requests, want none", err, requests.Load())
			}
		})
	}
}
