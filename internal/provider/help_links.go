package provider

import (
	"context"
	"iter"
	"reflect"
	"regexp"
	"strings"
	"unicode"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// linkedServer is a server whose diagnostics end with the address of their heading in the
// guide Troubleshooting. The headings are the summaries, literally.
//
// The errors of a function have no address: Terraform writes their first line, and a full
// stop after the last one, which would become a part of the address.
type linkedServer struct {
	*server
	guide string // the address of the guide
}

// guideURL returns the address of the guide for a version of the provider.
func guideURL(version string) string {
	ref := "main"
	if released.MatchString(version) {
		ref = "v" + version
	}
	return projectURL + "/blob/" + ref + "/docs/guides/troubleshooting.md"
}

// released matches the versions that have a tag. Others have the commit, or are no version.
var released = regexp.MustCompile(`^\d+\.\d+\.\d+(-(alpha|beta|rc)\.?\d+)?$`)

// Anchor returns the anchor that GitHub gives a heading without markup.
func Anchor(heading string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r) || r == '-' || r == '_':
			return unicode.ToLower(r)
		case r == ' ':
			return '-'
		}
		return -1
	}, heading)
}

// whereToLook begins the last paragraph of the framework's messages about attributes that
// must be set, or must not be. The address says it better.
const whereToLook = "Refer to the provider documentation or contact the provider developers "

// addHelpLinks ends each diagnostic with a line that has nothing but its address, so that
// the CLI does not break it when it wraps the text.
func (d *linkedServer) addHelpLinks(diagnostics []*tfprotov6.Diagnostic) {
	for _, x := range diagnostics {
		detail, _, _ := strings.Cut(x.Detail, whereToLook)
		x.Detail = strings.TrimLeft(strings.TrimRight(detail, "\n")+"\n\n"+d.guide+"#"+Anchor(x.Summary), "\n")
	}
}

// answered makes a call, and adds the addresses to the Diagnostics of its answer.
func answered[Request, Response any](ctx context.Context, d *linkedServer, r Request,
	call func(context.Context, Request) (*Response, error)) (*Response, error) {
	resp, err := call(ctx, r)
	if err == nil {
		diagnostics, _ := reflect.ValueOf(resp).Elem().FieldByName("Diagnostics").Interface().([]*tfprotov6.Diagnostic)
		d.addHelpLinks(diagnostics)
	}
	return resp, err
}

// each returns a sequence with the addresses added to the diagnostics of each element.
func each[T any](d *linkedServer, all iter.Seq[T], diagnosticsOf func(T) []*tfprotov6.Diagnostic) iter.Seq[T] {
	return func(yield func(T) bool) {
		for element := range all {
			d.addHelpLinks(diagnosticsOf(element))
			if !yield(element) {
				return
			}
		}
	}
}

func (d *linkedServer) ListResource(ctx context.Context, r *tfprotov6.ListResourceRequest) (
	*tfprotov6.ListResourceServerStream, error) {
	stream, err := d.server.ListResource(ctx, r)
	if err == nil {
		stream.Results = each(d, stream.Results, func(found tfprotov6.ListResourceResult) []*tfprotov6.Diagnostic {
			return found.Diagnostics
		})
	}
	return stream, err
}

func (d *linkedServer) InvokeAction(ctx context.Context, r *tfprotov6.InvokeActionRequest) (
	*tfprotov6.InvokeActionServerStream, error) {
	stream, err := d.server.InvokeAction(ctx, r)
	if err == nil {
		stream.Events = each(d, stream.Events, func(event tfprotov6.InvokeActionEvent) []*tfprotov6.Diagnostic {
			done, _ := event.Type.(tfprotov6.CompletedInvokeActionEventType)
			return done.Diagnostics
		})
	}
	return stream, err
}

func (d *linkedServer) ValidateProviderConfig(ctx context.Context, r *tfprotov6.ValidateProviderConfigRequest) (
	*tfprotov6.ValidateProviderConfigResponse, error) {
	return answered(ctx, d, r, d.server.ValidateProviderConfig)
}

func (d *linkedServer) ConfigureProvider(ctx context.Context, r *tfprotov6.ConfigureProviderRequest) (
	*tfprotov6.ConfigureProviderResponse, error) {
	return answered(ctx, d, r, d.server.ConfigureProvider)
}

func (d *linkedServer) ValidateResourceConfig(ctx context.Context, r *tfprotov6.ValidateResourceConfigRequest) (
	*tfprotov6.ValidateResourceConfigResponse, error) {
	return answered(ctx, d, r, d.server.ValidateResourceConfig)
}

func (d *linkedServer) UpgradeResourceState(ctx context.Context, r *tfprotov6.UpgradeResourceStateRequest) (
	*tfprotov6.UpgradeResourceStateResponse, error) {
	return answered(ctx, d, r, d.server.UpgradeResourceState)
}

func (d *linkedServer) UpgradeResourceIdentity(ctx context.Context, r *tfprotov6.UpgradeResourceIdentityRequest) (
	*tfprotov6.UpgradeResourceIdentityResponse, error) {
	return answered(ctx, d, r, d.server.UpgradeResourceIdentity)
}

func (d *linkedServer) ReadResource(ctx context.Context, r *tfprotov6.ReadResourceRequest) (
	*tfprotov6.ReadResourceResponse, error) {
	return answered(ctx, d, r, d.server.ReadResource)
}

func (d *linkedServer) PlanResourceChange(ctx context.Context, r *tfprotov6.PlanResourceChangeRequest) (
	*tfprotov6.PlanResourceChangeResponse, error) {
	return answered(ctx, d, r, d.server.PlanResourceChange)
}

func (d *linkedServer) ApplyResourceChange(ctx context.Context, r *tfprotov6.ApplyResourceChangeRequest) (
	*tfprotov6.ApplyResourceChangeResponse, error) {
	return answered(ctx, d, r, d.server.ApplyResourceChange)
}

func (d *linkedServer) ImportResourceState(ctx context.Context, r *tfprotov6.ImportResourceStateRequest) (
	*tfprotov6.ImportResourceStateResponse, error) {
	return answered(ctx, d, r, d.server.ImportResourceState)
}

func (d *linkedServer) MoveResourceState(ctx context.Context, r *tfprotov6.MoveResourceStateRequest) (
	*tfprotov6.MoveResourceStateResponse, error) {
	return answered(ctx, d, r, d.server.MoveResourceState)
}

func (d *linkedServer) GenerateResourceConfig(ctx context.Context, r *tfprotov6.GenerateResourceConfigRequest) (
	*tfprotov6.GenerateResourceConfigResponse, error) {
	return answered(ctx, d, r, d.server.GenerateResourceConfig)
}

func (d *linkedServer) ValidateDataResourceConfig(ctx context.Context, r *tfprotov6.ValidateDataResourceConfigRequest) (
	*tfprotov6.ValidateDataResourceConfigResponse, error) {
	return answered(ctx, d, r, d.server.ValidateDataResourceConfig)
}

func (d *linkedServer) ReadDataSource(ctx context.Context, r *tfprotov6.ReadDataSourceRequest) (
	*tfprotov6.ReadDataSourceResponse, error) {
	return answered(ctx, d, r, d.server.ReadDataSource)
}

func (d *linkedServer) ValidateEphemeralResourceConfig(ctx context.Context,
	r *tfprotov6.ValidateEphemeralResourceConfigRequest) (*tfprotov6.ValidateEphemeralResourceConfigResponse, error) {
	return answered(ctx, d, r, d.server.ValidateEphemeralResourceConfig)
}

func (d *linkedServer) OpenEphemeralResource(ctx context.Context, r *tfprotov6.OpenEphemeralResourceRequest) (
	*tfprotov6.OpenEphemeralResourceResponse, error) {
	return answered(ctx, d, r, d.server.OpenEphemeralResource)
}

func (d *linkedServer) RenewEphemeralResource(ctx context.Context, r *tfprotov6.RenewEphemeralResourceRequest) (
	*tfprotov6.RenewEphemeralResourceResponse, error) {
	return answered(ctx, d, r, d.server.RenewEphemeralResource)
}

func (d *linkedServer) CloseEphemeralResource(ctx context.Context, r *tfprotov6.CloseEphemeralResourceRequest) (
	*tfprotov6.CloseEphemeralResourceResponse, error) {
	return answered(ctx, d, r, d.server.CloseEphemeralResource)
}

func (d *linkedServer) ValidateListResourceConfig(ctx context.Context, r *tfprotov6.ValidateListResourceConfigRequest) (
	*tfprotov6.ValidateListResourceConfigResponse, error) {
	return answered(ctx, d, r, d.server.ValidateListResourceConfig)
}

func (d *linkedServer) ValidateActionConfig(ctx context.Context, r *tfprotov6.ValidateActionConfigRequest) (
	*tfprotov6.ValidateActionConfigResponse, error) {
	return answered(ctx, d, r, d.server.ValidateActionConfig)
}

func (d *linkedServer) PlanAction(ctx context.Context, r *tfprotov6.PlanActionRequest) (
	*tfprotov6.PlanActionResponse, error) {
	return answered(ctx, d, r, d.server.PlanAction)
}
