package netbox

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

var errTheirs = errors.New("changed by another user")

// syncWriteOf returns a sync's write based on read. After another user's change it fails with
// follow, or continues if follow is nil.
func syncWriteOf(read *Read, follow error, set map[string]any) SyncWrite {
	return SyncWrite{ID: 1, Revision: RevisionOf(&read.Fabric), Set: set,
		MayFollow: func(*Read) error { return follow }}
}

func TestWriteSync_sendsOneRequestWithTheTag(t *testing.T) {
	s, c, read := alphaRead(t)
	got, err := c.Fabrics().WriteSync(t.Context(), syncWriteOf(read, errTheirs, map[string]any{"sync_status": "syncing",
		"last_sync": recordedTime}))
	if err != nil || got.Fabric.StoredSyncStatus != "syncing" || !got.Fabric.LastSync.Equal(recordedTime) {
		t.Fatalf("got %+v, %v", got, err)
	}
	wantRequests(t, s, "PATCH")
	if r := s.Requests()[0]; r.Header.Get("If-Match") != tagOf(read) ||
		string(r.Body) != `{"last_sync":"2026-11-23T21:23:24Z","sync_status":"syncing"}` {
		t.Errorf("got the body %s with the If-Match %s", r.Body, r.Header.Get("If-Match"))
	}
}

func TestWriteSync_overAChange(t *testing.T) {
	for _, version := range []netboxtest.Version{netboxtest.V47, netboxtest.V45} {
		for _, follow := range []error{nil, errTheirs} {
			s, c, read := alphaReadOf(t, netboxtest.Options{Version: version})
			s.UpdateFabric(1, map[string]any{"description": "theirs"})
			_, err := c.Fabrics().WriteSync(t.Context(), syncWriteOf(read, follow,
				map[string]any{"sync_status": "in_sync"}))
			f, _ := s.Fabric(1)
			if !errors.Is(err, follow) || f["description"] != "theirs" ||
				(f["sync_status"] == "in_sync") != (follow == nil) {
				t.Errorf("%s, may follow: %t: %v, %v", version, follow == nil, f, err)
			}
		}
	}
}

// A record with the values of our write proves something only if a write of ours may have taken
// effect.
func TestWriteSync_sameWriteOfAnotherIsNotOurs(t *testing.T) {
	s, c, read := alphaRead(t)
	s.UpdateFabric(1, map[string]any{"sync_status": "syncing"})
	_, err := c.Fabrics().WriteSync(t.Context(), syncWriteOf(read, errTheirs, map[string]any{"sync_status": "syncing"}))
	if !errors.Is(err, errTheirs) {
		t.Error(err)
	}
	wantRequests(t, s, "PATCH GET")
}

// The old values of a record are no proof that a write took effect.
func TestWriteSync_lostAfterAChangeAndNotCommittedIsSentAgain(t *testing.T) {
	s, c, read := alphaRead(t)
	s.UpdateFabric(1, map[string]any{"description": "theirs"})
	intercept(s, "PATCH", func(n int, next http.Handler, w http.ResponseWriter, r *http.Request) {
		if n == 2 {
			cut(w)
		}
		next.ServeHTTP(w, r)
	})
	if _, err := c.Fabrics().WriteSync(t.Context(), syncWriteOf(read, nil,
		map[string]any{"sync_status": "never_synced"})); err != nil {
		t.Fatal(err)
	}
	wantRequests(t, s, "PATCH GET PATCH GET PATCH")
}

func TestWriteSync_masksSecrets(t *testing.T) {
	s, c, read := alphaRead(t)
	c.KeepSecret("another-token-77")
	set := map[string]any{"sync_error": "service-account-token-1 and another-token-77 were refused"}
	if _, err := c.Fabrics().WriteSync(t.Context(), syncWriteOf(read, errTheirs, set)); err != nil {
		t.Fatal(err)
	}
	if f, _ := s.Fabric(1); f["sync_error"] != "(redacted) and (redacted) were refused" ||
		c.Mask("another-token-77") != "(redacted)" {
		t.Errorf("got sync_error %v", f["sync_error"])
	}
	if !strings.Contains(set["sync_error"].(string), "token-77") {
		t.Error("the caller's values were changed")
	}
}
