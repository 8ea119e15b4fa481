package provider

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// NewServer returns what makes servers of the provider of a version, which speak
// Terraform's protocol.
func NewServer(version string) func() tfprotov6.ProviderServer {
	return func() tfprotov6.ProviderServer {
		served := providerserver.NewProtocol6(New(version)())()
		if framework, ok := served.(frameworkServer); ok {
			return &server{framework}
		}
		return served
	}
}

// frameworkServer is all of the protocol that the framework serves.
type frameworkServer interface {
	tfprotov6.ProviderServer
	tfprotov6.ListResourceServer
	tfprotov6.ActionServer
}

// server is the framework's server without the memory that it takes for each call.
//
// The framework keeps a function to cancel the context of every call, until Terraform
// stops the provider, and by it all that the context leads to: the request and its
// loggers, about 10 kB. For each fabric there are four calls or more, so at ten
// thousand fabrics that is more than 400 MB. The calls that are made for each fabric
// therefore get a context that leads nowhere once they are answered.
type server struct{ frameworkServer }

func (s *server) ValidateResourceConfig(ctx context.Context, r *tfprotov6.ValidateResourceConfigRequest) (
	*tfprotov6.ValidateResourceConfigResponse, error) {
	return answer(ctx, r, s.frameworkServer.ValidateResourceConfig)
}

func (s *server) ValidateProviderConfig(ctx context.Context, r *tfprotov6.ValidateProviderConfigRequest) (
	*tfprotov6.ValidateProviderConfigResponse, error) {
	return answer(ctx, r, s.frameworkServer.ValidateProviderConfig)
}

func (s *server) ValidateEphemeralResourceConfig(ctx context.Context,
	r *tfprotov6.ValidateEphemeralResourceConfigRequest) (*tfprotov6.ValidateEphemeralResourceConfigResponse, error) {
	return answer(ctx, r, s.frameworkServer.ValidateEphemeralResourceConfig)
}

func (s *server) ValidateActionConfig(ctx context.Context, r *tfprotov6.ValidateActionConfigRequest) (
	*tfprotov6.ValidateActionConfigResponse, error) {
	return answer(ctx, r, s.frameworkServer.ValidateActionConfig)
}

func (s *server) UpgradeResourceState(ctx context.Context, r *tfprotov6.UpgradeResourceStateRequest) (
	*tfprotov6.UpgradeResourceStateResponse, error) {
	return answer(ctx, r, s.frameworkServer.UpgradeResourceState)
}

func (s *server) UpgradeResourceIdentity(ctx context.Context, r *tfprotov6.UpgradeResourceIdentityRequest) (
	*tfprotov6.UpgradeResourceIdentityResponse, error) {
	return answer(ctx, r, s.frameworkServer.UpgradeResourceIdentity)
}

func (s *server) ImportResourceState(ctx context.Context, r *tfprotov6.ImportResourceStateRequest) (
	*tfprotov6.ImportResourceStateResponse, error) {
	return answer(ctx, r, s.frameworkServer.ImportResourceState)
}

func (s *server) MoveResourceState(ctx context.Context, r *tfprotov6.MoveResourceStateRequest) (
	*tfprotov6.MoveResourceStateResponse, error) {
	return answer(ctx, r, s.frameworkServer.MoveResourceState)
}

func (s *server) GenerateResourceConfig(ctx context.Context, r *tfprotov6.GenerateResourceConfigRequest) (
	*tfprotov6.GenerateResourceConfigResponse, error) {
	return answer(ctx, r, s.frameworkServer.GenerateResourceConfig)
}

func (s *server) ReadResource(ctx context.Context, r *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse,
	error) {
	return answer(ctx, r, s.frameworkServer.ReadResource)
}

func (s *server) PlanResourceChange(ctx context.Context, r *tfprotov6.PlanResourceChangeRequest) (
	*tfprotov6.PlanResourceChangeResponse, error) {
	return answer(ctx, r, s.frameworkServer.PlanResourceChange)
}

func (s *server) ApplyResourceChange(ctx context.Context, r *tfprotov6.ApplyResourceChangeRequest) (
	*tfprotov6.ApplyResourceChangeResponse, error) {
	return answer(ctx, r, s.frameworkServer.ApplyResourceChange)
}

func (s *server) ValidateDataResourceConfig(ctx context.Context, r *tfprotov6.ValidateDataResourceConfigRequest) (
	*tfprotov6.ValidateDataResourceConfigResponse, error) {
	return answer(ctx, r, s.frameworkServer.ValidateDataResourceConfig)
}

func (s *server) ReadDataSource(ctx context.Context, r *tfprotov6.ReadDataSourceRequest) (
	*tfprotov6.ReadDataSourceResponse, error) {
	return answer(ctx, r, s.frameworkServer.ReadDataSource)
}

func (s *server) CallFunction(ctx context.Context, r *tfprotov6.CallFunctionRequest) (*tfprotov6.CallFunctionResponse,
	error) {
	return answer(ctx, r, s.frameworkServer.CallFunction)
}

// answer has a call answered with a context that ends with it.
func answer[Request, Response any](ctx context.Context, r Request, call func(context.Context, Request) (Response,
	error)) (Response, error) {
	during := &callContext{}
	during.of.Store(&ctx)
	defer during.of.Store(nil)   //nolint:contextcheck // nil is none
	resp, err := call(during, r) //nolint:contextcheck // it is ctx, until the call ends
	if err == nil {
		sayWholeNumbers(resp)
	}
	return resp, err
}

// callContext is the context of a call as long as it is under way, and one that is
// over and empty afterwards.
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
