package netbox

import (
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

func TestEntityTag(t *testing.T) {
	for text, want := range map[string]string{
		"2026-11-23T21:23:24.870898Z":      `W/"2026-11-23T21:23:24.870898+00:00"`,
		"2026-11-23T21:23:24.870000Z":      `W/"2026-11-23T21:23:24.870000+00:00"`,
		"2026-11-23T21:23:24.000001Z":      `W/"2026-11-23T21:23:24.000001+00:00"`,
		"2026-11-23T21:23:24Z":             `W/"2026-11-23T21:23:24+00:00"`,
		"2026-11-23T22:23:24.5+01:00":      `W/"2026-11-23T21:23:24.500000+00:00"`,
		"2026-11-24T02:53:24+05:30":        `W/"2026-11-23T21:23:24+00:00"`,
		"2026-11-23T16:23:24.870898-05:00": `W/"2026-11-23T21:23:24.870898+00:00"`,
	} {
		at, err := time.Parse(time.RFC3339Nano, text)
		if err != nil {
			t.Fatal(err)
		}
		if got := (Revision{LastUpdated: at}).EntityTag(); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
	if got := (Revision{}).EntityTag(); got != "" {
		t.Errorf("without a time: got %s", got)
	}
}

func TestEntityTag_isTheOneThatNetBoxGives(t *testing.T) {
	n := 0
	for _, file := range netboxtest.RecordingFiles(t, recordings, "*.json") {
		r := netboxtest.LoadRecording(t, file)
		f, err := decodeFabric(string(r.Response.Body))
		if tag := r.Response.Headers["ETag"]; err == nil && tag != "" {
			n++
			if got := RevisionOf(&f).EntityTag(); got != tag {
				t.Errorf("%s: got %s, want %s", r.Name, got, tag)
			}
		}
	}
	if n == 0 {
		t.Error("no recorded fabric has an ETag")
	}
}

func TestWrite_everyOneCarriesTheTagOfWhatWasRead(t *testing.T) {
	for name, updated := range map[string]time.Time{
		"microseconds":      recordedTime.Add(870898 * time.Microsecond),
		"zero microseconds": recordedTime,
	} {
		t.Run(name, func(t *testing.T) {
			s := startNetBox(t, netboxtest.Options{})
			s.AddFabric(map[string]any{"name": "alpha", "created": recordedTime, "last_updated": updated})
			c := newClient(t, s.URL())
			read := mustGet(t, c, 1)
			if tagOf(read) != (Revision{LastUpdated: updated}).EntityTag() {
				t.Errorf("got the tag %s, want %s", tagOf(read), Revision{LastUpdated: updated}.EntityTag())
			}
			u := changeOf(read, "description", "new")
			u.Revision.LastUpdated = u.Revision.LastUpdated.In(time.FixedZone("", 3600))
			read, err := c.Fabrics().Update(t.Context(), u)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := c.Fabrics().Delete(t.Context(), deleteOf(read)); err != nil {
				t.Fatal(err)
			}
			requests := s.Requests()
			if len(requests) != 4 {
				t.Fatalf("got %d requests, want status, GET, PATCH, DELETE", len(requests))
			}
			if got := requests[2].Header.Get("If-Match"); got != (Revision{LastUpdated: updated}).EntityTag() {
				t.Errorf("PATCH: got the If-Match %q", got)
			}
			if got := requests[3].Header.Get("If-Match"); got != tagOf(read) ||
				got == (Revision{LastUpdated: updated}).EntityTag() {
				t.Errorf("DELETE: got the If-Match %q, want %q", got, tagOf(read))
			}
		})
	}
}

func TestWrite_withoutARevisionReadsFirst(t *testing.T) {
	s, c, read := alphaRead(t)
	u := changeOf(read, "description", "new")
	u.Revision = Revision{}
	if _, err := c.Fabrics().Update(t.Context(), u); err != nil {
		t.Fatal(err)
	}
	wantRequests(t, s, "GET PATCH")
	if got := s.Requests()[1].Header.Get("If-Match"); got != tagOf(read) {
		t.Errorf("got the If-Match %q, want %q", got, tagOf(read))
	}
}

// syncMoves changes a fabric like a sync, which changes no managed attribute.
var syncMoves = map[string]any{"last_sync": recordedTime, "sync_status": "in_sync", "connection_status": "connected",
	"vpcs_count": 4}

func TestUpdate_overASyncGoesOnWithTheNewTag(t *testing.T) {
	s, c, read := alphaRead(t)
	s.UpdateFabric(1, syncMoves)
	updated, err := c.Fabrics().Update(t.Context(), changeOf(read, "description", "new"))
	if err != nil || updated.Fabric.Description != "new" || updated.Fabric.StoredSyncStatus != "in_sync" {
		t.Fatalf("got %+v, %v", updated, err)
	}
	wantRequests(t, s, "PATCH GET PATCH")
	if first, second := s.Requests()[0], s.Requests()[2]; first.Status != 412 ||
		second.Header.Get("If-Match") == first.Header.Get("If-Match") {
		t.Errorf("got status %d, and then the If-Match %q", first.Status, second.Header.Get("If-Match"))
	}
}

func TestDelete_overASyncGoesOnWithTheNewTag(t *testing.T) {
	s, c, read := alphaRead(t)
	s.UpdateFabric(1, syncMoves)
	if gone, err := c.Fabrics().Delete(t.Context(), deleteOf(read)); err != nil || gone || len(s.Fabrics()) != 0 {
		t.Fatalf("got gone %t, %v", gone, err)
	}
	wantRequests(t, s, "DELETE GET DELETE")
}

func TestUpdate_overAManagedChangeIsAConflict(t *testing.T) {
	s, c, read := alphaRead(t)
	s.UpdateFabric(1, map[string]any{"status": "maintenance", "kubernetes_token": "their-new-token",
		"sync_interval": 60})
	_, err := c.Fabrics().Update(t.Context(), changeOf(read, "sync_interval", int64(900)))
	e := wantError[*ConflictError](t, err)
	want := `[kubernetes_token: changed to another value (not shown) status: expected "active", is now "maintenance" ` +
		`sync_interval: was 600, planned 900, is now 60]`
	if got := fmt.Sprint(e.Differences); got != want || e.ID != 1 || e.Operation != "update" {
		t.Errorf("got %s, want %s", got, want)
	}
	wantRequests(t, s, "PATCH GET")
}

// A custom field disappears with its definition. Writes of other fields still work.
func TestUpdate_customFieldWithoutADefinition(t *testing.T) {
	gone := fabric.CustomField("gone")
	for planned, conflict := range map[string]bool{"was": false, "new": true} {
		s, c, read := alphaRead(t)
		s.UpdateFabric(1, syncMoves)
		update := changeOf(read, "description", "new")
		update.Before[gone] = fabric.CustomValue{Type: fabric.CustomUntyped, Value: "was"}
		update.Planned[gone] = fabric.CustomValue{Type: fabric.CustomUntyped, Value: planned}
		_, err := c.Fabrics().Update(t.Context(), update)
		if _, got := errors.AsType[*ConflictError](err); got != conflict || err != nil != conflict {
			t.Errorf("planned %q: got the error %v", planned, err)
		}
	}
}

func TestDelete_overAManagedChangeIsAConflict(t *testing.T) {
	s, c, read := alphaRead(t)
	s.UpdateFabric(1, map[string]any{"name": "renamed"})
	_, err := c.Fabrics().Delete(t.Context(), deleteOf(read))
	if e := wantError[*ConflictError](t, err); e.Differences[0].Field != "name" || e.Operation != "delete" ||
		len(s.Fabrics()) != 1 {
		t.Error(err)
	}
	wantRequests(t, s, "DELETE GET")
}

func TestUpdate_alreadyAsPlannedIsDone(t *testing.T) {
	s, c, read := alphaRead(t)
	s.UpdateFabric(1, map[string]any{"description": "new"})
	updated, err := c.Fabrics().Update(t.Context(), changeOf(read, "description", "new"))
	if err != nil || updated.Fabric.Description != "new" {
		t.Fatalf("got %+v, %v", updated, err)
	}
	wantRequests(t, s, "PATCH GET")
}

func TestUpdate_thatIsAlwaysTooLateGivesUp(t *testing.T) {
	s, c, read := alphaRead(t)
	intercept(s, "PATCH", func(_ int, next http.Handler, w http.ResponseWriter, r *http.Request) {
		s.UpdateFabric(1, map[string]any{"last_sync": recordedTime})
		next.ServeHTTP(w, r)
	})
	_, err := c.Fabrics().Update(t.Context(), changeOf(read, "description", "new"))
	wantError[*rest.PreconditionError](t, err)
	if s.Count("PATCH", "") != maxAttempts {
		t.Errorf("got %d PATCHes, want %d", s.Count("PATCH", ""), maxAttempts)
	}
}

func TestWrite_goneAtThePreconditionIsNotFound(t *testing.T) {
	s, c, read := alphaRead(t)
	for _, method := range []string{"PATCH", "DELETE"} {
		intercept(s, method, func(_ int, _ http.Handler, w http.ResponseWriter, _ *http.Request) {
			s.DeleteFabric(1)
			answerJSON(w, http.StatusPreconditionFailed, `{"detail":"Precondition failed."}`)
		})
	}
	_, err := c.Fabrics().Update(t.Context(), changeOf(read, "description", "new"))
	wantError[*rest.NotFoundError](t, err)
	if gone, err := c.Fabrics().Delete(t.Context(), deleteOf(read)); err != nil || !gone {
		t.Errorf("got gone %t, %v", gone, err)
	}
}

// before46 returns a client of a NetBox that has no ETags and ignores If-Match.
