package provider

import (
	"context"

	actiontimeouts "github.com/hashicorp/terraform-plugin-framework-timeouts/action/timeouts"
	datasourcetimeouts "github.com/hashicorp/terraform-plugin-framework-timeouts/datasource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	actionschema "github.com/hashicorp/terraform-plugin-framework/action/schema"
	datasourceschema "github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
)

const (
	timeoutsDescription = "Times that operations may take."
	timeoutDescription  = "Time that the operation may take with all its retries, as a number with unit such as `30s` or `2m`. Default: `5m`."
	syncTimeDescription = "Time that the sync may take with the wait for another one, as a number with unit such as `90s` or `10m`. Default: `20m`."
)

// The framework's timeouts come without a description of the attribute itself.

func resourceTimeouts(ctx context.Context, opts timeouts.Opts) schema.Attribute {
	attribute := timeouts.Attributes(ctx, opts)
	if nested, ok := attribute.(schema.SingleNestedAttribute); ok {
		nested.MarkdownDescription = timeoutsDescription
		return nested
	}
	return attribute
}

func dataSourceTimeouts(ctx context.Context) datasourceschema.Attribute {
	attribute := datasourcetimeouts.AttributesWithOpts(ctx, datasourcetimeouts.Opts{ReadDescription: timeoutDescription})
	if nested, ok := attribute.(datasourceschema.SingleNestedAttribute); ok {
		nested.MarkdownDescription = timeoutsDescription
		return nested
	}
	return attribute
}

func actionTimeouts(ctx context.Context) actionschema.Attribute {
	attribute := actiontimeouts.AttributesWithOpts(ctx, actiontimeouts.Opts{InvokeDescription: syncTimeDescription})
	if nested, ok := attribute.(actionschema.SingleNestedAttribute); ok {
		nested.MarkdownDescription = timeoutsDescription
		return nested
	}
	return attribute
}
