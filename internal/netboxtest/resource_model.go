package netboxtest

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
)

// resourceName matches what the plugin accepts as the name of a resource or namespace.
var resourceName = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?$`)

// resourceModels are the plugin's copies of Kubernetes resources. They share one set of fields and
// have no default ordering.
func resourceModels() []*model {
	var models []*model
	for _, k := range []struct {
		endpoint, name, verbose string
		broken                  bool // the published plugin's display_url; from the recordings of 4.6.8
	}{
		{"connections", "Connection", "Connection", false},
		{"external-attachments", "ExternalAttachment", "External Attachment", true},
		{"external-peerings", "ExternalPeering", "External Peering", true},
		{"externals", "External", "External", true},
		{"ipv4-namespaces", "IPv4Namespace", "IPv4 Namespace", false},
		{"servers", "Server", "Server", false},
		{"switch-groups", "SwitchGroup", "Switch Group", false},
		{"switches", "Switch", "Switch", false},
		{"vlan-namespaces", "VLANNamespace", "VLAN Namespace", false},
		{"vpc-attachments", "VPCAttachment", "VPC Attachment", true},
		{"vpc-peerings", "VPCPeering", "VPC Peering", true},
		{"vpcs", "VPC", "VPC", false},
	} {
		models = append(models, resourceModel(k.endpoint, k.name, k.verbose, k.broken))
	}
	return models
}

func resourceModel(endpoint, name, verbose string, broken bool) *model {
	object := func() any { return map[string]any{} }
	return &model{
		endpoint:   endpoint,
		name:       name,
		verbose:    verbose,
		objectType: pluginName + "." + lower(name),
		together:   []string{"fabric", "namespace", "name"},
		brokenURL:  broken,
		page:       pageOf(endpoint),
		hasURL:     true,
		label:      resourceLabel,
		fields: []field{
			{name: "fabric", kind: fabricKind, required: true},
			{name: "name", required: true, max: 253,
				badName: "Name must be a valid Kubernetes resource name (DNS-1123 compliant)"},
			{name: "namespace", max: 253, initial: "default", badName: "Namespace must be a valid Kubernetes " +
				"namespace name"},
			{name: "spec", kind: jsonKind, required: true},
			{name: "labels", kind: jsonKind, blank: true, initial: object()},
			{name: "annotations", kind: jsonKind, blank: true, initial: object()},
			{name: "kubernetes_status", kind: choiceKind, initial: "unknown",
				choices: []string{"unknown", "pending", "applied", "live", "error", "deleting"}},
			{name: "kubernetes_uid", blank: true, max: 36, initial: ""},
			{name: "kubernetes_resource_version", blank: true, max: 50, initial: ""},
			{name: "last_applied", kind: datetimeKind, null: true},
			{name: "last_synced", kind: datetimeKind, null: true},
			{name: "sync_error", blank: true, initial: ""},
			{name: "auto_sync", kind: booleanKind, initial: true},
		},
	}
}

// pageOf returns the last part of a page's path, or "" if it is the endpoint.
func pageOf(endpoint string) string {
	if endpoint == "ipv4-namespaces" {
		return "ipv4namespaces"
	}
	return ""
}

// resourceLabel returns the display of a resource: its name and that of its fabric.
func resourceLabel(st *store, o *object) string {
	fabric := ""
	id, err := strconv.ParseInt(stringOf(o.all()["fabric"]), 10, 64)
	if f := st.tables[fabricEndpoint].get(id); err == nil && f != nil {
		fabric = stringOf(f.values["name"])
	}
	return fmt.Sprintf("%s (%s)", stringOf(o.all()["name"]), fabric)
}

// deleteFabric removes a fabric and, like the database's cascade, every resource in it. It returns
// what it removed, the fabric last.
func (s *Server) deleteFabric(id int64) (removed []removedObject) {
	for _, endpoint := range slices.Sorted(maps.Keys(s.models)) {
		m := s.models[endpoint]
		if endpoint == fabricEndpoint {
			continue
		}
		for _, o := range s.store.table(m).inFabric(id) {
			removed = append(removed, removedObject{m, o, m.label(&s.store, o)})
			s.store.table(m).drop(o.id)
		}
	}
	fabrics := s.models[fabricEndpoint]
	if o := s.store.table(fabrics).get(id); o != nil {
		removed = append(removed, removedObject{fabrics, o, fabrics.label(&s.store, o)})
		s.store.table(fabrics).drop(id)
	}
	return removed
}

type removedObject struct {
	model *model
	row   *object
	repr  string
}
