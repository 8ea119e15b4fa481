package netbox

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

func TestChanges_ofOneFabricTheLatestFirst(t *testing.T) {
	for _, published := range []bool{false, true} {
		s := startNetBox(t, netboxtest.Options{})
		client := newClient(t, s.URL())
		s.AddFabric(map[string]any{"name": "alpha", "kubernetes_token": "secret-token-1"})
		s.AddFabric(map[string]any{"name": "beta"})
		const writes = changesLimit + 5
		for i := range writes {
			for id := range int64(2) {
				read, err := client.Fabrics().Get(t.Context(), id+1)
				if err != nil {
					t.Fatal(err)
				}
				set := map[string]any{"connection_error": fmt.Sprintf("error %d of %d", i, id+1)}
				if _, err := client.Fabrics().WriteSync(t.Context(), SyncWrite{ID: id + 1,
					Revision: RevisionOf(&read.Fabric),
					Set:      set}); err != nil {
					t.Fatal(err)
				}
			}
		}
		s.SetPublishedDisplayURL(published)
		if changes, err := client.Fabrics().Changes(t.Context(), 1, s.Now()); err != nil ||
			len(changes) != changesLimit {
			t.Errorf("got %d changes since now, %v", len(changes), err)
		}
		changes, err := client.Fabrics().Changes(t.Context(), 1, time.Time{})
		if err != nil || len(changes) != writes {
			t.Fatalf("got %d changes, %v", len(changes), err)
		}
		for i, c := range changes {
			n := writes - 1 - i
			before := fmt.Sprintf("error %d of 1", n-1)
			if n == 0 {
				before = ""
			}
			if c.Before["connection_error"] != before || c.After["connection_error"] != fmt.Sprintf("error %d of 1",
				n) ||
				c.Time.IsZero() {
				t.Errorf("change %d at %s: got %v and then %v", i, c.Time, c.Before["connection_error"],
					c.After["connection_error"])
			}
		}
	}
}

func TestChanges_withoutPermissionOrSense(t *testing.T) {
	s := startNetBox(t, netboxtest.Options{})
	limited := newClient(t, s.URL(), func(c *rest.Config) { c.APIToken = netboxtest.NoChangesToken })
	if _, err := limited.Fabrics().Changes(t.Context(), 1, time.Time{}); err == nil {
		t.Error("got no error")
	} else if _, forbidden := errors.AsType[*rest.ForbiddenError](err); !forbidden {
		t.Errorf("got the error %T: %v", err, err)
	}
	// An error must not show an old token of the fabric.
	odd := startServer(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"results":[{"prechange_data":{"kubernetes_token":"secret-token-1"},"time":7}]}`))
	})
	_, err := newClient(t, odd.URL).Fabrics().Changes(t.Context(), 1, time.Time{})
	if _, foreign := errors.AsType[*rest.UnexpectedAnswerError](err); !foreign ||
		strings.Contains(fmt.Sprintf("%v %+v", err,
			err), "secret-token") {
		t.Errorf("got the error %T: %v", err, err)
	}
}
