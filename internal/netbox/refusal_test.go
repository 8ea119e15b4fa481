package netbox

import (
	"errors"
	"net/http"
	"testing"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

// A 4xx means that nothing was written. The client neither verifies the write nor repeats it.
func TestWrite_refusalIsNotRepeated(t *testing.T) {
	for name, c := range map[string]struct {
		status     int
		kind, body string
	}{
		"409 of NetBox": {http.StatusConflict, "application/json", `{"detail":"Unable to delete object. 2 dependent ` +
			`objects were found."}`},
		"413 of a proxy": {http.StatusRequestEntityTooLarge, "text/html", "<html>too large</html>"},
	} {
		t.Run(name, func(t *testing.T) {
			s, client, read := alphaRead(t)
			intercept(s, "DELETE", func(_ int, _ http.Handler, w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", c.kind)
				w.Header().Set("API-Version", "4.7")
				w.WriteHeader(c.status)
				_, _ = w.Write([]byte(c.body))
			})
			_, err := client.Fabrics().Delete(t.Context(), deleteOf(read))
			if err == nil || rest.OutcomeUnknown(err) {
				t.Errorf("got the error %v", err)
			}
			if e, ok := errors.AsType[*rest.RefusedError](err); ok != (c.status == http.StatusConflict) ||
				(ok && e.Detail != "Unable to delete object. 2 dependent objects were found.") {
				t.Errorf("got the error %T %v", err, err)
			}
			wantRequests(t, s, "DELETE")
		})
	}
}

// If another user made the same change, its consequences must still be written.
func TestUpdate_withConsequencesIsDoneByOurselvesOnly(t *testing.T) {
	s, client, read := alphaRead(t)
	u := changeOf(read, "description", "new")
	u.Set["sync_status"], u.Consequences = "error", true
	s.UpdateFabric(read.Fabric.ID, map[string]any{"description": "new"})
	if _, err := client.Fabrics().Update(t.Context(), u); err != nil {
		t.Fatal(err)
	}
	if f, _ := s.Fabric(read.Fabric.ID); f["sync_status"] != "error" {
		t.Errorf("the consequence was not written: %v", f)
	}
}
