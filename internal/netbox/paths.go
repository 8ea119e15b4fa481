package netbox

import (
	"net/url"
	"strconv"
)

// The paths of the plugin's API.
const (
	pluginPath  = "/api/plugins/hedgehog/"
	fabricsPath = pluginPath + "fabrics/"
	// fabricPages has the pages of the fabrics in NetBox's web interface.
	fabricPages = "/plugins/hedgehog/fabrics/"
	// branchParameter chooses the branch of NetBox Branching for a page and those after it.
	branchParameter = "_branch"
)

func fabricPath(id int64) string { return fabricsPath + strconv.FormatInt(id, 10) + "/" }

// FabricPage returns the URL of a fabric's page in NetBox's web interface. It is under the
// configured server URL, and not under the host of an answer's url field: a proxy may have
// asked NetBox for a host that no browser reaches. In a branch, which is known once a
// fabric was read, it leads into that branch: a browser would show main otherwise.
func (c *Client) FabricPage(id int64) string {
	page := c.rest.URL(fabricPages + strconv.FormatInt(id, 10) + "/")
	if branch := c.rest.Branch(); branch.SchemaID != "" {
		page += "?" + url.Values{branchParameter: {branch.SchemaID}}.Encode()
	}
	return page
}

// withoutDisplayURL goes with every request: the published plugin's serializers
// hold a field whose URL has no name, and answer 500 wherever it is rendered.
func withoutDisplayURL() url.Values { return url.Values{"omit": {"display_url"}} }
