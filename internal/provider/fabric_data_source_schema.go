package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

func (d *fabricDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := fabricStatusAttributes()
	attributes["id"] = schema.Int64Attribute{
		Optional: true, Computed: true, Validators: idOrName(),
		MarkdownDescription: findByIDText,
	}
	attributes["name"] = schema.StringAttribute{
		Optional: true, Computed: true,
		MarkdownDescription: findByNameText + " Looking up an `id` takes one request; looking up a name reads the " +
			"list of fabrics.",
	}
	attributes["custom_fields"] = schema.DynamicAttribute{
		Computed: true,
		MarkdownDescription: "Values of NetBox's custom fields: an object with the fields' names as attributes. A " +
			"selection is the value of its choice, and an object is its id. A field without a value is null.",
	}
	attributes["timeouts"] = dataSourceTimeouts()
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads a Hedgehog fabric from NetBox, and works out its sync status from the facts in " +
			"the record.",
		Attributes: attributes,
	}
}

// fabricStatusAttributes returns the attributes that show a fabric, all of them computed.
func fabricStatusAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"id":                   shownNumber("Numeric id of the fabric in NetBox."),
		"name":                 shownText("Name of the fabric."),
		"url":                  shownText("URL of the fabric in NetBox's REST API."),
		"web_url":              shownText(webURLText),
		"description":          shownText("Description of the fabric. Empty if it has none."),
		"status":               shownText("Lifecycle status: `planned`, `active`, `maintenance` or `decommissioned`."),
		"kubernetes_server":    shownText("URL of the fabric's Kubernetes API server. Empty if it has none."),
		"kubernetes_namespace": shownText("Kubernetes namespace that holds the fabric's objects."),
		"kubernetes_ca_cert": shownText("CA certificates to trust for the Kubernetes API server, in PEM form. Empty " +
			"if NetBox stores none."),
		"kubernetes_token_set": shownBool("Whether NetBox stores a Kubernetes token for the fabric. Null if NetBox " +
			"does not show tokens. The data source never reads the token itself."),
		"sync_enabled":  shownBool("Whether the fabric should be synced."),
		"sync_interval": shownNumber("Time between two syncs, in seconds. 0 means that the fabric has no interval."),

		"tags": schema.SetAttribute{Computed: true, ElementType: types.StringType,
			MarkdownDescription: "Names of the fabric's NetBox tags."},

		"sync_status": shownText("Sync status, worked out from the facts: `not_configured`, `disabled`, `error`, " +
			"`never_synced`, `out_of_sync` or `in_sync`. A fabric without a server, for example, is always " +
			"`not_configured`."),
		"sync_status_display": shownText("Label of the sync status, such as `Out of Sync`."),
		"sync_status_badge": shownText("Bootstrap classes for a badge that shows the status, such as `bg-danger " +
			"text-white`."),
		"sync_status_reason": shownText("Why the fabric has this `sync_status`."),
		"stored_sync_status": shownText("Sync status that NetBox stores, whatever the facts say: `never_synced`, " +
			"`in_sync`, `out_of_sync`, `syncing` or `error`. Older data may have other values."),
		"consistent": shownBool("Whether the stored record is free of contradictions."),
		"inconsistencies": schema.ListAttribute{
			Computed: true, ElementType: types.StringType,
			MarkdownDescription: "Contradictions in the stored record, one sentence each. Empty if the record is " +
				"consistent. An old last sync is not a contradiction. The next sync resolves contradictions. If the " +
				"fabric has no server, see [Inconsistencies](../guides/sync-status.md#inconsistencies).",
		},
		"sync_in_progress": shownBool(fmt.Sprintf("Whether a sync is running: NetBox stores `syncing`, and the "+
			"record changed less than %d seconds ago.",
			int(fabric.LockStaleAfter.Seconds()))),
		"last_sync": shownTime("Time of the last successful sync. Null before the first one."),
		"last_sync_age": shownNumber("Age of the last successful sync at `observed_at`, in whole seconds. Null " +
			"before the first one."),
		"sync_due": shownBool("Whether a sync is due: the fabric has a server, an interval above 0 and " +
			"`sync_enabled`, and it was never synced, it is in error, or its last sync is at least as old as the " +
			"interval."),
		"next_sync_at": shownTime("Time when the next sync is due: `last_sync` plus `sync_interval`. Null without " +
			"an interval, before the first sync, while the fabric has no server or `sync_enabled` is false, and " +
			"while an error makes it due earlier."),
		"observed_at": shownTime("Time of NetBox's answer, by NetBox's clock. `sync_status` is worked out for this " +
			"time."),
		"connection_status": shownText("Connection to the Kubernetes server, as a sync stored it: `unknown`, " +
			"`connected`, `disconnected` or `error`."),
		"connection_error": shownText("Why the last sync could not use the cluster, as NetBox stores it. Empty if it " +
			"could."),
		"sync_error": shownText("Why the last sync failed. Empty if it did not fail."),
		"counts": schema.SingleNestedAttribute{
			Computed: true, MarkdownDescription: "Numbers of imported objects, as the last sync stored them.",
			Attributes: map[string]schema.Attribute{
				"cached_crd_count": shownNumber("Number of objects of all kinds."),
				"cached_vpc_count": shownNumber("Number of VPCs, from a second field of the plugin. The provider's " +
					"syncs write the same number to this field and to `vpcs_count`."),
				"cached_connection_count": shownNumber("Number of connections, from a second field of the plugin. " +
					"The provider's syncs write the same number to this field and to `connections_count`."),
				"connections_count": shownNumber("Number of connections."),
				"servers_count":     shownNumber("Number of servers."),
				"switches_count":    shownNumber("Number of switches."),
				"vpcs_count":        shownNumber("Number of VPCs."),
			},
		},
		"created":      shownTime("Time when the fabric was created in NetBox."),
		"last_updated": shownTime("Time when the record was last changed in NetBox."),
	}
}
