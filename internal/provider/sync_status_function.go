package provider

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

func newSyncStatusFunction() function.Function { return syncStatusFunction{} }

type syncStatusFunction struct{}

func (syncStatusFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "sync_status"
}

func (syncStatusFunction) Definition(_ context.Context, _ function.DefinitionRequest,
	resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Works out a fabric's sync status.",
		MarkdownDescription: "Works out a fabric's sync status at a given time. Pass a `hedgehog_fabric` data " +
			"source, or any object with the attributes below. Returns `not_configured`, `disabled`, `error`, " +
			"`never_synced`, `out_of_sync` or `in_sync`.",
		Parameters: []function.Parameter{
			function.DynamicParameter{
				Name: "fabric",
				MarkdownDescription: "Object with the attributes `kubernetes_server`, `sync_enabled`, " +
					"`sync_interval` (in seconds), `last_sync` (RFC 3339), `sync_error` and `connection_error`. Each " +
					"may be null. A `sync_enabled` of null counts as `true`, and a `sync_interval` of null as 300. " +
					"Other attributes are ignored. If the server is blank or `sync_enabled` is `false`, the function " +
					"neither uses nor validates the times.",
			},
			function.StringParameter{
				Name: "now",
				MarkdownDescription: "Time for which to work out the status, RFC 3339. Use the data source's " +
					"`observed_at` if you can: `plantimestamp()` uses the clock of your machine, not NetBox's.",
			},
		},
		Return: function.StringReturn{},
	}
}

func (syncStatusFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var object types.Dynamic
	var text string
	if resp.Error = req.Arguments.Get(ctx, &object, &text); resp.Error != nil {
		return
	}
	r := factsReader{}
	facts := r.facts(object.UnderlyingValue())
	status, decided := facts.ConfiguredStatus()
	if !decided && r.problem == "" && !r.unknown {
		// Times matter only here. Those that a Terraform test has mocked are not valid
		// times, and its fabrics have no sync.
		now, err := time.Parse(time.RFC3339Nano, text)
		if err != nil {
			resp.Error = function.NewArgumentFuncError(1, fmt.Sprintf("now is %q, which is not a time in RFC 3339 "+
				"form such as 2026-11-23T12:00:00Z", text))
			return
		}
		facts.LastSync = r.time("last_sync")
		status = fabric.SyncStatus(facts, now).Status
	}
	switch {
	case r.problem != "":
		resp.Error = function.NewArgumentFuncError(0, r.problem)
	case r.unknown:
		resp.Error = resp.Result.Set(ctx, types.StringUnknown())
	default:
		resp.Error = resp.Result.Set(ctx, string(status))
	}
}

// factsReader reads facts from an object or a map. A module may have converted its numbers
// and booleans to strings.
type factsReader struct {
	values  map[string]attr.Value
	problem string
	unknown bool
}

func (r *factsReader) facts(v attr.Value) fabric.Facts {
	switch v := v.(type) {
	case basetypes.ObjectValue:
		r.values = v.Attributes()
	case basetypes.MapValue:
		r.values = v.Elements()
	default:
		r.problem = "fabric must be an object such as a hedgehog_fabric data source"
		return fabric.Facts{}
	}
	f := fabric.Facts{SyncEnabled: fabric.DefaultSyncEnabled, SyncInterval: fabric.DefaultSyncInterval}
	f.KubernetesServer, _ = r.text("kubernetes_server")
	f.SyncError, _ = r.text("sync_error")
	f.ConnectionError, _ = r.text("connection_error")
	if text, ok := r.text("sync_enabled"); ok {
		b, err := strconv.ParseBool(text)
		r.check(err, "sync_enabled", text, "true or false")
		f.SyncEnabled = b
	}
	if text, ok := r.text("sync_interval"); ok {
		n, err := strconv.ParseInt(text, 10, 64)
		r.check(err, "sync_interval", text, "a whole number of seconds")
		f.SyncInterval = n
		if p := fabric.ValidateSyncInterval(n); err == nil && p != nil && r.problem == "" {
			r.problem = "fabric.sync_interval: " + p.Detail
		}
	}
	r.text("last_sync") // it must be present and known
	return f
}

// time returns a time attribute, or nil if it has no value.
func (r *factsReader) time(name string) *time.Time {
	text, ok := r.text(name)
	if !ok || text == "" {
		return nil
	}
	t, err := time.Parse(time.RFC3339Nano, text)
	r.check(err, name, text, "a time in RFC 3339 form or null")
	return &t
}

// text returns an attribute as a string, and whether it has a value.
func (r *factsReader) text(name string) (string, bool) {
	v, ok := r.values[name]
	if d, isDynamic := v.(basetypes.DynamicValue); isDynamic {
		v = d.UnderlyingValue()
	}
	switch {
	case !ok:
		r.fail(fmt.Sprintf("fabric has no attribute %q. It must be there, but may be null: pass a fabric from "+
			"hedgehog_fabric or hedgehog_fabrics", name))
		return "", false
	case v == nil || v.IsNull():
		return "", false
	case v.IsUnknown():
		r.unknown = true
		return "", false
	}
	switch v := v.(type) {
	case basetypes.StringValue:
		return v.ValueString(), true
	case basetypes.BoolValue:
		return strconv.FormatBool(v.ValueBool()), true
	case basetypes.NumberValue:
		return v.ValueBigFloat().Text('f', -1), true
	}
	r.fail(fmt.Sprintf("fabric.%s is neither a string, a number nor a boolean", name))
	return "", false
}

func (r *factsReader) check(err error, name, text, want string) {
	if err != nil {
		r.fail(fmt.Sprintf("fabric.%s is %q; it must be %s", name, text, want))
	}
}

func (r *factsReader) fail(problem string) {
	if r.problem == "" {
		r.problem = problem
	}
}
