package netbox

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

var errTheirs = errors.New("changed by somebody else")

// syncWriteOf is a write over a fabric that was read, which follows on a change
// if allowed.
func syncWriteOf(read *Read, follow error, set map[string]any) SyncWrite {
	return SyncWrite{ID: 1, Mark: MarkOf(&read.Fabric), Set: set, MayFollow: func(*Read) error { return follow }}
}

func TestWriteSync_sendsOneRequestWithTheTag(t *testing.T) {
	s, c, read := alphaRead(t)
	got, err := c.Fabrics().WriteSync(t.Context(), syncWriteOf(read, errTheirs, map[string]any{"sync_status": "syncing",
		"last_sync": recordedTime}))
	if err != nil || got.Fabric.StoredSyncStatus != "syncing" || !got.Fabric.LastSync.Equal(recordedTime) {
		t.Fatalf("%+v, %v", got, err)
	}
	wantRequests(t, s, "PATCH")
	if r := s.Requests()[0]; r.Header.Get("If-Match") != tagOf(read) ||
		string(r.Body) != `{"last_sync":"2026-11-23T21:23:24Z","sync_status":"syncing"}` {
		t.Errorf("%s with %s", r.Body, r.Header.Get("If-Match"))
	}
}

func TestWriteSync_overAChange(t *testing.T) {
	for _, old := range []bool{false, true} {
		for _, follow := range []error{nil, errTheirs} {
			s := startNetBox(t, netboxtest.Options{})
			if old {
				asBefore46(s)
			}
			s.AddFabric(alphaCreate().Set)
			c := newClient(t, s.URL())
			read := mustGet(t, c, 1)
			s.UpdateFabric(1, map[string]any{"description": "theirs"})
			_, err := c.Fabrics().WriteSync(t.Context(), syncWriteOf(read, follow,
				map[string]any{"sync_status": "in_sync"}))
			f, _ := s.Fabric(1)
			if !errors.Is(err, follow) || f["description"] != "theirs" ||
				(f["sync_status"] == "in_sync") != (follow == nil) {
				t.Errorf("before 4.6: %t, may follow: %t: %v, %v", old, follow == nil, f, err)
			}
		}
	}
}

// A record that holds what was to be written is no proof that it was us, unless
// a write of ours may have taken effect.
func TestWriteSync_somebodyElsesSameWriteIsNotOurs(t *testing.T) {
	s, c, read := alphaRead(t)
	s.UpdateFabric(1, map[string]any{"sync_status": "syncing"})
	_, err := c.Fabrics().WriteSync(t.Context(), syncWriteOf(read, errTheirs, map[string]any{"sync_status": "syncing"}))
	if !errors.Is(err, errTheirs) {
		t.Error(err)
	}
	wantRequests(t, s, "PATCH GET")
}

func TestWriteSync_committedAndLostIsDone(t *testing.T) {
	set := map[string]any{"sync_status": "in_sync", "last_sync": recordedTime, "sync_error": "", "vpcs_count": int64(3)}
	for name, lose := range losses {
		s, c, read := alphaRead(t)
		intercept(s, "PATCH", func(_ int, next http.Handler, w http.ResponseWriter, r *http.Request) {
			commit(next, r)
			lose(w)
		})
		got, err := c.Fabrics().WriteSync(t.Context(), syncWriteOf(read, errTheirs, set))
		if err != nil || got.Fabric.Counts.VPCs != 3 {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
		wantRequests(t, s, "PATCH GET")
	}
}

func TestWriteSync_lostAndNotCommittedIsSentAgain(t *testing.T) {
	for name, lose := range losses {
		s, c, read := alphaRead(t)
		intercept(s, "PATCH", func(n int, next http.Handler, w http.ResponseWriter, r *http.Request) {
			if n == 1 {
				lose(w)
				return
			}
			next.ServeHTTP(w, r)
		})
		if _, err := c.Fabrics().WriteSync(t.Context(), syncWriteOf(read, errTheirs,
			map[string]any{"sync_status": "syncing"})); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		wantRequests(t, s, "PATCH GET PATCH")
	}
}

// What the record held before is no proof that a write took effect.
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
		t.Errorf("stored %v", f["sync_error"])
	}
	if !strings.Contains(set["sync_error"].(string), "token-77") {
		t.Error("the caller's values were changed")
	}
}
