package netbox

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

// inventoryTest is a NetBox with the fabrics alpha and beta. A client keeps an inventory of their
// VPCs while another client writes them.
type inventoryTest struct {
	*netboxtest.Server
	own, other *Objects

	mu  sync.Mutex
	now time.Time // local; NetBox's clock goes with it
}

func newInventoryTest(t *testing.T, o netboxtest.Options, change ...func(*rest.Config)) *inventoryTest {
	t.Helper()
	k := &inventoryTest{Server: startNetBox(t, o), now: time.Date(2026, 11, 28, 9, 0, 0, 0, time.Local)}
	k.SetNow(recordedTime)
	k.AddFabric(map[string]any{"name": "alpha"})
	k.AddFabric(map[string]any{"name": "beta"})
	c := newClient(t, k.URL(), append(change, withoutCheck)...)
	c.KeepInventory(k.clock)
	k.own, k.other = c.Objects(fabric.Kinds()[0]), newClient(t, k.URL(), withoutCheck).Objects(fabric.Kinds()[0])
	return k
}

func (k *inventoryTest) clock() time.Time {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.now
}

// later advances the local and NetBox's clock.
func (k *inventoryTest) later(d time.Duration) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.now = k.now.Add(d)
	k.Advance(d)
}

// known returns a fabric's objects from an inventory that is refreshed now.
func (k *inventoryTest) known(t *testing.T, fabricID int64) []StoredObject {
	t.Helper()
	k.later(time.Second)
	return knownAsOf(t, k.own, fabricID, k.clock())
}

func knownAsOf(t *testing.T, o *Objects, fabricID int64, asOf time.Time) []StoredObject {
	t.Helper()
	var objects []StoredObject
	for stored, err := range o.Known(t.Context(), fabricID, asOf) {
		if err != nil {
			t.Fatal(err)
		}
		objects = append(objects, stored)
	}
	return objects
}

// wantTrue checks that the inventory has what NetBox has.
func (k *inventoryTest) wantTrue(t *testing.T, what string) {
	t.Helper()
	for _, fabricID := range []int64{1, 2} {
		got, want := k.known(t, fabricID), allObjects(t, k.other, fabricID)
		if !slices.Equal(got, want) {
			t.Errorf("%s: fabric %d: got\n%+v\nwant\n%+v", what, fabricID, got, want)
		}
	}
}

// changed returns a write of other content with the same version.
func changed(stored StoredObject, to string) []ObjectWrite {
	return []ObjectWrite{{
		ID: stored.ID, Namespace: stored.Namespace, Name: stored.Name, Spec: map[string]any{"changed": to},
		Status: stored.Status, UID: stored.UID, ResourceVersion: stored.ResourceVersion, LastSynced: recordedTime,
	}}
}

func mustUpdate(t *testing.T, o *Objects, writes []ObjectWrite) {
	t.Helper()
	if stored, err := o.Update(t.Context(), 1, writes); err != nil || stored.Done != len(writes) {
		t.Fatalf("got %+v, %v", stored, err)
	}
}

func mustDelete(t *testing.T, o *Objects, objects ...StoredObject) {
	t.Helper()
	if stored, err := o.Delete(t.Context(), objects[0].Fabric, objects); err != nil || stored.Done != len(objects) {
		t.Fatalf("got %+v, %v", stored, err)
	}
}

// readings returns the lists that were read since the last call, in order.
func (k *inventoryTest) readings() string {
	var orders []string
	for _, r := range k.Requests() {
		if r.Method == http.MethodGet {
			how := map[string]string{"id": "whole", "-last_updated,-id": "changes"}[r.Query.Get("ordering")]
			if r.Query.Get("fields") == objectIDs {
				how = map[string]string{"whole": "ids", "changes": "times"}[how]
			}
			orders = append(orders, how)
		}
	}
	k.ResetRequests()
	return strings.Join(orders, " ")
}

func (k *inventoryTest) wantReadings(t *testing.T, what, want string) {
	t.Helper()
	if got := k.readings(); got != want {
		t.Errorf("%s: got the readings %q, want %q", what, got, want)
	}
}

// patch changes an object as a user would by hand.
func (k *inventoryTest) patch(t *testing.T, path, body string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPatch, k.URL()+path+"?omit=display_url",
		strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Token "+netboxtest.AdminToken)
	answer, err := http.DefaultClient.Do(r)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("got %+v, %v", answer, err)
	}
	answer.Body.Close()
}
