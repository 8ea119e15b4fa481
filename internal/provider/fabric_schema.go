package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64default"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

// webURLText describes web_url for the resource and the data sources.
const webURLText = "URL of the fabric's page in NetBox's web interface, such as " +
	"`https://netbox.example.com/plugins/hedgehog/fabrics/1/`. It begins with the provider's `server_url`. With the " +
	"provider's `branch`, the page opens in the branch."

func (r *fabricResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Manages a Hedgehog fabric in NetBox: the record that says where the fabric's " +
			"Kubernetes cluster is and how often to sync it.",
		Attributes: map[string]schema.Attribute{
			"id": schema.Int64Attribute{
				Computed:            true,
				MarkdownDescription: "Numeric id of the fabric in NetBox.",
			},
			"url": schema.StringAttribute{
				Computed:            true,
				MarkdownDescription: "URL of the fabric in NetBox's REST API.",
			},
			"web_url": schema.StringAttribute{Computed: true, MarkdownDescription: webURLText},
			"name": schema.StringAttribute{
				Required: true,
				Validators: []validator.String{textRule{
					description: "1 to 100 characters without surrounding white space", validate: fabric.ValidateName,
				}},
				MarkdownDescription: "Name of the fabric. 1 to 100 characters, without white space at the beginning " +
					"or end. Names are unique in NetBox and case-sensitive.",
			},
			"description": schema.StringAttribute{
				Optional: true,
				Validators: []validator.String{textRule{
					description: "a string without null characters", validate: fabric.ValidateText,
				}},
				MarkdownDescription: "Description of the fabric. Default: none. Any length. NetBox removes white " +
					"space at the beginning and end. The provider ignores differences in that white space and in " +
					"line endings.",
			},
			"status": schema.StringAttribute{
				Optional: true, Computed: true, Default: stringdefault.StaticString(fabric.DefaultLifecycle),
				Validators: []validator.String{textRule{
					description: "planned, active, maintenance or decommissioned", validate: fabric.ValidateLifecycle,
				}},
				MarkdownDescription: "Lifecycle status: `planned`, `active`, `maintenance` or `decommissioned`. " +
					"Default: `planned`.",
			},
			"kubernetes_server": schema.StringAttribute{
				Optional: true,
				Validators: []validator.String{textRule{
					description: "an absolute http or https URL of at most 200 characters with a dotted host",
					validate:    fabric.ValidateKubernetesServer, warn: fabric.WarnKubernetesServer,
				}},
				MarkdownDescription: "URL of the fabric's Kubernetes API server, such as " +
					"`https://k8s.example.com:6443`. Default: none, which makes the fabric's `sync_status` " +
					"`not_configured`. At most 200 characters, with `https` (or `http`, which gives a warning), " +
					"and without a user name or password. As in NetBox, the host must be a dotted name, " +
					"`localhost`, an IPv4 address, or an IPv6 address in brackets. Changing or removing the URL " +
					"resets the last sync, the stored statuses and the errors, in the same write.",
			},
			"kubernetes_namespace": schema.StringAttribute{
				Optional: true, Computed: true, Default: stringdefault.StaticString(fabric.DefaultNamespace),
				Validators: []validator.String{textRule{
					description: "a DNS-1123 label of 1 to 63 characters", validate: fabric.ValidateKubernetesNamespace,
				}},
				MarkdownDescription: "Kubernetes namespace that holds the fabric's objects. Default: `default`. A " +
					"DNS-1123 label of 1 to 63 characters. Changing it resets the last sync, the stored statuses " +
					"and the errors.",
			},
			"kubernetes_ca_cert": schema.StringAttribute{
				Optional: true,
				Validators: []validator.String{textRule{
					description: "one or more certificates in PEM form", validate: fabric.ValidateCACert,
				}},
				MarkdownDescription: "CA certificates to trust for the Kubernetes API server, in PEM form, such as " +
					"`file(\"ca.pem\")`. Default: the system's CA certificates. Any length. The provider ignores " +
					"differences in line endings and in white space at the beginning and end.",
			},
			tokenField: schema.StringAttribute{
				Optional: true, Sensitive: true,
				Validators: []validator.String{
					textRule{description: "a string without null characters", validate: fabric.ValidateText},
					stringvalidator.ConflictsWith(path.MatchRoot(tokenWOAttribute)),
				},
				MarkdownDescription: "Bearer token for the Kubernetes API server. Default: none. If you never set " +
					"it, NetBox keeps the token that it has, for example after an import. If you remove it later " +
					"or set it to `\"\"`, the provider clears the token in NetBox. Any length. Needs " +
					"`kubernetes_server`. The token is stored in the state, and anyone who can view the fabric in " +
					"NetBox can read it. With Terraform or OpenTofu 1.11 or newer, use `kubernetes_token_wo` " +
					"instead.",
			},
			tokenWOAttribute: schema.StringAttribute{
				Optional: true, Sensitive: true, WriteOnly: true,
				Validators: []validator.String{
					textRule{description: "a string without null characters", validate: fabric.ValidateText},
					stringvalidator.AlsoRequires(path.MatchRoot(tokenWOVersionAttribute)),
				},
				MarkdownDescription: "Bearer token for the Kubernetes API server, as a write-only argument: it is " +
					"never stored in a plan or in the state. Default: none. If you never set it, NetBox keeps the " +
					"token that it has. Any length, but not empty. To clear the token in NetBox, remove both " +
					"attributes. Needs `kubernetes_server`, `kubernetes_token_wo_version`, and Terraform or OpenTofu " +
					"1.11 or newer. The provider sends it when the version changes. If you change the token without " +
					"its version, the provider warns and does not send it. The private part of the state has a " +
					"fingerprint of the token, an HMAC-SHA-256 with a random key. With it, the provider notices if " +
					"someone changes the token in NetBox: the next plan shows it, and the apply sends yours again.",
			},
			tokenWOVersionAttribute: schema.Int64Attribute{
				Optional:   true,
				Validators: []validator.Int64{int64validator.AtLeast(0)},
				MarkdownDescription: "Version of `kubernetes_token_wo`. Required with the token. A whole number, 0 " +
					"or greater. Changing it sends the token. As long as it stays the same, you can leave the token " +
					"null. The provider sets it to `-1` in the state if someone changed the token in NetBox. If you " +
					"remove both attributes, the provider clears the token in NetBox.",
			},
			"sync_enabled": schema.BoolAttribute{
				Optional: true, Computed: true, Default: booldefault.StaticBool(fabric.DefaultSyncEnabled),
				MarkdownDescription: "Whether the fabric should be synced. Default: `true`. With `false`, the " +
					"provider's syncs skip the fabric, and its `sync_status` is `disabled`. NetBox itself ignores " +
					"this.",
			},
			"sync_interval": schema.Int64Attribute{
				Optional: true, Computed: true, Default: int64default.StaticInt64(fabric.DefaultSyncInterval),
				Validators: []validator.Int64{numberRule{
					description: "0 to 2147483647 seconds", validate: fabric.ValidateSyncInterval,
					warn: fabric.WarnSyncInterval,
				}},
				MarkdownDescription: fmt.Sprintf("Time between two syncs, in seconds. Default: `%d`. From 0 to %d. 0 "+
					"means that the fabric has no interval. A value from 1 to %d gives a warning. "+
					"`terraform-provider-hedgehog sync` syncs the fabric on this interval, and `sync_status` depends "+
					"on it. NetBox itself ignores it.", fabric.DefaultSyncInterval,
					fabric.MaxSyncInterval, fabric.ShortSyncInterval-1),
			},
			"tags": schema.SetAttribute{
				Optional: true, ElementType: types.StringType,
				Validators: []validator.Set{setvalidator.NoNullValues(), setvalidator.ValueStringsAre(tagNameRule())},
				MarkdownDescription: "Names of the fabric's NetBox tags. Default: none. The tags must exist in " +
					"NetBox, which only the apply checks. A name has 1 to 100 characters and is case-sensitive. " +
					"Names that differ only in their Unicode normal form are the same. The provider adds its " +
					"`default_tags`, and removes every other tag from the fabric, even one that a user added in " +
					"NetBox.",
			},
			"tags_all": schema.SetAttribute{
				Computed: true, ElementType: types.StringType,
				MarkdownDescription: "Names of all the fabric's tags: `tags` and the provider's `default_tags`. " +
					"Terraform shows them even when `tags` comes from a sensitive variable.",
			},
			"custom_fields": schema.DynamicAttribute{
				Optional: true, Validators: []validator.Dynamic{customFieldsShape{}},
				MarkdownDescription: "Values of NetBox's custom fields: an object or a map with the fields' names as " +
					"keys. Default: none. The provider manages only the fields that you name here. If you remove a " +
					"field, the provider clears it in NetBox. `null` clears a field and keeps it empty. See [Custom " +
					"fields](#custom-fields) for the values of each type.",
			},
			"deletion_policy": schema.StringAttribute{
				Optional: true, Computed: true, Default: stringdefault.StaticString(deletionDelete),
				Validators: []validator.String{oneOf(deletionDelete, deletionDecommission, deletionAbandon)},
				MarkdownDescription: "What a destroy does. `delete` deletes the fabric, and every object that was " +
					"imported into it. `decommission` sets `status` to `decommissioned` and `sync_enabled` to " +
					"`false`, and keeps the fabric in NetBox. `abandon` leaves the fabric in NetBox as it is. " +
					"Default: `delete`. A destroy uses the value in the state, so apply a change before you destroy. " +
					"`-replace` works only with `delete`, and `create_before_destroy` never works, since names are " +
					"unique in NetBox.",
			},
			"sync_status": schema.StringAttribute{
				Computed: true,
				MarkdownDescription: "Sync status, worked out from the facts at the last refresh: `not_configured`, " +
					"`disabled`, `error`, `never_synced`, `out_of_sync` or `in_sync`. For the reason, run " +
					"`terraform-provider-hedgehog status NAME`, or use the `hedgehog_fabric` data source. See also " +
					"[What to do about each status](../guides/sync-status.md#what-to-do-about-each-status).",
			},
			"connection_status": schema.StringAttribute{
				Computed: true,
				MarkdownDescription: "Connection to the Kubernetes server, as a sync stored it: `unknown`, " +
					"`connected`, `disconnected` or `error`.",
			},
			"last_sync": schema.StringAttribute{
				Computed: true, CustomType: timetypes.RFC3339Type{},
				MarkdownDescription: "Time of the last successful sync. Null before the first one. RFC 3339, UTC.",
			},
			"timeouts": resourceTimeouts(map[string]string{
				"create": writeTimeDescription, "update": writeTimeDescription, "delete": writeTimeDescription,
				"read": timeoutDescription + " It also limits the reads during a plan, unless the limit of the " +
					"planned operation (`create`, `update` or `delete`) is shorter.",
			}),
		},
	}
}
