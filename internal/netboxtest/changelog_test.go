package netboxtest

import (
	"testing"
)

const objectChanges = "/api/core/object-changes/"

func TestObjectChanges_publishedPluginBreaksThemWhileTheFabricIsThere(t *testing.T) {
	for version, cut := range map[Version]int{V47: 200, V44: 500} {
		s := start(t, Options{Version: version})
		do(t, s, "POST", fabricsPath, `{"name":"alpha"}`).must(t, 201)
		s.SetPublishedDisplayURL(true)
		do(t, s, "GET", objectChanges, "").must(t, 500)
		do(t, s, "GET", objectChanges+"?fields=id,message", "").must(t, cut)
		s.DeleteFabric(1)
		do(t, s, "GET", objectChanges, "").must(t, 200)
	}
}
