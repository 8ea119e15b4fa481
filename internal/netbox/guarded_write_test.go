package netbox

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

// copyRequest is a request that can be served later, and leaves the original
// one good for use.
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

// alphaRead is a stand-in with one fabric, which a client has read.
func alphaRead(t *testing.T) (*netboxtest.Server, *Client, *Read) {
	t.Helper()
	s := startNetBox(t, netboxtest.Options{})
	id := s.AddFabric(alphaCreate().Set)
	c := newClient(t, s.URL())
	read := mustGet(t, c, id)
	s.ResetRequests()
	return s, c, read
}

// wantRequests checks what was sent, such as "PATCH GET PATCH".
func wantRequests(t *testing.T, s *netboxtest.Server, want string) {
	t.Helper()
	var methods []string
	for _, r := range s.Requests() {
		methods = append(methods, r.Method)
	}
	if got := strings.Join(methods, " "); got != want {
		t.Errorf("requests %s, want %s", got, want)
	}
}

func TestUpdate_sendsOneRequest(t *testing.T) {
	s, c, read := alphaRead(t)
	updated, err := c.Fabrics().Update(t.Context(), changeOf(read, "description", "new"))
	if err != nil || updated.Fabric.Description != "new" || !updated.Fabric.LastUpdated.After(read.Fabric.LastUpdated) {
		t.Fatalf("%+v, %v", updated, err)
	}
	wantRequests(t, s, "PATCH")
	if body := string(s.Requests()[0].Body); body != `{"description":"new"}` {
		t.Errorf("body %s", body)
	}
}

func TestUpdate_committedButAnswerLostIsDone(t *testing.T) {
	for name, lose := range losses {
		t.Run(name, func(t *testing.T) {
			s, c, read := alphaRead(t)
			intercept(s, "PATCH", func(_ int, next http.Handler, w http.ResponseWriter, r *http.Request) {
				commit(next, r)
				lose(w)
			})
			updated, err := c.Fabrics().Update(t.Context(), changeOf(read, "description", "new"))
			if err != nil || updated.Fabric.Description != "new" || tagOf(updated) == tagOf(read) {
				t.Fatalf("%+v, %v", updated, err)
			}
			wantRequests(t, s, "PATCH GET")
		})
	}
	t.Run("the plugin's 500", func(t *testing.T) {
		s, c, read := alphaRead(t)
		intercept(s, "PATCH", func(_ int, next http.Handler, w http.ResponseWriter, r *http.Request) {
			commit(next, r)
			pluginBug(w)
		})
		if updated, err := c.Fabrics().Update(t.Context(), changeOf(read, "description", "new")); err != nil ||
			updated.Fabric.Description != "new" {
			t.Fatalf("%+v, %v", updated, err)
		}
		wantRequests(t, s, "PATCH GET")
	})
}

func TestUpdate_notCommittedIsSentAgain(t *testing.T) {
	for name, lose := range losses {
		t.Run(name, func(t *testing.T) {
			s, c, read := alphaRead(t)
			intercept(s, "PATCH", func(n int, next http.Handler, w http.ResponseWriter, r *http.Request) {
				if n == 1 {
					lose(w)
					return
				}
				next.ServeHTTP(w, r)
			})
			updated, err := c.Fabrics().Update(t.Context(), changeOf(read, "description", "new"))
			if err != nil || updated.Fabric.Description != "new" {
				t.Fatalf("%+v, %v", updated, err)
			}
			wantRequests(t, s, "PATCH GET PATCH")
		})
	}
}

func TestUpdate_lostAndChangedBySomebodyElseIsAConflict(t *testing.T) {
	for name, lose := range losses {
		t.Run(name, func(t *testing.T) {
			s, c, read := alphaRead(t)
			intercept(s, "PATCH", func(_ int, _ http.Handler, w http.ResponseWriter, _ *http.Request) {
				s.UpdateFabric(1, map[string]any{"description": "theirs"})
				lose(w)
			})
			_, err := c.Fabrics().Update(t.Context(), changeOf(read, "description", "new"))
			e := wantError[*ConflictError](t, err)
			if len(e.Differences) != 1 || e.Differences[0].String() != `description: was "Lab", planned "new", is `+
				`now "theirs"` || e.Operation != "update" || e.ID != 1 {
				t.Errorf("%v", err)
			}
			wantRequests(t, s, "PATCH GET")
		})
	}
}

// alphaWrites are a change and a removal of the fabric of alphaRead.
var alphaWrites = map[string]func(context.Context, *Client, *Read) error{
	"PATCH": func(ctx context.Context, c *Client, read *Read) error {
		_, err := c.Fabrics().Update(ctx, changeOf(read, "description", "new"))
		return err
	},
	"DELETE": func(ctx context.Context, c *Client, read *Read) error {
		_, err := c.Fabrics().Delete(ctx, deleteOf(read))
		return err
	},
}

func TestWrite_thatMayStillTakeEffectIsTriedToTheEnd(t *testing.T) {
	for method, write := range alphaWrites {
		for _, status := range []int{502, 503, 504} {
			t.Run(fmt.Sprint(method, status), func(t *testing.T) {
				t.Parallel()
				s, c, read := alphaRead(t)
				intercept(s, method, func(_ int, _ http.Handler, w http.ResponseWriter, _ *http.Request) {
					putOff(w, status, "")
				})
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				err := write(ctx, c, read)
				if e := wantError[*UnsettledError](t, err); !e.Interrupted || s.Count(method, "") <= attempts ||
					len(s.Fabrics()) != 1 {
					t.Errorf("%v after %d attempts", err, s.Count(method, ""))
				}
				if server := wantError[*rest.ServerError](t, err); server.Status != status {
					t.Errorf("status %d, want %d", server.Status, status)
				}
			})
		}
	}
}

func TestWrite_thatNetBoxFailsOnIsGivenUp(t *testing.T) {
	for method, write := range alphaWrites {
		for name, test := range map[string]struct {
			kind netboxtest.Kind
			most int
		}{
			"after four attempts":                  {netboxtest.Maintenance(), attempts},
			"at once where the plugin is to blame": {netboxtest.PluginError(), 1},
		} {
			s, c, read := alphaRead(t)
			s.Fault(netboxtest.Fault{Method: method, Kind: test.kind})
			err := write(t.Context(), c, read)
			wantError[*rest.ServerError](t, err)
			if _, unsettled := errors.AsType[*UnsettledError](err); unsettled || s.Count(method, "") != test.most ||
				s.Count("GET", "") != test.most {
				t.Errorf("%s %s: %v after %d attempts and %d reads", method, name, err, s.Count(method, ""),
					s.Count("GET", ""))
			}
		}
	}
}

func TestWrite_refusedAfterALostAttemptIsUnsettled(t *testing.T) {
	for method, write := range alphaWrites {
		s, c, read := alphaRead(t)
		intercept(s, method, func(n int, _ http.Handler, w http.ResponseWriter, _ *http.Request) {
			if n == 1 {
				cut(w)
			}
			answerJSON(w, http.StatusForbidden, `{"detail":"You do not have permission to perform this action."}`)
		})
		err := write(t.Context(), c, read)
		e := wantError[*UnsettledError](t, err)
		wantError[*rest.TransportError](t, e.Write)
		if wantError[*rest.ForbiddenError](t, e.Read); s.Count(method, "") != 2 {
			t.Errorf("%s: %v after %d attempts", method, err, s.Count(method, ""))
		}
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
			t.Errorf("%d is no error", status)
		}
		wantRequests(t, s, "PATCH")
	}
}

func TestUpdate_outcomeThatCannotBeReadIsUnsettled(t *testing.T) {
	s, c, read := alphaRead(t)
	intercept(s, "PATCH", func(_ int, next http.Handler, w http.ResponseWriter, r *http.Request) {
		commit(next, r)
		cut(w)
	})
	intercept(s, "GET", func(_ int, _ http.Handler, w http.ResponseWriter, _ *http.Request) { putOff(w, 500, "") })
	_, err := c.Fabrics().Update(t.Context(), changeOf(read, "description", "new"))
	e := wantError[*UnsettledError](t, err)
	wantError[*rest.TransportError](t, e.Write)
	wantError[*rest.ServerError](t, e.Read)
	wantRequests(t, s, "PATCH GET")
}

func TestDelete_removes(t *testing.T) {
	s, c, read := alphaRead(t)
	gone, err := c.Fabrics().Delete(t.Context(), deleteOf(read))
	if err != nil || gone || len(s.Fabrics()) != 0 {
		t.Fatalf("gone %t, %v, %d left", gone, err, len(s.Fabrics()))
	}
	wantRequests(t, s, "DELETE")
	if body := s.Requests()[0].Body; len(body) != 0 {
		t.Errorf("body %q", body)
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
		t.Fatalf("%d changes", len(log))
	}
	for _, entry := range log {
		if entry.Message != "by Terraform" {
			t.Errorf("%s with the message %q", entry.Action, entry.Message)
		}
	}
}

func TestDelete_ofWhatIsGoneSaysSo(t *testing.T) {
	s, c, read := alphaRead(t)
	s.DeleteFabric(1)
	if gone, err := c.Fabrics().Delete(t.Context(), deleteOf(read)); err != nil || !gone {
		t.Errorf("gone %t, %v", gone, err)
	}
}

func TestDelete_committedButAnswerLostIsDone(t *testing.T) {
	for name, lose := range losses {
		if strings.HasPrefix(name, "200") || strings.HasPrefix(name, "no fabric") {
			continue // any 2xx answers a DELETE
		}
		t.Run(name, func(t *testing.T) {
			s, c, read := alphaRead(t)
			intercept(s, "DELETE", func(_ int, next http.Handler, w http.ResponseWriter, r *http.Request) {
				commit(next, r)
				lose(w)
			})
			if gone, err := c.Fabrics().Delete(t.Context(), deleteOf(read)); err != nil || gone {
				t.Fatalf("gone before: %t, %v", gone, err)
			}
			wantRequests(t, s, "DELETE GET")
		})
	}
}

func TestDelete_notCommittedIsSentAgain(t *testing.T) {
	s, c, read := alphaRead(t)
	intercept(s, "DELETE", func(n int, next http.Handler, w http.ResponseWriter, r *http.Request) {
		if n == 1 {
			cut(w)
		}
		next.ServeHTTP(w, r)
	})
	if gone, err := c.Fabrics().Delete(t.Context(), deleteOf(read)); err != nil || gone || len(s.Fabrics()) != 0 {
		t.Fatalf("gone before: %t, %v, %d left", gone, err, len(s.Fabrics()))
	}
	wantRequests(t, s, "DELETE GET DELETE")
}

func TestDelete_lostAndChangedBySomebodyElseIsAConflict(t *testing.T) {
	s, c, read := alphaRead(t)
	intercept(s, "DELETE", func(_ int, _ http.Handler, w http.ResponseWriter, _ *http.Request) {
		s.UpdateFabric(1, map[string]any{"status": "maintenance"})
		cut(w)
	})
	_, err := c.Fabrics().Delete(t.Context(), deleteOf(read))
	if e := wantError[*ConflictError](t, err); e.Operation != "delete" ||
		e.Differences[0].String() != `status: expected "active", is now "maintenance"` {
		t.Error(err)
	}
	wantRequests(t, s, "DELETE GET")
}

func TestDelete_ofThePublishedPluginIsTriedOnce(t *testing.T) {
	s, c, read := alphaRead(t)
	s.SetPublishedDisplayURL(true)
	_, err := c.Fabrics().Delete(t.Context(), deleteOf(read))
	if e := wantError[*rest.ServerError](t, err); e.Status != 500 || !PluginBug(e) || len(s.Fabrics()) != 1 {
		t.Errorf("%v, %d fabrics", err, len(s.Fabrics()))
	}
	wantRequests(t, s, "DELETE GET")
}

// TestWrite_anotherFabricUnderTheID: whatever the client knows of NetBox, it
// writes to the fabric that it has read and to no other.
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
			_, err := c.Fabrics().Refresh(t.Context(), 1, MarkOf(&read.Fabric))
			return err
		},
	}
	for operation, write := range writes {
		for _, old := range []bool{false, true} {
			s, c, read := alphaRead(t)
			s.DeleteFabric(1)
			other := alphaCreate().Set
			other["id"], other["name"], other["created"] = int64(1), "alpha", read.Fabric.Created.Add(time.Hour)
			s.AddFabric(other)
			if old {
				c.entityTags.Store(false)
				asBefore46(s)
			}
			e := wantError[*BirthMarkError](t, write(c, read))
			if e.ID != 1 || e.Name != "alpha" || e.Expected != read.Fabric.Created.Format(time.RFC3339Nano) ||
				e.Present != read.Fabric.Created.Add(time.Hour).Format(time.RFC3339Nano) {
				t.Errorf("%s: %+v", operation, e)
			}
			if got, there := s.Fabric(1); !there || got["description"] != "Lab" {
				t.Errorf("%s (before 4.6: %t) touched %v", operation, old, got)
			}
			for _, r := range s.Requests() {
				if r.Method != http.MethodGet && r.Status != http.StatusPreconditionFailed {
					t.Errorf("%s (before 4.6: %t) sent a %s that ended with %d", operation, old, r.Method, r.Status)
				}
			}
		}
	}
}

// A proxy may give answers entity tags of its own, on a NetBox that ignores If-Match: a
// conflict must be seen all the same.
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
