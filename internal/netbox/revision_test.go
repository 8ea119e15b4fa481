package netbox

import (
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

// branchRecordings are answers of a NetBox with the plugin for branches.
const branchRecordings = "../netboxtest/testdata/netbox-branching/"

// recorded returns the fabric of a recorded answer, and its ETag.
func recorded(t *testing.T, name string) (fabric.Fabric, string) {
	t.Helper()
	files, err := filepath.Glob(branchRecordings + name + "*.json")
	if err != nil || len(files) != 1 {
		t.Fatalf("%s: got the files %q, %v", name, files, err)
	}
	r := netboxtest.LoadRecording(t, files[0])
	f, err := decodeFabric(string(r.Response.Body))
	if err != nil {
		t.Fatal(err)
	}
	return f, r.Response.Headers["ETag"]
}

func TestRevision_outlivesABranch(t *testing.T) {
	for what, files := range map[string][2]string{
		"merge of the branch that made the fabric":  {"067", "081"},
		"sync of a branch":                          {"119", "124"},
		"revert of a merged deletion":               {"119", "139"},
		"merge, revert and merge again":             {"128", "144"},
		"back from a branch that has the cut stamp": {"124", "119"},
	} {
		before, _ := recorded(t, files[0])
		after, tag := recorded(t, files[1])
		if before.Created.Equal(after.Created) || before.ID != after.ID {
			t.Errorf("%s: the recordings show no new creation stamp of one fabric", what)
		}
		if err := RevisionOf(&before).Matches(&after); err != nil {
			t.Errorf("%s: got the error %v", what, err)
		}
		if got := RevisionOf(&after).EntityTag(); got != tag {
			t.Errorf("%s: got the entity tag %s, want %s", what, got, tag)
		}
	}
}

// If last_updated is null, NetBox makes the tag from created.
func TestRevision_withoutLastUpdated(t *testing.T) {
	f, tag := recorded(t, "195")
	if !f.LastUpdated.IsZero() || RevisionOf(&f).EntityTag() != tag {
		t.Errorf("last_updated %s: got the tag %s, want %s", f.LastUpdated, RevisionOf(&f).EntityTag(), tag)
	}
}

func TestRevision_matches(t *testing.T) {
	at := recordedTime.Add(123456 * time.Microsecond)
	for name, test := range map[string]struct {
		stored, present time.Time
		same            bool
	}{
		"no stamp":                   {time.Time{}, at, true},
		"the same in another zone":   {at.In(time.FixedZone("", 7200)), at, true},
		"cut in NetBox":              {at, at.Truncate(time.Millisecond), true},
		"cut in the state":           {at.Truncate(time.Millisecond), at, true},
		"the next microsecond":       {at, at.Add(time.Microsecond), false},
		"another in one millisecond": {at, at.Add(-time.Microsecond), false},
		"rounded up":                 {at.Add(500 * time.Microsecond), at.Add(544 * time.Microsecond), false},
		"cut to a second":            {at, at.Truncate(time.Second), false},
		"the millisecond before":     {at, at.Truncate(time.Millisecond).Add(-time.Millisecond), false},
		"two whole milliseconds differ": {at.Truncate(time.Millisecond),
			at.Truncate(time.Millisecond).Add(time.Millisecond), false},
	} {
		err := (Revision{Created: test.stored}).Matches(&fabric.Fabric{Created: test.present})
		if _, other := errors.AsType[*AnotherFabricError](err); other == test.same {
			t.Errorf("%s: got the error %v", name, err)
		}
	}
}

// asMerged changes a fabric as a merge of its branch does.
func asMerged(t *testing.T, s *netboxtest.Server, read *Read) {
	t.Helper()
	cut := read.Fabric.Created.Truncate(time.Millisecond)
	s.UpdateFabric(read.Fabric.ID, map[string]any{"created": cut, "last_updated": nil})
}

func TestWrite_afterAMerge(t *testing.T) {
	for method, write := range alphaWrites {
		t.Run(method, func(t *testing.T) {
			s, c, _ := alphaRead(t)
			s.UpdateFabric(1, map[string]any{"created": recordedTime.Add(123456 * time.Microsecond)})
			read := mustGet(t, c, 1)
			asMerged(t, s, read)
			s.ResetRequests()
			if err := write(t.Context(), c, read); err != nil {
				t.Fatal(err)
			}
			wantRequests(t, s, method+" GET "+method)
		})
		t.Run(method+" of what was read after it", func(t *testing.T) {
			s, c, read := alphaRead(t)
			asMerged(t, s, read)
			read = mustGet(t, c, 1)
			s.ResetRequests()
			if err := write(t.Context(), c, read); err != nil {
				t.Fatal(err)
			}
			wantRequests(t, s, method)
		})
	}
}
