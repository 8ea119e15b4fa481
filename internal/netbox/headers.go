package netbox

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"golang.org/x/net/http/httpguts"
)

// ownHeaders are those that the client sets itself. If-Match above all: with another
// value, changes would be lost or never written.
var ownHeaders = []string{
	"Accept", "Accept-Encoding", "Authorization", "Connection", "Content-Length", "Content-Type", "Host", "If-Match", "If-None-Match",
	"Transfer-Encoding", "User-Agent", "X-Http-Method-Override",
}

// checkHeaders returns what is wrong with configured headers, in a sentence; "" where
// nothing is. A value may be secret and is not repeated.
func checkHeaders(headers map[string]string) string {
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		switch {
		case !httpguts.ValidHeaderFieldName(name):
			return fmt.Sprintf("headers (or NETBOX_HEADERS) has the name %q. A name of an HTTP header is made of letters, digits and hyphens.", name)
		case slices.ContainsFunc(ownHeaders, func(own string) bool { return strings.EqualFold(own, name) }):
			return fmt.Sprintf("headers (or NETBOX_HEADERS) sets %s, which the provider sets itself.", http.CanonicalHeaderKey(name))
		case !httpguts.ValidHeaderFieldValue(headers[name]):
			return fmt.Sprintf("headers (or NETBOX_HEADERS) has a value for %s that no HTTP header can have: it holds a line break or another control "+
				"character.", name)
		}
	}
	return ""
}
