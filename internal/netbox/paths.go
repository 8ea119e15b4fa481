package netbox

import (
	"net/url"
	"strconv"
)

// The paths of the plugin's API.
const (
	pluginPath  = "/api/plugins/hedgehog/"
	fabricsPath = pluginPath + "fabrics/"
)

func fabricPath(id int64) string { return fabricsPath + strconv.FormatInt(id, 10) + "/" }

// withoutDisplayURL goes with every request: the published plugin's serializers
// hold a field whose URL has no name, and answer 500 wherever it is rendered.
func withoutDisplayURL() url.Values { return url.Values{"omit": {"display_url"}} }
