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
		MarkdownDescription: findByNameText + " A single request is enough for an `id`.",
	}
	attributes["custom_fields"] = schema.DynamicAttribute{
		Computed: true,
		MarkdownDescription: "Values of NetBox's custom fields by their names, an object: a selection is the " +
			"choice's value, an object its id. A field without a value is null.",
	}
	attributes["timeouts"] = dataSourceTimeouts()
	resp.Schema = schema.Schema{
		MarkdownDescription: "A Hedgehog fabric in NetBox with one consistent sync status, derived from the facts at " +
			"the time of NetBox's answer (`observed_at`). The Kubernetes token is not part of it.",
		Attributes: attributes,
	}
}

// fabricStatusAttributes are the attributes of a fabric that is read, all computed.
func fabricStatusAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"id":                   shownNumber("Numeric id of the fabric in NetBox."),
		"name":                 shownText("Name of the fabric."),
		"url":                  shownText("URL of the fabric in NetBox's REST API."),
		"web_url":              shownText(webURLText),
		"description":          shownText("Description; empty when there is none."),
		"status":               shownText("Lifecycle status: `planned`, `active`, `maintenance` or `decommissioned`."),
		"kubernetes_server":    shownText("URL of the fabric's Kubernetes API server; empty when none is configured."),
		"kubernetes_namespace": shownText("Kubernetes namespace that holds the fabric's objects."),
		"kubernetes_ca_cert": shownText("Certificate authorities of the Kubernetes API server in PEM; empty when " +
			"none are stored."),
		"kubernetes_token_set": shownBool("Whether a Kubernetes token is stored; null where NetBox does not show " +
			"tokens. The token itself is not read into the state."),
		"sync_enabled":  shownBool("Whether the fabric is to be synced."),
		"sync_interval": shownNumber("Seconds between two syncs; 0 means that there is no timer."),

		"tags": schema.SetAttribute{Computed: true, ElementType: types.StringType,
			MarkdownDescription: "Names of the fabric's NetBox tags."},

		"sync_status": shownText("Derived sync status: `not_configured`, `disabled`, `error`, `never_synced`, " +
			"`out_of_sync` or `in_sync`. It never contradicts the configuration."),
		"sync_status_display": shownText("The derived status as a person reads it, such as `Out of Sync`."),
		"sync_status_badge": shownText("Bootstrap classes of the derived status's badge, such as `bg-danger " +
			"text-white`."),
		"sync_status_reason": shownText("Why `sync_status` is what it is, in one sentence."),
		"stored_sync_status": shownText("Sync status that NetBox has stored, whatever the facts say: `never_synced`, " +
			"`in_sync`, `out_of_sync`, `syncing` or `error`; older data may hold others."),
		"consistent": shownBool("Whether the stored record is free of contradictions."),
		"inconsistencies": schema.ListAttribute{
			Computed: true, ElementType: types.StringType,
			MarkdownDescription: "Where the stored record contradicts itself, a sentence each; empty when it is " +
				"consistent. Age alone never is an inconsistency.",
		},
		"sync_in_progress": shownBool(fmt.Sprintf("Whether a sync is running: NetBox stores `syncing`, and the record "+
			"changed less than %d seconds ago.",
			int(fabric.LockStaleAfter.Seconds()))),
		"last_sync": shownTime("Time of the last successful sync; null when there was none."),
		"last_sync_age": shownNumber("Age of the last sync in whole seconds at `observed_at`; null when there was " +
			"none."),
		"sync_due": shownBool("Whether the fabric's timer asks for a sync: it is configured and enabled, has an " +
			"interval above 0, and was never synced or not within the interval."),
		"next_sync_at": shownTime("When the timer asks for the next sync: `last_sync` plus `sync_interval`; null " +
			"without a timer or before the first sync."),
		"observed_at": shownTime("NetBox's time of the answer, by which the status was derived."),
		"connection_status": shownText("Connection to the Kubernetes server as a sync has stored it: `unknown`, " +
			"`connected`, `disconnected` or `error`."),
		"connection_error": shownText("Why the connection failed; empty when it did not."),
		"sync_error":       shownText("Why the last sync failed; empty when it did not."),
		"counts": schema.SingleNestedAttribute{
			Computed: true, MarkdownDescription: "Numbers of imported objects, as the last sync has stored them.",
			Attributes: map[string]schema.Attribute{
				"cached_crd_count": shownNumber("Objects of all kinds."),
				"cached_vpc_count": shownNumber("VPCs, in the field that the plugin calls cached; a sync of this " +
					"provider writes the same number into both."),
				"cached_connection_count": shownNumber("Connections, in the field that the plugin calls cached; a " +
					"sync of this provider writes the same number into both."),
				"connections_count": shownNumber("Connections."),
				"servers_count":     shownNumber("Servers."),
				"switches_count":    shownNumber("Switches."),
				"vpcs_count":        shownNumber("VPCs."),
			},
		},
		"created":      shownTime("Time when the fabric was created in NetBox."),
		"last_updated": shownTime("Time of the last change of the record in NetBox."),
	}
}
