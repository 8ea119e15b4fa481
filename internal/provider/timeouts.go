package provider

import (
	"context"
	"fmt"
	"time"

	actionschema "github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	datasourceschema "github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// The timeouts of resources, data sources and actions.
//
// terraform-plugin-framework-timeouts v0.7.0 has the same attributes. But it accepts times
// of 0 and less, takes no validators, and reports a time that turns out invalid during
// apply without its attribute. This file can be replaced by that module when it supports a
// minimum. Then TestTimeouts_theModuleHasNoMinimum fails. The draft of the upstream issue
// is docs/upstream/timeouts-module-has-no-minimum.md.

const (
	timeoutsDescription = "Time limits for operations."
	timeoutDescription  = "Time limit for the operation with all its retries, as a number with a unit, such as " +
		"`30s` or `2m`. Default: `5m`. At least `1s`."
	writeTimeDescription = timeoutDescription + " If a write gets no answer, the operation can take longer, by up to " +
		"three times the provider's `request_timeout`: the provider waits for the answer, and then checks what the " +
		"write did."
	syncTimeDescription = "Time limit for the sync, including the wait for another sync, as a number with a unit, " +
		"such as `90s` or `10m`. Default: `20m`. At least `1s`. When the time has passed, the sync still stores its " +
		"outcome and releases its lock, which can take another 30 seconds."
)

// minTimeout is the shortest time limit of an operation. With a shorter one, a refresh
// could never succeed, and a refresh takes its time limit from the state.
const minTimeout = time.Second

// timeoutRule validates a configured time.
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

// timeoutOf returns the time limit for an operation in the timeouts of a configuration,
// plan or state, and the fallback if they have none.
func timeoutOf(timeouts types.Object, operation string, fallback time.Duration, diags *diag.Diagnostics) time.Duration {
	return timeoutIn(timeouts.Attributes(), operation, fallback, diags)
}

// planTimeout returns the time limit for what the plan of an operation reads: that of a
// read, and at most that of the operation.
func planTimeout(timeouts types.Object, operation string, diags *diag.Diagnostics) time.Duration {
	return min(timeoutOf(timeouts, "read", defaultTimeout, diags), timeoutOf(timeouts, operation, defaultTimeout,
		diags))
}

func timeoutIn(timeouts map[string]attr.Value, operation string, fallback time.Duration,
	diags *diag.Diagnostics) time.Duration {
	text, given := timeouts[operation].(types.String)
	if !given || text.IsNull() || text.IsUnknown() {
		return fallback
	}
	timeout, err := time.ParseDuration(text.ValueString())
	if err != nil || timeout < minTimeout {
		// Terraform 1.14.3 and OpenTofu 1.12.6 find the line of an object's key, but not of
		// its attribute: docs/upstream/terraform-finds-no-attribute-in-an-object.md.
		diags.AddAttributeError(path.Root("timeouts").AtMapKey(operation), "Invalid timeout", fmt.Sprintf(
			"timeouts.%s is %q. It must be a number with a unit, at least 1s, such as 30s, 5m or 1h30m.",
			operation, text.ValueString()))
		return fallback
	}
	return timeout
}

// The schemas of resources, data sources and actions have different types for the same
// attribute: times by operation, each with its description.

func resourceTimeouts(descriptions map[string]string) schema.Attribute {
	times := map[string]schema.Attribute{}
	for operation, description := range descriptions {
		times[operation] = schema.StringAttribute{Optional: true, Validators: timeoutRules(),
			MarkdownDescription: description}
	}
	return schema.SingleNestedAttribute{Optional: true, MarkdownDescription: timeoutsDescription, Attributes: times}
}

func dataSourceTimeouts() datasourceschema.Attribute {
	return datasourceschema.SingleNestedAttribute{
		Optional: true, MarkdownDescription: timeoutsDescription, Attributes: map[string]datasourceschema.Attribute{
			"read": datasourceschema.StringAttribute{
				Optional: true, Validators: timeoutRules(), MarkdownDescription: timeoutDescription,
			},
		},
	}
}

func actionTimeouts() actionschema.Attribute {
	return actionschema.SingleNestedAttribute{
		Optional: true, MarkdownDescription: timeoutsDescription, Attributes: map[string]actionschema.Attribute{
			"invoke": actionschema.StringAttribute{
				Optional: true, Validators: timeoutRules(), MarkdownDescription: syncTimeDescription,
			},
		},
	}
}

func timeoutRules() []validator.String { return []validator.String{timeoutRule{}} }
