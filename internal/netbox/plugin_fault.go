package netbox

import (
	"net/http"
	"strings"

	"github.com/hashicorp/go-version"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

// publishedPluginVersion is the oldest NetBox whose fabrics can be written while the
// plugin is as it was published.
const publishedPluginVersion = "4.5.2"

// pluginException is what NetBox answers with 500 where the plugin's display_url
// fault strikes.
const pluginException = "ImproperlyConfigured"

// PluginBug reports whether an error is the plugin's display_url fault.
func PluginBug(e *rest.ServerError) bool { return e.Exception == pluginException }

// PluginNeedsPatch reports whether the plugin's fault is in the way of every write: on
// a NetBox that is too old for the plugin as published.
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
