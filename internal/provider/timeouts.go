package provider

import (
	"context"
	"fmt"
	"time"

	actiontimeouts "github.com/hashicorp/terraform-plugin-framework-timeouts/action/timeouts"
	datasourcetimeouts "github.com/hashicorp/terraform-plugin-framework-timeouts/datasource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	actionschema "github.com/hashicorp/terraform-plugin-framework/action/schema"
	datasourceschema "github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
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
func timeoutRule() []validator.String {
	return []validator.String{textRule{description: "a time of at least 1s", validate: validateTimeout}}
}

func validateTimeout(text string) *fabric.Problem {
	if d, err := time.ParseDuration(text); err != nil || d < minTimeout {
		return &fabric.Problem{Summary: "Invalid timeout", Detail: fmt.Sprintf(
			"%q must be a number with its unit, at least 1s, such as 30s, 2m or 1h30m.", text)}
	}
	return nil
}

// The framework's timeouts come without a description of the attribute itself.

func resourceTimeouts(ctx context.Context, opts timeouts.Opts) schema.Attribute {
	attribute := timeouts.Attributes(ctx, opts)
	if nested, ok := attribute.(schema.SingleNestedAttribute); ok {
		nested.MarkdownDescription = timeoutsDescription
		for name, one := range nested.Attributes {
			if text, ok := one.(schema.StringAttribute); ok {
				text.Validators = timeoutRule()
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
				text.Validators = timeoutRule()
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
				text.Validators = timeoutRule()
				nested.Attributes[name] = text
			}
		}
		return nested
	}
	return attribute
}
