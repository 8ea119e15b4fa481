package provider

import (
	"context"
	"runtime"
	"testing"
	"weak"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// newServer returns a server of the provider, which is the one that saves memory.
func newServer(t *testing.T) tfprotov6.ProviderServer {
	t.Helper()
	s, ok := NewServer("test")().(*server)
	if !ok {
		t.Fatal("the framework's server lacks a part of the protocol")
	}
	return s
}

// A plan makes four calls or more for each fabric. What one of them took may not
// stay until the provider ends.
func TestServer_keepsNothingOfACall(t *testing.T) {
	s := newServer(t)
	type key struct{}
	call := func() weak.Pointer[[1 << 10]byte] {
		loggers := &[1 << 10]byte{} // for what the protocol's server puts into every context
		ctx, cancel := context.WithCancel(context.WithValue(context.Background(), key{}, loggers))
		defer cancel()
		resp, err := s.UpgradeResourceState(ctx, &tfprotov6.UpgradeResourceStateRequest{
			TypeName: fabricType, RawState: &tfprotov6.RawState{JSON: []byte(`{"id":1,"name":"berlin"}`)},
		})
		must(t, err)
		if len(resp.Diagnostics) > 0 {
			t.Fatal(resp.Diagnostics[0].Detail)
		}
		return weak.Make(loggers)
	}
	loggers := call()
	runtime.GC()
	if loggers.Value() != nil {
		t.Error("the context of an answered call is still in memory")
	}
	runtime.KeepAlive(s)
}

func TestCallContext_isOverAfterTheCall(t *testing.T) {
	type key struct{}
	var kept context.Context
	_, err := answer(context.WithValue(context.Background(), key{}, "value"), 0, func(ctx context.Context, _ int) (int, error) {
		kept = ctx //nolint:fatcontext // to look at it after the call
		if ctx.Err() != nil || ctx.Value(key{}) != "value" {
			t.Errorf("during the call: %v, %v", ctx.Err(), ctx.Value(key{}))
		}
		return 0, nil
	})
	must(t, err)
	if kept.Err() == nil || kept.Value(key{}) != nil {
		t.Errorf("after the call: %v, %v", kept.Err(), kept.Value(key{}))
	}
	select {
	case <-kept.Done():
	default:
		t.Error("the context goes on after the call")
	}
}

// A call that Terraform cancels is cancelled for the provider.
func TestCallContext_isCancelledWithTheCall(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	_, err := answer(ctx, 0, func(ctx context.Context, _ int) (int, error) {
		derived, end := context.WithCancel(ctx)
		defer end()
		cancel()
		return 0, derived.Err()
	})
	if err == nil {
		t.Error("the call was not cancelled")
	}
}
