package provider

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/mapplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabricsync"
)

// defaultSyncTimeout is the time limit of a sync, including its wait for another sync. A
// lock that is left behind goes stale after three minutes.
const defaultSyncTimeout = 20 * time.Minute

func pruneRule() []validator.String {
	return []validator.String{oneOf(string(fabricsync.Keep), string(fabricsync.Delete))}
}

func pruneLimitRule() []validator.String {
	return []validator.String{textRule{description: "SHARE% or SHARE%,NUMBER",
		validate: func(text string) *fabric.Problem {
			if text == "" {
				return &fabric.Problem{Summary: "Invalid prune limit", Detail: `The prune limit is "". Remove ` +
					`prune_limit to get the default, 50%,10.`}
			}
			_, p := pruneLimit(text)
			return p
		}}}
}

func caCertRule() []validator.String {
	return []validator.String{textRule{description: "certificates in PEM", validate: fabric.ValidateCACert}}
}

func (r *fabricSyncResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	text := func(description string) schema.Attribute {
		return schema.StringAttribute{Computed: true, MarkdownDescription: description}
	}
	number := func(description string) schema.Attribute {
		return schema.Int64Attribute{Computed: true, MarkdownDescription: description}
	}
	moment := func(description string) schema.Attribute {
		return schema.StringAttribute{Computed: true, CustomType: timetypes.RFC3339Type{},
			MarkdownDescription: description}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Syncs a fabric: copies the objects of its Kubernetes cluster into NetBox, and records " +
			"the outcome there. The sync runs when the resource is created, and again when its `triggers` change.",
		Attributes: map[string]schema.Attribute{
			"fabric_id": schema.Int64Attribute{
				Required: true, Validators: []validator.Int64{idRule()},
				PlanModifiers:       []planmodifier.Int64{int64planmodifier.RequiresReplace()},
				MarkdownDescription: syncFabricIDText + " Changing it runs a new sync.",
			},
			"triggers": schema.MapAttribute{
				Optional: true, ElementType: types.StringType,
				PlanModifiers: []planmodifier.Map{mapplanmodifier.RequiresReplace()},
				MarkdownDescription: "Any values that you choose. Default: none. Changing any value runs a new sync. " +
					"With `{ time = plantimestamp() }`, every apply runs a sync, and no plan is empty.",
			},
			"only_if_due": schema.BoolAttribute{
				Optional: true, Computed: true, Default: booldefault.StaticBool(false),
				MarkdownDescription: syncOnlyIfDueText,
			},
			"prune": schema.StringAttribute{
				Optional: true, Computed: true, Default: stringdefault.StaticString(string(fabricsync.Keep)),
				Validators:          pruneRule(),
				MarkdownDescription: syncPruneText,
			},
			"prune_limit": schema.StringAttribute{Optional: true, Validators: pruneLimitRule(),
				MarkdownDescription: syncPruneLimitText},
			"fail_on_error": schema.BoolAttribute{
				Optional: true, Computed: true, Default: booldefault.StaticBool(true),
				MarkdownDescription: syncFailOnErrorText + " After an error, the resource is not in the state, so " +
					"the next apply runs the sync again.",
			},
			"allow_insecure_https": schema.BoolAttribute{
				Optional: true, Computed: true, Default: booldefault.StaticBool(false),
				MarkdownDescription: syncInsecureText,
			},
			"kubernetes_token_wo": schema.StringAttribute{Optional: true, WriteOnly: true, Sensitive: true,
				MarkdownDescription: syncTokenText},
			"kubernetes_ca_cert": schema.StringAttribute{Optional: true, Validators: caCertRule(),
				MarkdownDescription: syncCACertText},

			"outcome": text("How the sync ended: `synced`, `failed`, `not_due`, `busy` (another sync ran longer than " +
				"the timeout), `skipped` (the fabric has no Kubernetes server, or `sync_enabled` is false), " +
				"`refused` (NetBox does not show the Kubernetes token) or `superseded` (another user changed the " +
				"fabric, or another sync locked it, during this sync)."),
			"message": text("Why the sync ended with this outcome. Null if there was no problem."),
			"status": text("Sync status of the fabric after the sync, worked out from the facts: `not_configured`, " +
				"`disabled`, `error`, `never_synced`, `out_of_sync` or `in_sync`. Null if the fabric could not be " +
				"read."),
			"started_at": moment("Time when the sync began, by NetBox's clock. Null if no sync ran. RFC 3339, UTC."),
			"finished_at": moment("Time when the outcome was stored, by NetBox's clock. Null if no sync ran. RFC " +
				"3339, UTC."),
			"counts": schema.MapAttribute{
				Computed: true, ElementType: types.Int64Type,
				MarkdownDescription: "Number of objects of each kind in the cluster. The keys are names of kinds, " +
					"such as `VPC` or `Switch`. A kind whose list could not be read has no key.",
			},
			"absent_kinds": schema.ListAttribute{
				Computed: true, ElementType: types.StringType,
				MarkdownDescription: "Kinds that the cluster does not serve, such as `VPC`. Their number in " +
					"`counts` is 0, and their objects stay in NetBox.",
			},
			"created": number("Number of objects that the sync created in NetBox."),
			"updated": number("Number of objects that had changed in the cluster, and were updated in NetBox."),
			"repaired": number("Number of objects that had been edited or deleted in NetBox, and were restored from " +
				"the cluster."),
			"unchanged": number("Number of objects that were the same in NetBox and in the cluster."),
			"deleted": number("Number of objects that were no longer in the cluster and were deleted from NetBox, " +
				"with `prune = \"delete\"`."),
			"not_storable": number("Number of objects that NetBox's API cannot store: those with an empty `spec`, " +
				"such as every SwitchGroup, and those whose name it does not accept, such as a name with a dot. The " +
				"fabric's counts include them, and they don't make the sync fail."),
			"not_storable_names": schema.ListAttribute{
				Computed: true, ElementType: types.StringType,
				MarkdownDescription: "The first five objects of each kind that NetBox cannot store, each with kind, " +
					"name and reason.",
			},
			"failed": number("Number of objects that NetBox refused, other than those in `not_storable`. " +
				"`message` names the first."),
			"timeouts": resourceTimeouts(map[string]string{"create": syncTimeDescription}),
		},
	}
}
