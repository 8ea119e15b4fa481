package netbox

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

// copyRequest returns a copy of a request that can be served later. The original stays usable.
func copyRequest(t *testing.T, r *http.Request) *http.Request {
	t.Helper()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Error(err)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	later := r.Clone(t.Context())
	later.Body = io.NopCloser(bytes.NewReader(body))
	return later
}

// alphaRead returns a stand-in with one fabric, and a client that has read it.
func alphaRead(t *testing.T) (*netboxtest.Server, *Client, *Read) {
	t.Helper()
	return alphaReadOf(t, netboxtest.Options{})
}

func alphaReadOf(t *testing.T, o netboxtest.Options) (*netboxtest.Server, *Client, *Read) {
	t.Helper()
	s := startNetBox(t, o)
	id := s.AddFabric(alphaCreate().Set)
	c := newClient(t, s.URL())
	read := mustGet(t, c, id)
	s.ResetRequests()
	return s, c, read
}

// wantRequests checks the requests' methods, such as "PATCH GET PATCH".
func wantRequests(t *testing.T, s *netboxtest.Server, want string) {
	t.Helper()
	var methods []string
	for _, r := range s.Requests() {
		methods = append(methods, r.Method)
	}
	if got := strings.Join(methods, " "); got != want {
		t.Errorf("got the requests %s, want %s", got, want)
	}
}

func TestUpdate_sendsOneRequest(t *testing.T) {
	s, c, read := alphaRead(t)
	updated, err := c.Fabrics().Update(t.Context(), changeOf(read, "description", "new"))
	if err != nil || updated.Fabric.Description != "new" || !updated.Fabric.LastUpdated.After(read.Fabric.LastUpdated) {
		t.Fatalf("got %+v, %v", updated, err)
	}
	wantRequests(t, s, "PATCH")
	if body := string(s.Requests()[0].Body); body != `{"description":"new"}` {
		t.Errorf("got the body %s", body)
	}
}

func TestUpdate_refusalsAreFinal(t *testing.T) {
	for status, body := range map[int]string{400: `{"description":["No."]}`, 403: `{"detail":"You do not have ` +
		`permission to perform this action."}`, 404: `{"detail":"Not found."}`} {
		s, c, read := alphaRead(t)
		intercept(s, "PATCH", func(_ int, _ http.Handler, w http.ResponseWriter, _ *http.Request) {
			answerJSON(w, status, body)
		})
		if _, err := c.Fabrics().Update(t.Context(), changeOf(read, "description", "new")); err == nil {
			t.Errorf("status %d: got no error", status)
		}
		wantRequests(t, s, "PATCH")
	}
}

func TestDelete_removes(t *testing.T) {
	s, c, read := alphaRead(t)
	gone, err := c.Fabrics().Delete(t.Context(), deleteOf(read))
	if err != nil || gone || len(s.Fabrics()) != 0 {
		t.Fatalf("got gone %t, %v, and NetBox has %d fabrics", gone, err, len(s.Fabrics()))
	}
	wantRequests(t, s, "DELETE")
	if body := s.Requests()[0].Body; len(body) != 0 {
		t.Errorf("got the body %q", body)
	}
}

func TestWrite_everyOneCarriesTheChangelogMessage(t *testing.T) {
	s := startNetBox(t, netboxtest.Options{})
	c := newClient(t, s.URL())
	c.SetChangelogMessage("by Terraform")
	read, err := c.Fabrics().Create(t.Context(), alphaCreate())
	if err != nil {
		t.Fatal(err)
	}
	if read, err = c.Fabrics().Update(t.Context(), changeOf(read, "description", "new")); err != nil {
		t.Fatal(err)
	}
	if _, err = c.Fabrics().Delete(t.Context(), deleteOf(read)); err != nil {
		t.Fatal(err)
	}
	log := s.Changelog()
	if len(log) != 3 {
		t.Fatalf("got %d changes", len(log))
	}
	for _, entry := range log {
		if entry.Message != "by Terraform" {
			t.Errorf("%s: got the message %q", entry.Action, entry.Message)
		}
	}
}

func TestDelete_ofWhatIsGoneSaysSo(t *testing.T) {
	s, c, read := alphaRead(t)
	s.DeleteFabric(1)
	if gone, err := c.Fabrics().Delete(t.Context(), deleteOf(read)); err != nil || !gone {
		t.Errorf("got gone %t, %v", gone, err)
	}
}

// Whatever the client knows about NetBox, it writes only to the fabric that it has read.
func TestWrite_anotherFabricUnderTheID(t *testing.T) {
	writes := map[string]func(*Client, *Read) error{
		"update": func(c *Client, read *Read) error {
			_, err := c.Fabrics().Update(t.Context(), changeOf(read, "description", "new"))
			return err
		},
		"delete": func(c *Client, read *Read) error {
			_, err := c.Fabrics().Delete(t.Context(), deleteOf(read))
			return err
		},
		"refresh": func(c *Client, read *Read) error {
			_, err := c.Fabrics().Refresh(t.Context(), 1, RevisionOf(&read.Fabric))
			return err
		},
	}
	for operation, write := range writes {
		for _, version := range []netboxtest.Version{netboxtest.V47, netboxtest.V45} {
			s, c, read := alphaReadOf(t, netboxtest.Options{Version: version})
			s.DeleteFabric(1)
			other := alphaCreate().Set
			other["id"], other["name"], other["created"] = int64(1), "alpha", read.Fabric.Created.Add(time.Hour)
			s.AddFabric(other)
			e := wantError[*AnotherFabricError](t, write(c, read))
			if e.ID != 1 || e.Name != "alpha" || e.Expected != read.Fabric.Created.Format(time.RFC3339Nano) ||
				e.Present != read.Fabric.Created.Add(time.Hour).Format(time.RFC3339Nano) {
				t.Errorf("%s: got %+v", operation, e)
			}
			if got, there := s.Fabric(1); !there || got["description"] != "Lab" {
				t.Errorf("%s (%s): got the fabric %v", operation, version, got)
			}
			for _, r := range s.Requests() {
				if r.Method != http.MethodGet && r.Status != http.StatusPreconditionFailed {
					t.Errorf("%s (%s): got a %s with the status %d", operation, version, r.Method, r.Status)
				}
			}
		}
	}
}

// A proxy may add its own entity tags to the answers of a NetBox that ignores If-Match. The
// client must still detect a conflict.
func TestGuardedWrite_tagsOfAProxysOwnProveNothing(t *testing.T) {
	s := startNetBox(t, netboxtest.Options{Version: netboxtest.V45})
	s.Intercept(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("ETag", `"5d8c72a5edda8d6a"`)
			next.ServeHTTP(w, r)
		})
	})
	s.AddFabric(map[string]any{"name": "alpha"})
	c := newClient(t, s.URL())
	read := mustGet(t, c, 1)
	s.UpdateFabric(1, map[string]any{"description": "by hand"})
	_, err := c.Fabrics().Delete(t.Context(), deleteOf(read))
	wantError[*ConflictError](t, err)
}
