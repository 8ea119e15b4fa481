package provider

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// NewServer returns a function that returns servers for the provider with a version. They
// speak Terraform's protocol.
func NewServer(version string) func() tfprotov6.ProviderServer {
	return func() tfprotov6.ProviderServer {
		served := providerserver.NewProtocol6(New(version)())()
		if framework, ok := served.(frameworkServer); ok {
			return &linkedServer{&server{framework}, guideURL(version)}
		}
		return served
	}
}

// frameworkServer is the whole protocol that the framework serves.
type frameworkServer interface {
	tfprotov6.ProviderServer
	tfprotov6.ListResourceServer
	tfprotov6.ActionServer
}

// server is the framework's server without its memory leak for each call.
//
// terraform-plugin-framework v1.19.0 (proto6server.Server.registerContext) keeps a function
// that cancels the context of every call until Terraform stops the provider. The function
// keeps the context in memory, and with it the request and its loggers: about 10 kB for
// each call. A fabric takes four calls or more, so ten thousand fabrics take more than 400
// MB. The calls for each fabric therefore get a context that releases everything once they
// are answered.
//
// These methods can be deleted when the framework drops the function at the end of a call.
// Then TestServer_keepsNothingOfACall fails. The draft of the upstream issue is
// docs/upstream/framework-keeps-every-context.md.
type server struct{ frameworkServer }

func (s *server) ValidateResourceConfig(ctx context.Context, r *tfprotov6.ValidateResourceConfigRequest) (
	*tfprotov6.ValidateResourceConfigResponse, error) {
	schema := func(all *schemas) *tfprotov6.Schema { return all.ResourceSchemas[r.TypeName] }
	resp, err := detached(ctx, r, s.frameworkServer.ValidateResourceConfig)
	if err == nil {
		resp.Diagnostics = sayWholeNumbers(r.Config, resp.Diagnostics, s.configType(ctx, schema))
	}
	return resp, err
}

func (s *server) ValidateProviderConfig(ctx context.Context, r *tfprotov6.ValidateProviderConfigRequest) (
	*tfprotov6.ValidateProviderConfigResponse, error) {
	schema := func(all *schemas) *tfprotov6.Schema { return all.Provider }
	resp, err := detached(ctx, r, s.frameworkServer.ValidateProviderConfig)
	if err == nil {
		resp.Diagnostics = sayWholeNumbers(r.Config, resp.Diagnostics, s.configType(ctx, schema))
	}
	return resp, err
}

func (s *server) ValidateEphemeralResourceConfig(ctx context.Context,
	r *tfprotov6.ValidateEphemeralResourceConfigRequest) (*tfprotov6.ValidateEphemeralResourceConfigResponse, error) {
	schema := func(all *schemas) *tfprotov6.Schema { return all.EphemeralResourceSchemas[r.TypeName] }
	resp, err := detached(ctx, r, s.frameworkServer.ValidateEphemeralResourceConfig)
	if err == nil {
		resp.Diagnostics = sayWholeNumbers(r.Config, resp.Diagnostics, s.configType(ctx, schema))
	}
	return resp, err
}

func (s *server) ValidateActionConfig(ctx context.Context, r *tfprotov6.ValidateActionConfigRequest) (
	*tfprotov6.ValidateActionConfigResponse, error) {
	schema := func(all *schemas) *tfprotov6.Schema {
		if action := all.ActionSchemas[r.ActionType]; action != nil {
			return action.Schema
		}
		return nil
	}
	resp, err := detached(ctx, r, s.frameworkServer.ValidateActionConfig)
	if err == nil {
		resp.Diagnostics = sayWholeNumbers(r.Config, resp.Diagnostics, s.configType(ctx, schema))
	}
	return resp, err
}

func (s *server) UpgradeResourceState(ctx context.Context, r *tfprotov6.UpgradeResourceStateRequest) (
	*tfprotov6.UpgradeResourceStateResponse, error) {
	return detached(ctx, r, s.frameworkServer.UpgradeResourceState)
}

func (s *server) UpgradeResourceIdentity(ctx context.Context, r *tfprotov6.UpgradeResourceIdentityRequest) (
	*tfprotov6.UpgradeResourceIdentityResponse, error) {
	return detached(ctx, r, s.frameworkServer.UpgradeResourceIdentity)
}

func (s *server) ImportResourceState(ctx context.Context, r *tfprotov6.ImportResourceStateRequest) (
	*tfprotov6.ImportResourceStateResponse, error) {
	resp, err := detached(ctx, r, s.frameworkServer.ImportResourceState)
	if err == nil && r.Identity != nil {
		resp.Diagnostics = sayWholeNumbers(r.Identity.IdentityData, resp.Diagnostics, s.identityType(ctx, r.TypeName))
	}
	return resp, err
}

func (s *server) MoveResourceState(ctx context.Context, r *tfprotov6.MoveResourceStateRequest) (
	*tfprotov6.MoveResourceStateResponse, error) {
	return detached(ctx, r, s.frameworkServer.MoveResourceState)
}

func (s *server) GenerateResourceConfig(ctx context.Context, r *tfprotov6.GenerateResourceConfigRequest) (
	*tfprotov6.GenerateResourceConfigResponse, error) {
	return detached(ctx, r, s.frameworkServer.GenerateResourceConfig)
}

func (s *server) ReadResource(ctx context.Context, r *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse,
	error) {
	return detached(ctx, r, s.frameworkServer.ReadResource)
}

func (s *server) PlanResourceChange(ctx context.Context, r *tfprotov6.PlanResourceChangeRequest) (
	*tfprotov6.PlanResourceChangeResponse, error) {
	return detached(ctx, r, s.frameworkServer.PlanResourceChange)
}

func (s *server) ApplyResourceChange(ctx context.Context, r *tfprotov6.ApplyResourceChangeRequest) (
	*tfprotov6.ApplyResourceChangeResponse, error) {
	return detached(ctx, r, s.frameworkServer.ApplyResourceChange)
}

func (s *server) ValidateDataResourceConfig(ctx context.Context, r *tfprotov6.ValidateDataResourceConfigRequest) (
	*tfprotov6.ValidateDataResourceConfigResponse, error) {
	schema := func(all *schemas) *tfprotov6.Schema { return all.DataSourceSchemas[r.TypeName] }
	resp, err := detached(ctx, r, s.frameworkServer.ValidateDataResourceConfig)
	if err == nil {
		resp.Diagnostics = sayWholeNumbers(r.Config, resp.Diagnostics, s.configType(ctx, schema))
	}
	return resp, err
}

func (s *server) ReadDataSource(ctx context.Context, r *tfprotov6.ReadDataSourceRequest) (
	*tfprotov6.ReadDataSourceResponse, error) {
	return detached(ctx, r, s.frameworkServer.ReadDataSource)
}

func (s *server) CallFunction(ctx context.Context, r *tfprotov6.CallFunctionRequest) (*tfprotov6.CallFunctionResponse,
	error) {
	return detached(ctx, r, s.frameworkServer.CallFunction)
}

// detached makes a call with a context that ends with it and releases everything
// afterwards.
func detached[Request, Response any](ctx context.Context, r Request, call func(context.Context, Request) (Response,
	error)) (Response, error) {
	during := &callContext{}
	during.of.Store(&ctx)
	defer during.of.Store(nil) //nolint:contextcheck // nil is no context
	return call(during, r)     //nolint:contextcheck // it is ctx, until the call ends
}

// callContext is the context of a call until the call ends. After that, it is canceled and
// has no values.
type callContext struct {
	of atomic.Pointer[context.Context]
}

var over = func() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}()

func (c *callContext) now() context.Context {
	if ctx := c.of.Load(); ctx != nil {
		return *ctx
	}
	return over
}

func (c *callContext) Deadline() (time.Time, bool) { return c.now().Deadline() }
func (c *callContext) Done() <-chan struct{}       { return c.now().Done() }
func (c *callContext) Err() error                  { return c.now().Err() }
func (c *callContext) Value(key any) any           { return c.now().Value(key) }
