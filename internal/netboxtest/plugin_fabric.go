package netboxtest

import "encoding/json"

const fabricEndpoint = "fabrics"

// pluginModels are the models that the plugin serves, by endpoint.
func pluginModels() map[string]*model {
	models := map[string]*model{fabricEndpoint: pluginFabric()}
	for _, m := range resourceModels() {
		models[m.endpoint] = m
	}
	return models
}

func pluginFabric() *model {
	zero := json.Number("0")
	count := func(name string) field { return field{name: name, kind: integerKind, initial: zero} }
	text := func(name string) field { return field{name: name, blank: true, initial: ""} }
	return &model{
		endpoint:   fabricEndpoint,
		name:       "HedgehogFabric",
		verbose:    "Hedgehog Fabric",
		objectType: pluginName + ".hedgehogfabric",
		ordering:   "name",
		brokenURL:  true,
		hasURL:     true,
		label:      func(_ *store, o *object) string { return stringOf(o.values["name"]) },
		fields: []field{
			{name: "name", required: true, unique: true, max: 100},
			text("description"),
			{name: "status", kind: choiceKind, initial: "planned",
				choices: []string{"planned", "active", "maintenance", "decommissioned"}},
			{name: "connection_status", kind: choiceKind, initial: "unknown",
				choices: []string{"unknown", "connected", "disconnected", "error"}},
			{name: "sync_status", kind: choiceKind, initial: "never_synced",
				choices: []string{"never_synced", "in_sync", "out_of_sync", "syncing", "error"}},
			{name: "kubernetes_server", kind: urlKind, blank: true, max: 200, initial: ""},
			text("kubernetes_token"),
			text("kubernetes_ca_cert"),
			{name: "kubernetes_namespace", max: 253, initial: "default"},
			{name: "sync_enabled", kind: booleanKind, initial: true},
			{name: "sync_interval", kind: integerKind, initial: json.Number("300")},
			{name: "last_sync", kind: datetimeKind, null: true},
			text("sync_error"),
			text("connection_error"),
			count("cached_crd_count"), count("cached_vpc_count"), count("cached_connection_count"),
			count("connections_count"), count("servers_count"), count("switches_count"), count("vpcs_count"),
		},
	}
}

// NewerFields returns the names of a fabric's fields that the stand-in and the fixture plugin
// have, and that the recorded plugin did not have yet. Comparisons with recordings ignore them.
func NewerFields() []string { return nil }
