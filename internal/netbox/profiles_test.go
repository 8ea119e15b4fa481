package netbox

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"testing"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

// profiles are the older versions and their differences for a client.
var profiles = map[netboxtest.Version]struct{ tags, cursors bool }{
	netboxtest.V47: {true, true}, netboxtest.V46: {true, true}, netboxtest.V45: {}, netboxtest.V44: {},
}

// Without entity tags the client reads a fabric before each write, since NetBox would overwrite
// other users' changes.
func TestProfile_writesAreGuardedInEveryVersion(t *testing.T) {
	for version, can := range profiles {
		t.Run(string(version), func(t *testing.T) {
			s := startNetBox(t, netboxtest.Options{Version: version})
			id := s.AddFabric(alphaCreate().Set)
			c := newClient(t, s.URL())
			read := mustGet(t, c, id)
			s.ResetRequests()
			updated, err := c.Fabrics().Update(t.Context(), changeOf(read, "description", "new"))
			if err != nil || updated.Fabric.Description != "new" || tagOf(updated) == "" ||
				tagOf(updated) == tagOf(read) {
				t.Fatalf("got %+v, %v", updated, err)
			}
			s.UpdateFabric(id, map[string]any{"sync_status": "in_sync"}) // a sync is no conflict
			if updated, err = c.Fabrics().Update(t.Context(), changeOf(updated, "sync_interval",
				int64(900))); err != nil || updated.Fabric.StoredSyncStatus != "in_sync" {
				t.Fatalf("got %+v, %v", updated, err)
			}
			want := "GET PATCH GET PATCH"
			if can.tags {
				want = "PATCH PATCH GET PATCH"
			}
			wantRequests(t, s, want)
			s.UpdateFabric(id, map[string]any{"description": "theirs"})
			_, err = c.Fabrics().Update(t.Context(), changeOf(updated, "sync_interval", int64(60)))
			wantError[*ConflictError](t, err)
			_, err = c.Fabrics().Delete(t.Context(), deleteOf(updated))
			wantError[*ConflictError](t, err)
			if f, _ := s.Fabric(id); f["description"] != "theirs" || f["sync_interval"] != float64(900) {
				t.Errorf("got the fabric %v", f)
			}
			if gone, err := c.Fabrics().Delete(t.Context(), deleteOf(mustGet(t, c, id))); err != nil || gone ||
				len(s.Fabrics()) != 0 {
				t.Errorf("got gone %v, %v, and NetBox has %d fabrics", gone, err, len(s.Fabrics()))
			}
		})
	}
}

func TestProfile_lostAnswersAreVerifiedInEveryVersion(t *testing.T) {
	for version := range profiles {
		t.Run(string(version), func(t *testing.T) {
			s := startNetBox(t, netboxtest.Options{Version: version})
			for _, after := range []bool{false, true} {
				for _, method := range []string{"POST", "PATCH", "DELETE"} {
					s.Fault(netboxtest.Fault{Method: method, Path: fabricsPath, Times: 1, AfterCommit: after,
						Kind: netboxtest.Status(502)})
				}
			}
			c := newClient(t, s.URL())
			for range 2 { // lost after the commit, then before it
				read, err := c.Fabrics().Create(t.Context(), alphaCreate())
				if err != nil || len(s.Fabrics()) != 1 {
					t.Fatalf("create: got %v, and NetBox has %d fabrics", err, len(s.Fabrics()))
				}
				if read, err = c.Fabrics().Update(t.Context(), changeOf(read, "description", "new")); err != nil ||
					read.Fabric.Description != "new" {
					t.Fatalf("update: got %+v, %v", read, err)
				}
				if gone, err := c.Fabrics().Delete(t.Context(), deleteOf(read)); err != nil || gone ||
					len(s.Fabrics()) != 0 {
					t.Fatalf("delete: got gone %v, %v, and NetBox has %d fabrics", gone, err, len(s.Fabrics()))
				}
			}
			if hits := s.FaultsHit(); hits["502 Bad Gateway"] != 3 || hits["502 Bad Gateway after commit"] != 3 {
				t.Errorf("got the fault hits %v", hits)
			}
		})
	}
}

// In every version a list scan is complete and serves many refreshes: with a cursor, or with
// pages that overlap by one.
func TestProfile_manyFabrics(t *testing.T) {
	const many = 210
	for version, can := range profiles {
		t.Run(string(version), func(t *testing.T) {
			s := startNetBox(t, netboxtest.Options{Version: version, MaxPageSize: 100})
			addFabrics(s, many)
			c := newClient(t, s.URL())
			ids, err := idsOf(t, c)
			if err != nil || len(ids) != many || ids[0] != 1 || ids[many-1] != many {
				t.Fatalf("got %d ids, %v", len(ids), err)
			}
			s.ResetRequests()
			c = newClient(t, s.URL(), withoutCheck)
			for _, id := range ids {
				if read, err := c.Fabrics().Refresh(t.Context(), id, Revision{}); err != nil ||
					read.Fabric.Name != fmt.Sprintf("fabric-%04d", id) {
					t.Fatalf("fabric %d: got %+v, %v", id, read, err)
				}
			}
			want := singleReads + 3
			if !can.cursors {
				want++ // the first page is asked for twice
			}
			if got := s.Count("GET", ""); got != want {
				t.Errorf("got %d requests, want %d", got, want)
			}
		})
	}
}

// The caller gets the same form of selections and related objects from every version.
func TestProfile_customFieldsMeanTheSame(t *testing.T) {
	want := map[string]any{"tier": "gold", "colours": []any{"red"}, "owner": "netops", "power": json.Number("12.5"),
		"home": json.Number("1"), "none": nil}
	for version := range profiles {
		t.Run(string(version), func(t *testing.T) {
			s := startNetBox(t, netboxtest.Options{Version: version})
			for _, f := range []netboxtest.CustomField{
				{Name: "tier", Type: "select", Choices: []netboxtest.Choice{{Value: "gold", Label: "Gold"}}},
				{Name: "colours", Type: "multiselect", Choices: []netboxtest.Choice{{Value: "red", Label: "Red"}}},
				{Name: "owner", Type: "text"}, {Name: "power", Type: "decimal"}, {Name: "none", Type: "integer"},
				{Name: "home", Type: "object", RelatedObjectType: "dcim.site",
					RelatedObjects: map[int64]string{1: "Test site"}},
			} {
				s.AddCustomField(f)
			}
			c := newClient(t, s.URL())
			create := alphaCreate()
			for key, value := range want {
				create.Set[fabric.CustomField(key)], create.Planned[fabric.CustomField(key)] = value, value
			}
			read, err := c.Fabrics().Create(t.Context(), create)
			if err != nil {
				t.Fatal(err)
			}
			for name, r := range map[string]*Read{"created": read, "read": mustGet(t, c, read.Fabric.ID)} {
				if verdict, wrong := fabric.Compare(create.Planned, create.Planned,
					AttributesOf(&r.Fabric)); verdict != fabric.AsPlanned {
					t.Errorf("%s: got the difference %v", name, wrong)
				}
				if got := text(t, r.Fabric.CustomFields); got != text(t, want) {
					t.Errorf("%s: got %s, want %s", name, got, text(t, want))
				}
			}
		})
	}
}

func text(t *testing.T, v any) string {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// With the published plugin, nothing works on NetBox 4.4. The client reports the first answer, and
// sends nothing twice.
func TestProfile_44WithThePublishedPlugin(t *testing.T) {
	s := startNetBox(t, netboxtest.Options{Version: netboxtest.V44, PublishedDisplayURL: true})
	id := s.AddFabric(map[string]any{"name": "beta"})
	c := newClient(t, s.URL())
	for name, do := range map[string]func(context.Context) error{
		"create": func(ctx context.Context) error { _, err := c.Fabrics().Create(ctx, alphaCreate()); return err },
		"read":   func(ctx context.Context) error { _, err := c.Fabrics().Get(ctx, id); return err },
		"find":   func(ctx context.Context) error { _, err := c.Fabrics().FindByName(ctx, "beta"); return err },
		"update": func(ctx context.Context) error {
			_, err := c.Fabrics().Update(ctx, Update{ID: id, Set: map[string]any{"description": "new"}})
			return err
		},
		"delete": func(ctx context.Context) error { _, err := c.Fabrics().Delete(ctx, Delete{ID: id}); return err },
	} {
		if e := wantError[*rest.ServerError](t, do(t.Context())); !PluginBug(e) {
			t.Errorf("%s: got %v", name, e)
		}
	}
	if len(s.Fabrics()) != 1 || s.Count(http.MethodPost, "") != 1 || s.Count(http.MethodPatch, "")+
		s.Count(http.MethodDelete, "") != 0 {
		t.Errorf("got the fabrics %v", s.Fabrics())
	}
}
