package provider

import (
	"context"
	"fmt"
	"time"

	actiontimeouts "github.com/hashicorp/terraform-plugin-framework-timeouts/action/timeouts"
	datasourcetimeouts "github.com/hashicorp/terraform-plugin-framework-timeouts/datasource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	actionschema "github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	datasourceschema "github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

const (
	timeoutsDescription = "Times that operations may take."
	timeoutDescription  = "Time that the operation may take with all its retries, as a number with unit such as `30s` or `2m`. At least `1s`. Default: `5m`."
	syncTimeDescription = "Time that the sync may take with the wait for another one, as a number with unit such as `90s` or `10m`. At least `1s`. Default: `20m`."
)

// minTimeout is the shortest time that an operation may be given. With less, a refresh
// could never succeed, and it has its time from the state.
const minTimeout = time.Second

// timeoutRule replaces the rule of the framework's timeouts, which allows negative ones.
type timeoutRule struct{}

var _ validator.String = timeoutRule{}

func (timeoutRule) Description(context.Context) string { return "a time of at least 1s" }

func (r timeoutRule) MarkdownDescription(ctx context.Context) string { return r.Description(ctx) }

func (timeoutRule) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if operation, ok := lastStep(req.Path); ok {
		timeoutIn(map[string]attr.Value{operation: req.ConfigValue}, operation, 0, &resp.Diagnostics)
	}
}

func lastStep(p path.Path) (name string, ok bool) {
	step, _ := p.Steps().LastStep()
	at, ok := step.(path.PathStepAttributeName)
	return string(at), ok
}

// timeoutOf returns the time that the timeouts of a configuration, plan or state give
// an operation, and the fallback where they give it none.
func timeoutOf(timeouts types.Object, operation string, fallback time.Duration, diags *diag.Diagnostics) time.Duration {
	return timeoutIn(timeouts.Attributes(), operation, fallback, diags)
}

func timeoutIn(timeouts map[string]attr.Value, operation string, fallback time.Duration, diags *diag.Diagnostics) time.Duration {
	text, given := timeouts[operation].(types.String)
	if !given || text.IsNull() || text.IsUnknown() {
		return fallback
	}
	timeout, err := time.ParseDuration(text.ValueString())
	if err != nil || timeout < minTimeout {
		// The CLI finds the line of a key, in an object too.
		diags.AddAttributeError(path.Root("timeouts").AtMapKey(operation), "Invalid timeout", fmt.Sprintf(
			"timeouts.%s is %q. It must be a number with its unit, at least 1s, such as 30s, 5m or 1h30m.",
			operation, text.ValueString()))
		return fallback
	}
	return timeout
}

// The framework's timeouts come without a description of the attribute itself.

func resourceTimeouts(ctx context.Context, opts timeouts.Opts) schema.Attribute {
	attribute := timeouts.Attributes(ctx, opts)
	if nested, ok := attribute.(schema.SingleNestedAttribute); ok {
		nested.MarkdownDescription = timeoutsDescription
		for name, one := range nested.Attributes {
			if text, ok := one.(schema.StringAttribute); ok {
				text.Validators = []validator.String{timeoutRule{}}
				nested.Attributes[name] = text
			}
		}
		return nested
	}
	return attribute
}

func dataSourceTimeouts(ctx context.Context) datasourceschema.Attribute {
	attribute := datasourcetimeouts.AttributesWithOpts(ctx, datasourcetimeouts.Opts{ReadDescription: timeoutDescription})
	if nested, ok := attribute.(datasourceschema.SingleNestedAttribute); ok {
		nested.MarkdownDescription = timeoutsDescription
		for name, one := range nested.Attributes {
			if text, ok := one.(datasourceschema.StringAttribute); ok {
				text.Validators = []validator.String{timeoutRule{}}
				nested.Attributes[name] = text
			}
		}
		return nested
	}
	return attribute
}

func actionTimeouts(ctx context.Context) actionschema.Attribute {
	attribute := actiontimeouts.AttributesWithOpts(ctx, actiontimeouts.Opts{InvokeDescription: syncTimeDescription})
	if nested, ok := attribute.(actionschema.SingleNestedAttribute); ok {
		nested.MarkdownDescription = timeoutsDescription
		for name, one := range nested.Attributes {
			if text, ok := one.(actionschema.StringAttribute); ok {
				text.Validators = []validator.String{timeoutRule{}}
				nested.Attributes[name] = text
			}
		}
		return nested
	}
	return attribute
}
