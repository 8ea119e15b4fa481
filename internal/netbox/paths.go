package netbox

import (
	"net/url"
	"strconv"
)

// Paths of the plugin's API.
const (
	pluginPath  = "/api/plugins/hedgehog/"
	fabricsPath = pluginPath + "fabrics/"
	// fabricPages is the path of the fabrics in NetBox's web interface.
	fabricPages = "/plugins/hedgehog/fabrics/"
	// branchParameter selects the branch of NetBox Branching for a page and those after it.
	branchParameter = "_branch"
)

func fabricPath(id int64) string { return fabricsPath + strconv.FormatInt(id, 10) + "/" }

// FabricPage returns the URL of a fabric's page in NetBox's web interface. It starts with
// the configured server URL, not with the host in an answer's url field: a proxy may have
// asked NetBox for a host that no browser reaches. In a branch, which is known once a
// fabric was read, it leads into that branch. Otherwise, a browser would show main.
func (c *Client) FabricPage(id int64) string {
	page := c.rest.URL(fabricPages + strconv.FormatInt(id, 10) + "/")
	if branch := c.rest.Branch(); branch.SchemaID != "" {
		page += "?" + url.Values{branchParameter: {branch.SchemaID}}.Encode()
	}
	return page
}

// withoutDisplayURL goes with every request. The published plugin's serializers have a
// field whose URL has no name, and NetBox answers 500 wherever it is rendered.
func withoutDisplayURL() url.Values { return url.Values{"omit": {"display_url"}} }
