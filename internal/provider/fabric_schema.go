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

// webURLText describes web_url, of the resource and of the data sources.
const webURLText = "URL of the fabric's page in NetBox's web interface, for people: below the provider's " +
	"`server_url`, such as `https://netbox.example.com/plugins/hedgehog/fabrics/1/`. With `branch` " +
	"it leads into the branch."

func (r *fabricResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "A Hedgehog fabric in NetBox: the record of a Kubernetes-managed data-center fabric, " +
			"where its cluster is, and how often it is to be synced.\n\n" +
			"`sync_status` is derived from the facts and never contradicts the configuration. A plan is empty when " +
			"nothing has to change: neither the passing of time nor a sync is a change of the resource. An output " +
			"that uses `sync_status`, `connection_status` or `last_sync` still changes with them.",
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
				MarkdownDescription: "Name, unique in NetBox and case-sensitive: 1 to 100 characters without " +
					"surrounding white space. It can be changed in place.",
			},
			"description": schema.StringAttribute{
				Optional: true,
				Validators: []validator.String{textRule{
					description: "a text without null characters", validate: fabric.ValidateText,
				}},
				MarkdownDescription: "Description, of any length. NetBox removes surrounding white space, so a " +
					"difference in that is no change. Nor is a difference in the kind of line ends.",
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
					"`https://k8s.example.com:6443`: `https` (or `http`, with a warning), at most 200 characters, " +
					"without a user name or password. As in NetBox, the host must be a dotted name, `localhost`, an " +
					"IPv4 address or an IPv6 address in brackets. Left out, the fabric is `not_configured`. Any " +
					"change, also its removal, resets the sync facts in the same write: the last sync, the stored " +
					"statuses and the errors.",
			},
			"kubernetes_namespace": schema.StringAttribute{
				Optional: true, Computed: true, Default: stringdefault.StaticString(fabric.DefaultNamespace),
				Validators: []validator.String{textRule{
					description: "a DNS-1123 label of 1 to 63 characters", validate: fabric.ValidateKubernetesNamespace,
				}},
				MarkdownDescription: "Kubernetes namespace that holds the fabric's objects: a DNS-1123 label of 1 to " +
					"63 characters. Default: `default`. A change resets the sync facts.",
			},
			"kubernetes_ca_cert": schema.StringAttribute{
				Optional: true,
				Validators: []validator.String{textRule{
					description: "one or more certificates in PEM form", validate: fabric.ValidateCACert,
				}},
				MarkdownDescription: "Certificate authorities of the Kubernetes API server: one or more certificates " +
					"in PEM form, such as `file(\"ca.pem\")`, of any length. Left out, the system's authorities " +
					"count. Surrounding white space and the kind of line ends are no change.",
			},
			tokenField: schema.StringAttribute{
				Optional: true, Sensitive: true,
				Validators: []validator.String{
					textRule{description: "a text without null characters", validate: fabric.ValidateText},
					stringvalidator.ConflictsWith(path.MatchRoot(tokenWOAttribute)),
				},
				MarkdownDescription: "Bearer token for the Kubernetes API server, of any length; needs " +
					"`kubernetes_server`. It is stored in the state: with Terraform or OpenTofu 1.11 and newer, " +
					"prefer `kubernetes_token_wo`. Left out, a token that is stored in NetBox is left alone; removed " +
					"from the configuration, or set to an empty text, it is cleared. NetBox shows it to everybody " +
					"who may read the fabric.",
			},
			tokenWOAttribute: schema.StringAttribute{
				Optional: true, Sensitive: true, WriteOnly: true,
				Validators: []validator.String{
					textRule{description: "a text without null characters", validate: fabric.ValidateText},
					stringvalidator.AlsoRequires(path.MatchRoot(tokenWOVersionAttribute)),
				},
				MarkdownDescription: "Bearer token for the Kubernetes API server, of any length, write-only: it is " +
					"in no plan and no state (Terraform and OpenTofu >= 1.11). It needs `kubernetes_server` and " +
					"`kubernetes_token_wo_version`, and is sent when the version changes; a token that changed " +
					"without it is a warning. The state's private part keeps a salted hash (HMAC-SHA-256) of it, by " +
					"which a token that was changed in NetBox is noticed and sent again.",
			},
			tokenWOVersionAttribute: schema.Int64Attribute{
				Optional:   true,
				Validators: []validator.Int64{int64validator.AtLeast(0)},
				MarkdownDescription: "Version of `kubernetes_token_wo`, a whole number, 0 or greater: a change sends " +
					"the token, which can be null otherwise. -1 in the state means that the token was changed in " +
					"NetBox. Removed together with the token, the stored token is cleared.",
			},
			"sync_enabled": schema.BoolAttribute{
				Optional: true, Computed: true, Default: booldefault.StaticBool(fabric.DefaultSyncEnabled),
				MarkdownDescription: "Whether the fabric is to be synced. Default: `true`. With `false` its " +
					"`sync_status` is `disabled`. The status is judged by it, and `terraform-provider-hedgehog sync` " +
					"acts on it; NetBox does not.",
			},
			"sync_interval": schema.Int64Attribute{
				Optional: true, Computed: true, Default: int64default.StaticInt64(fabric.DefaultSyncInterval),
				Validators: []validator.Int64{numberRule{
					description: "0 to 2147483647 seconds", validate: fabric.ValidateSyncInterval,
					warn: fabric.WarnSyncInterval,
				}},
				MarkdownDescription: fmt.Sprintf("Seconds between two syncs, 0 to %d. Default: `%d`. 0 turns the "+
					"timer off; 1 to %d gives a warning. The status is judged by it, and "+
					"`terraform-provider-hedgehog sync` acts on it; NetBox does not.", fabric.MaxSyncInterval,
					fabric.DefaultSyncInterval, fabric.ShortSyncInterval-1),
			},
			"tags": schema.SetAttribute{
				Optional: true, ElementType: types.StringType,
				Validators: []validator.Set{setvalidator.NoNullValues(), setvalidator.ValueStringsAre(tagNameRule())},
				MarkdownDescription: "Names of NetBox tags, which must exist (1 to 100 characters, case-sensitive). " +
					"The provider's `default_tags` are added. Left out, the fabric has only those: a tag that was " +
					"added by hand in NetBox is removed. A name in another Unicode normal form is the same name: " +
					"NetBox gets the tag as it spells it.",
			},
			"tags_all": schema.SetAttribute{
				Computed: true, ElementType: types.StringType,
				MarkdownDescription: "Names of all tags of the fabric: `tags` and the provider's `default_tags`. " +
					"Terraform shows them also where `tags` come from a sensitive variable.",
			},
			"custom_fields": schema.DynamicAttribute{
				Optional: true, Validators: []validator.Dynamic{customFieldsShape{}},
				MarkdownDescription: "Values of NetBox's custom fields by their names: an object or a map. A text, " +
					"long text, URL, date (`\"2026-01-31\"`), date with time (`\"2026-01-31T08:15:00Z\"`) or " +
					"selection is a string, a multiple selection a list of strings, an integer or decimal a number, " +
					"an object its id, multiple objects a list of ids, JSON any value. Only the fields named here " +
					"are managed: one that is removed is cleared, one that was never named is left alone. `null` " +
					"clears a field and keeps it empty. In a JSON field, `\"\"` and `[]` are values. In any other " +
					"type `\"\"` is the same as `null`, and so is `[]` in one that takes a list. Times and dates are " +
					"compared as such, texts without blanks around them. A reference to an object that was deleted " +
					"in NetBox is shown as a change. Fields, types and choices are checked when planning where the " +
					"token may read NetBox's definitions (`extras.view_customfield`, " +
					"`extras.view_customfieldchoiceset`), and when applying otherwise; without them, `\"\"` is sent " +
					"as `null`. To ignore changes of one field, write `ignore_changes = [custom_fields.owner]` for " +
					"an object and `[custom_fields[\"owner\"]]` for a map: with an index, Terraform ignores all " +
					"fields of an object. NetBox keeps about 16 digits of a decimal.",
			},
			"deletion_policy": schema.StringAttribute{
				Optional: true, Computed: true, Default: stringdefault.StaticString(deletionDelete),
				Validators: []validator.String{oneOf(deletionDelete, deletionDecommission, deletionAbandon)},
				MarkdownDescription: "What a destroy does: `delete` removes the fabric with every object that was " +
					"imported into it; `decommission` sets its status to `decommissioned` and switches sync off, and " +
					"leaves it in NetBox; `abandon` leaves it untouched. Default: `delete`. It is read from the " +
					"state, so a change must be applied before the destroy. Names are unique in NetBox: `-replace` " +
					"works with `delete` only, and `create_before_destroy` not at all.",
			},
			"sync_status": schema.StringAttribute{
				Computed: true,
				MarkdownDescription: "Derived sync status at the last refresh: `not_configured`, `disabled`, " +
					"`error`, `never_synced`, `out_of_sync` or `in_sync`. The data source `hedgehog_fabric` gives " +
					"the reason with it.",
			},
			"connection_status": schema.StringAttribute{
				Computed: true,
				MarkdownDescription: "Connection to the Kubernetes server as a sync has stored it: `unknown`, " +
					"`connected`, `disconnected` or `error`.",
			},
			"last_sync": schema.StringAttribute{
				Computed: true, CustomType: timetypes.RFC3339Type{},
				MarkdownDescription: "Time of the last successful sync (RFC 3339, UTC); null when there was none.",
			},
			"timeouts": resourceTimeouts(map[string]string{
				"create": timeoutDescription, "update": timeoutDescription, "delete": timeoutDescription,
				"read": timeoutDescription + " What a plan reads has this time too, and no more than `create`, " +
					"`update` or `delete`, whichever it plans.",
			}),
		},
	}
}
