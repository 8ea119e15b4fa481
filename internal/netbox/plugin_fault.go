package netbox

import (
	"net/http"
	"strings"

	"github.com/hashicorp/go-version"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

// publishedPluginVersion is the oldest NetBox on which fabrics can be written with the
// published plugin.
const publishedPluginVersion = "4.5.2"

// pluginException is the exception in NetBox's 500 for the plugin's display_url fault.
const pluginException = "ImproperlyConfigured"

// PluginBug reports whether an error is the plugin's display_url fault.
func PluginBug(e *rest.ServerError) bool { return e.Exception == pluginException }

// PluginNeedsPatch reports whether every write fails because NetBox is too old for the
// published plugin.
func PluginNeedsPatch(e *rest.ServerError) bool {
	if e.Request.Method != http.MethodDelete {
		return true
	}
	v, err := version.NewVersion(e.NetBox)
	if err == nil && len(strings.Split(e.NetBox, ".")) < 3 { // 4.5 may be any 4.5
		return v.LessThan(version.Must(version.NewVersion(publishedPluginVersion[:3])))
	}
	return err == nil && v.Core().LessThan(version.Must(version.NewVersion(publishedPluginVersion)))
}
