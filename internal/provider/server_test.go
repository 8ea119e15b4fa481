package provider

import (
	"context"
	"reflect"
	"runtime"
	"slices"
	"testing"
	"weak"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// newServer returns the provider's server, which saves memory.
func newServer(t *testing.T) tfprotov6.ProviderServer {
	t.Helper()
	s, ok := NewServer("test")().(*linkedServer)
	if !ok {
		t.Fatal("the framework's server lacks a part of the protocol")
	}
	return s
}

// keptCalls has the calls whose context the framework may keep. Terraform makes them only once for a
// provider or a type of resource, or one at a time.
func keptCalls() []string {
	return []string{
		"GetMetadata", "GetProviderSchema", "GetResourceIdentitySchemas", "GetFunctions", "ConfigureProvider",
		"StopProvider", "ValidateListResourceConfig", "ListResource", "PlanAction", "InvokeAction",
		"OpenEphemeralResource", "RenewEphemeralResource", "CloseEphemeralResource",
	}
}

// keeps makes a call with an empty request, and reports whether the server still keeps a value of
// its context.
func keeps(t *testing.T, s any, method string) bool {
	t.Helper()
	call := reflect.ValueOf(s).MethodByName(method)
	loggers := func() weak.Pointer[[1 << 10]byte] {
		type key struct{}
		loggers := &[1 << 10]byte{} // for what the protocol's server puts into every context
		ctx, cancel := context.WithCancel(context.WithValue(t.Context(), key{}, loggers))
		defer cancel()
		call.Call([]reflect.Value{reflect.ValueOf(ctx), reflect.New(call.Type().In(1).Elem())})
		return weak.Make(loggers)
	}()
	runtime.GC()
	kept := loggers.Value() != nil
	runtime.KeepAlive(s)
	return kept
}

// A plan makes four or more calls for each fabric. Their memory must not stay in use until the
// provider ends.
func TestServer_keepsNothingOfACall(t *testing.T) {
	s := newServer(t)
	framework := s.(*linkedServer).frameworkServer
	calls := reflect.TypeFor[frameworkServer]()
	kept := keptCalls()
	for i := range calls.NumMethod() {
		method := calls.Method(i).Name
		at := slices.Index(kept, method)
		if at >= 0 {
			kept = slices.Delete(kept, at, at+1)
			continue
		}
		if keeps(t, s, method) {
			t.Errorf("the context of an answered %s is still in memory", method)
		}
		if !keeps(t, framework, method) {
			t.Errorf("the framework itself no longer keeps the context of %s: delete that method from server.go, "+
				"and with the last one docs/upstream/framework-keeps-every-context.md", method)
		}
	}
	if len(kept) > 0 {
		t.Errorf("there are no calls %v", kept)
	}
}

func TestCallContext_isOverAfterTheCall(t *testing.T) {
	type key struct{}
	var kept context.Context
	_, err := detached(context.WithValue(context.Background(), key{}, "value"), 0, func(ctx context.Context,
		_ int) (int, error) {
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
		t.Error("the context is not done after the call")
	}
}

// A call that Terraform cancels is canceled for the provider.
func TestCallContext_isCanceledWithTheCall(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	_, err := detached(ctx, 0, func(ctx context.Context, _ int) (int, error) {
		derived, end := context.WithCancel(ctx)
		defer end()
		cancel()
		return 0, derived.Err()
	})
	if err == nil {
		t.Error("the call was not canceled")
	}
}
