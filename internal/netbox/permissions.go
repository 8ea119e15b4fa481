package netbox

import (
	"net/http"
	"strings"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

// NeededPermission returns the permission that a request needs, as NetBox's form for permissions
// names it: an action such as view, and an object type such as "". The object type is
// "" if the path of the request is not known.
func NeededPermission(r rest.Request) (action, object string) {
	action = map[string]string{http.MethodPost: "add", http.MethodPatch: "change",
		http.MethodDelete: "delete"}[r.Method]
	if action == "" {
		action = "view"
	}
	if _, rest, ours := strings.Cut(r.URL, pluginPath); ours {
		endpoint, _, _ := strings.Cut(rest, "/")
		if name := pluginTypes[endpoint]; name != "" {
			object = "Hedgehog Fabric Manager: " + name
		}
		return action, object
	}
	for path, name := range otherTypes {
		if strings.Contains(r.URL, path) {
			return action, name
		}
	}
	return action, ""
}

// pluginTypes are the names of the plugin's object types, by their endpoints.
var pluginTypes = map[string]string{
	"fabrics":              "Hedgehog Fabric",
	"vpcs":                 "VPC",
	"externals":            "External",
	"external-attachments": "External Attachment",
	"external-peerings":    "External Peering",
	"ipv4-namespaces":      "IPv4 Namespace",
	"vpc-attachments":      "VPC Attachment",
	"vpc-peerings":         "VPC Peering",
	"connections":          "Connection",
	"servers":              "Server",
	"switches":             "Switch",
	"switch-groups":        "Switch Group",
	"vlan-namespaces":      "VLAN Namespace",
}

// otherTypes are the names of other object types, by the paths of their lists.
var otherTypes = map[string]string{
	tagsPath:                           "Extras: Tag",
	customFieldsPath:                   "Extras: Custom Field",
	choiceSetsPath:                     "Extras: Custom Field Choice Set",
	changesPath:                        "Core: Object Change",
	"/api/plugins/branching/branches/": "NetBox Branching: Branch",
}
