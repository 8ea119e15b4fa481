package netbox

import (
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

func TestNeededPermission(t *testing.T) {
	const netbox = "https://netbox.example.com/netbox"
	for _, test := range []struct{ method, path, action, object string }{
		{http.MethodGet, fabricsPath + "?limit=1000", "view", "Hedgehog Fabric Manager: Hedgehog Fabric"},
		{http.MethodPost, fabricsPath, "add", "Hedgehog Fabric Manager: Hedgehog Fabric"},
		{http.MethodPatch, fabricPath(7) + "?omit=display_url", "change", "Hedgehog Fabric Manager: Hedgehog Fabric"},
		{http.MethodDelete, pluginPath + "vpc-peerings/", "delete", "Hedgehog Fabric Manager: VPC Peering"},
		{http.MethodGet, tagsPath + "?limit=1000", "view", "Extras: Tag"},
		{http.MethodGet, customFieldsPath, "view", "Extras: Custom Field"},
		{http.MethodGet, choiceSetsPath + "7/", "view", "Extras: Custom Field Choice Set"},
		{http.MethodGet, changesPath, "view", "Core: Object Change"},
		{http.MethodGet, "/api/plugins/branching/branches/?name=x", "view", "NetBox Branching: Branch"},
		{http.MethodGet, "/api/status/", "view", ""},
		{http.MethodGet, pluginPath + "unheard-of/", "view", ""},
	} {
		action, object := NeededPermission(rest.Request{Method: test.method, URL: netbox + test.path})
		if action != test.action || object != test.object {
			t.Errorf("%s %s: %s on %q, want %s on %q", test.method, test.path, action, object, test.action, test.object)
		}
	}
}

// The index page lists the permissions under the same names.
func TestNeededPermission_ofEachKindIsInTheDocuments(t *testing.T) {
	page, err := os.ReadFile("../../templates/index.md.tmpl")
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range fabric.Kinds() {
		_, object := NeededPermission(rest.Request{Method: http.MethodGet, URL: pluginPath + kind.Endpoint + "/"})
		_, name, _ := strings.Cut(object, ": ")
		if name == "" || !strings.Contains(string(page), "*"+name+"*") {
			t.Errorf("%s: %q is not in the table of permissions", kind.Name, object)
		}
	}
}
