package fabricsync

import "testing"

func TestNotStored_groupsEqualReasons(t *testing.T) {
	k := KindResult{InCluster: 400, Failed: 300, Failures: []string{"a: too long", "b: too long", "c: no such tag",
		"d: too long", "e"}}
	const want = "NetBox did not store 300 of 400 objects: a, b, d: too long; c: no such tag; e; and 295 more"
	if got := k.notStored(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
