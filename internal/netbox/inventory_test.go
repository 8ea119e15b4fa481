package netbox

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

// kept is a NetBox with the fabrics alpha and beta whose VPCs a client keeps an inventory
// of, while another client writes them.
type kept struct {
	*netboxtest.Server
	own, other *Objects

	mu  sync.Mutex
	now time.Time // local; NetBox's clock goes with it
}

func keep(t *testing.T, o netboxtest.Options) *kept {
	t.Helper()
	k := &kept{Server: startNetBox(t, o), now: time.Date(2026, 11, 28, 9, 0, 0, 0, time.Local)}
	k.SetNow(recordedTime)
	k.AddFabric(map[string]any{"name": "alpha"})
	k.AddFabric(map[string]any{"name": "beta"})
	c := newClient(t, k.URL(), withoutCheck)
	c.KeepInventory(k.clock)
	k.own, k.other = c.Objects(fabric.Kinds()[0]), newClient(t, k.URL(), withoutCheck).Objects(fabric.Kinds()[0])
	return k
}

func (k *kept) clock() time.Time {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.now
}

// later lets time go by, here and for NetBox.
func (k *kept) later(d time.Duration) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.now = k.now.Add(d)
	k.Advance(d)
}

// known is a fabric's objects by the inventory, as young as can be.
func (k *kept) known(t *testing.T, fabricID int64) []StoredObject {
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

// wantTrue fails if the inventory is not what NetBox has.
func (k *kept) wantTrue(t *testing.T, what string) {
	t.Helper()
	for _, fabricID := range []int64{1, 2} {
		got, want := k.known(t, fabricID), allObjects(t, k.other, fabricID)
		if !slices.Equal(got, want) {
			t.Errorf("%s: fabric %d: known are\n%+v\nand not\n%+v", what, fabricID, got, want)
		}
	}
}

// changed is an object with other content under the same version.
func changed(stored StoredObject, to string) []ObjectWrite {
	return []ObjectWrite{{
		ID: stored.ID, Namespace: stored.Namespace, Name: stored.Name, Spec: map[string]any{"changed": to},
		Status: stored.Status, UID: stored.UID, ResourceVersion: stored.ResourceVersion, LastSynced: recordedTime,
	}}
}

func mustUpdate(t *testing.T, o *Objects, writes []ObjectWrite) {
	t.Helper()
	if stored, err := o.Update(t.Context(), 1, writes); err != nil || stored.Done != len(writes) {
		t.Fatalf("%+v, %v", stored, err)
	}
}

func mustDelete(t *testing.T, o *Objects, objects ...StoredObject) {
	t.Helper()
	if stored, err := o.Delete(t.Context(), objects[0].Fabric, objects); err != nil || stored.Done != len(objects) {
		t.Fatalf("%+v, %v", stored, err)
	}
}

// readings are the lists that were read since the last call, by their order.
func (k *kept) readings() string {
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

func (k *kept) wantReadings(t *testing.T, what, want string) {
	t.Helper()
	if got := k.readings(); got != want {
		t.Errorf("%s: %q was read, want %q", what, got, want)
	}
}

func TestInventory_isFilledOnceAndThenKept(t *testing.T) {
	k := keep(t, netboxtest.Options{})
	mustStore(t, k.other, 1, numbered(1200)...)
	mustStore(t, k.other, 2, "x", "y")
	k.later(10 * time.Minute)
	k.ResetRequests()
	if got := knownAsOf(t, k.own, 1, time.Time{}); len(got) != 1200 {
		t.Errorf("%d objects", len(got))
	}
	k.wantReadings(t, "filled", "whole whole")
	k.later(inventoryLife)
	if got := namesOf(knownAsOf(t, k.own, 2, time.Time{})); got != "x y" {
		t.Errorf("in beta: %s", got)
	}
	k.wantReadings(t, "young enough", "")
	k.later(time.Second)
	for _, fabricID := range []int64{1, 2, 3} {
		knownAsOf(t, k.own, fabricID, time.Time{})
	}
	request := k.Requests()[0].Query
	if request.Get("limit") != "100" || request.Get("fields") != objectContents || request.Has("fabric") {
		t.Errorf("asked for %s", request.Encode())
	}
	k.wantReadings(t, "too old", "changes")
	k.wantTrue(t, "in the end")
}

// A kind that the client keeps no inventory of is read as All reads it.
func TestKnown_withoutAnInventory(t *testing.T) {
	s, o := vpcs(t)
	mustStore(t, o, 1, "a")
	s.ResetRequests()
	if got := namesOf(knownAsOf(t, o, 1, time.Now())); got != "a" || s.Requests()[0].Query.Get("fabric") != "1" {
		t.Errorf("known: %s, by %s", got, s.Requests()[0].Query.Encode())
	}
}

func TestInventory_whatOthersChangeIsSeenWithOneRequest(t *testing.T) {
	k := keep(t, netboxtest.Options{})
	mustStore(t, k.other, 1, "a", "b", "c")
	k.wantTrue(t, "filled")
	k.later(10 * time.Minute)
	k.readings()
	for what, change := range map[string]func(){
		"created": func() { mustStore(t, k.other, 2, "d", "e") },
		"edited":  func() { mustUpdate(t, k.other, changed(k.known(t, 1)[0], "x")) },
		"moved to another fabric": func() {
			k.patch(t, "/api/plugins/hedgehog/vpcs/2/", `{"fabric":2}`)
		},
		"renamed": func() { k.patch(t, "/api/plugins/hedgehog/vpcs/1/", `{"name":"z","sync_error":"bad"}`) },
	} {
		k.known(t, 1)
		k.readings()
		change()
		k.readings()
		got := k.known(t, 2)
		k.wantReadings(t, what, "changes")
		if want := allObjects(t, k.other, 2); !slices.Equal(got, want) {
			t.Errorf("%s: %+v", what, got)
		}
		k.wantTrue(t, what)
	}
}

// patch changes an object as a person does.
func (k *kept) patch(t *testing.T, path, body string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPatch, k.URL()+path+"?omit=display_url", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Token "+netboxtest.AdminToken)
	answer, err := http.DefaultClient.Do(r)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("%+v, %v", answer, err)
	}
	answer.Body.Close()
}

func TestInventory_whatOthersRemoveIsSeenByTheCount(t *testing.T) {
	k := keep(t, netboxtest.Options{})
	mustStore(t, k.other, 1, numbered(20)...)
	k.wantTrue(t, "filled")
	k.later(10 * time.Minute)
	k.known(t, 1)
	k.readings()
	mustDelete(t, k.other, allObjects(t, k.other, 1)[3:5]...)
	k.readings()
	if got := k.known(t, 1); len(got) != 18 {
		t.Errorf("%d objects", len(got))
	}
	k.wantReadings(t, "removed", "changes changes ids")
	mustDelete(t, k.other, allObjects(t, k.other, 1)[:2]...)
	for _, name := range []string{"n-1", "n-2"} {
		mustStore(t, k.other, 1, name)
		k.later(20 * time.Minute)
	}
	k.readings()
	k.known(t, 1)
	k.wantReadings(t, "removed, and others created", "changes changes ids")
	k.wantTrue(t, "removed, and others created")
	k.DeleteFabric(1)
	k.wantTrue(t, "the fabric is gone")
	k.readings()
	k.known(t, 2)
	k.wantReadings(t, "after it", "changes")
}

func TestInventory_ownWritesAreInItAtOnce(t *testing.T) {
	k := keep(t, netboxtest.Options{})
	mustStore(t, k.other, 1, numbered(20)...)
	long := k.clock()
	k.known(t, 1)
	k.later(10 * time.Minute)
	k.known(t, 1)
	for what, write := range map[string]func(){
		"create": func() { mustStore(t, k.own, 1, "new-1", "new-2") },
		"update": func() { mustUpdate(t, k.own, changed(k.known(t, 1)[0], "x")) },
		"delete": func() { mustDelete(t, k.own, k.known(t, 1)[3:9]...) },
	} {
		write()
		k.readings()
		got, want := knownAsOf(t, k.own, 1, long), allObjects(t, k.other, 1)
		if !slices.Equal(got, want) {
			t.Errorf("%s: known are\n%+v\nand not\n%+v", what, got, want)
		}
		k.wantReadings(t, what, "changes whole") // the last is the test's own
		knownAsOf(t, k.own, 1, long)
		k.wantReadings(t, "once more after "+what, "")
	}
}

// hold lets requests of a method wait, after NetBox has answered them, until release is
// called. arrived has one value for each.
func (k *kept) hold(method string) (arrived <-chan string, release func()) {
	held, open := make(chan string, 100), make(chan struct{})
	remove := k.Intercept(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method != method {
				next.ServeHTTP(w, r)
				return
			}
			answered := commit(next, r)
			held <- r.URL.Query().Get("ordering")
			<-open
			for name, values := range answered.Header() {
				w.Header()[name] = values
			}
			w.WriteHeader(answered.Code)
			_, _ = w.Write(answered.Body.Bytes())
		})
	})
	return held, sync.OnceFunc(func() { remove(); close(open) })
}

// knownInBackground asks the inventory, and gives the names.
func (k *kept) knownInBackground(t *testing.T, asOf time.Time) <-chan string {
	t.Helper()
	found := make(chan string, 1)
	go func() {
		var names []string
		for stored, err := range k.own.Known(t.Context(), 1, asOf) {
			if err != nil {
				names = append(names, err.Error())
				break
			}
			names = append(names, stored.Name)
		}
		found <- strings.Join(names, " ")
	}()
	return found
}

func TestInventory_refreshIsSharedUnlessItBeganTooEarly(t *testing.T) {
	k := keep(t, netboxtest.Options{})
	mustStore(t, k.other, 1, "a")
	k.known(t, 1)
	k.later(time.Hour)
	k.readings()
	arrived, release := k.hold(http.MethodGet)
	t.Cleanup(release)
	early := k.clock()
	var found []<-chan string
	for range 5 {
		found = append(found, k.knownInBackground(t, early))
	}
	<-arrived // and answered without what follows
	k.later(time.Second)
	mustStore(t, k.other, 1, "b")
	young := k.knownInBackground(t, k.clock())
	release()
	for _, names := range found {
		if got := <-names; got != "a" && got != "a b" {
			t.Errorf("known: %s", got)
		}
	}
	if got := <-young; got != "a b" {
		t.Errorf("known a second later: %s", got)
	}
	k.wantReadings(t, "six", "changes changes")
}

// The time of an own write is not what counts: a clock may stand still.
func TestInventory_refreshThatBeganBeforeAnOwnWriteEndedIsNotEnough(t *testing.T) {
	k := keep(t, netboxtest.Options{})
	mustStore(t, k.other, 1, "a")
	k.known(t, 1)
	k.later(time.Minute)
	arrived, release := k.hold(http.MethodGet)
	t.Cleanup(release)
	before := k.knownInBackground(t, k.clock())
	<-arrived
	mustStore(t, k.own, 1, "b")
	after := k.knownInBackground(t, k.clock())
	release()
	<-before
	if got := <-after; got != "a b" {
		t.Errorf("known: %s", got)
	}
}

// What is removed while a refresh is under way does not come back with its answer, and
// NetBox's count, from before, is not taken for a gap.
func TestInventory_ownRemovalDuringARefresh(t *testing.T) {
	for _, whole := range []bool{false, true} {
		k := keep(t, netboxtest.Options{})
		mustStore(t, k.other, 1, "a", "b", "c")
		objects := allObjects(t, k.other, 1)
		k.known(t, 1)
		if k.later(time.Minute); whole {
			k.later(wholeReading)
		}
		k.readings()
		arrived, release := k.hold(http.MethodGet)
		t.Cleanup(release)
		found := k.knownInBackground(t, k.clock())
		<-arrived
		mustDelete(t, k.own, objects[1])
		release()
		if got := <-found; got != "a c" {
			t.Errorf("known: %s", got)
		}
		k.wantReadings(t, "the first", map[bool]string{false: "changes changes", true: "whole changes"}[whole])
		if got := namesOf(k.known(t, 1)); got != "a c" {
			t.Errorf("known then: %s", got)
		}
		k.wantReadings(t, "the second", "changes")
	}
}

// The same the other way round: NetBox has removed it, and the answer is on its way.
func TestInventory_refreshDuringAnOwnRemoval(t *testing.T) {
	k := keep(t, netboxtest.Options{})
	mustStore(t, k.other, 1, "a", "b", "c")
	objects := k.known(t, 1)
	k.later(time.Minute)
	k.readings()
	arrived, release := k.hold(http.MethodDelete)
	t.Cleanup(release)
	removed := make(chan error, 1)
	go func() {
		_, err := k.own.Delete(t.Context(), 1, objects[1:2])
		removed <- err
	}()
	<-arrived
	k.known(t, 1)
	k.wantReadings(t, "during it", "changes")
	release()
	if err := <-removed; err != nil {
		t.Error(err)
	}
	if got := namesOf(k.known(t, 1)); got != "a c" {
		t.Errorf("known: %s", got)
	}
	k.wantReadings(t, "after it", "changes")
}

func TestInventory_failingRefreshTakesNothing(t *testing.T) {
	k := keep(t, netboxtest.Options{MaxPageSize: 7})
	mustStore(t, k.other, 1, numbered(30)...)
	old := k.known(t, 1)
	asOf := k.clock()
	k.later(time.Minute)
	for i := range old {
		mustUpdate(t, k.other, changed(old[i], "x"))
	}
	n := 0
	remove := k.Intercept(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if n++; n == 3 {
				answerJSON(w, http.StatusForbidden, `{"detail":"You do not have permission."}`)
				return
			}
			next.ServeHTTP(w, r)
		})
	})
	for _, err := range k.own.Known(t.Context(), 1, k.clock()) {
		wantError[*ForbiddenError](t, err)
	}
	remove()
	k.readings()
	if got := knownAsOf(t, k.own, 1, asOf); !slices.Equal(got, old) {
		t.Error("something was taken")
	}
	k.wantReadings(t, "as of before", "")
	k.wantTrue(t, "in the end")
}

func TestInventory_failingFirstReadingIsMadeAgain(t *testing.T) {
	k := keep(t, netboxtest.Options{})
	mustStore(t, k.other, 1, "a")
	remove := k.Intercept(func(http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { answerJSON(w, 500, `{"error":"x"}`) })
	})
	for _, err := range k.own.Known(t.Context(), 1, time.Time{}) {
		wantError[*ServerError](t, err)
	}
	remove()
	k.wantTrue(t, "then")
}

// A caller that gives up does not end what others wait for.
func TestInventory_callerThatGivesUp(t *testing.T) {
	k := keep(t, netboxtest.Options{})
	mustStore(t, k.other, 1, "a")
	arrived, release := k.hold(http.MethodGet)
	t.Cleanup(release)
	ctx, cancel := context.WithCancel(t.Context())
	given := make(chan error, 1)
	go func() {
		for _, err := range k.own.Known(ctx, 1, time.Time{}) {
			given <- err
		}
	}()
	<-arrived
	found := k.knownInBackground(t, time.Time{})
	cancel()
	if err := <-given; err == nil {
		t.Error("no error")
	}
	k.readings()
	release()
	if got := <-found; got != "a" {
		t.Errorf("known: %s", got)
	}
	k.wantReadings(t, "for the other", "")
}

// A whole reading may take longer than an operation that has no deadline.
func TestInventory_eachPageHasATimeOfItsOwn(t *testing.T) {
	k := keep(t, netboxtest.Options{MaxPageSize: 7})
	mustStore(t, k.other, 1, numbered(20)...)
	deadlines := map[time.Time]bool{}
	k.own.client.config.ObserveExchange = func(ctx context.Context, _ Exchange) {
		deadline, _ := ctx.Deadline()
		deadlines[deadline] = true
	}
	k.readings()
	k.known(t, 1)
	if pages := len(k.Requests()); pages != 4 || len(deadlines) != pages {
		t.Errorf("%d pages with %d deadlines", pages, len(deadlines))
	}
}

// A transaction of many objects stamps them long before they can be seen.
func TestInventory_objectsThatWereCommittedLate(t *testing.T) {
	for _, dated := range []bool{true, false} {
		k := keep(t, netboxtest.Options{})
		k.Intercept(func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if !dated {
					w = headerKeeper{w, ""}
				}
				next.ServeHTTP(w, r)
			})
		})
		k.SetNow(recordedTime.Add(-time.Hour))
		mustStore(t, k.other, 1, "a", "b")
		k.SetNow(recordedTime)
		k.wantTrue(t, "filled")
		k.later(10 * time.Minute)
		mustStore(t, k.other, 2, "newest")
		k.wantTrue(t, "kept")
		now := k.Now()
		k.SetNow(now.Add(30*time.Second - inventoryOverlap))
		mustUpdate(t, k.other, changed(allObjects(t, k.other, 1)[0], "x"))
		k.SetNow(now)
		k.wantTrue(t, fmt.Sprint("later, with dates: ", dated))
	}
}

// What is older than the overlap is missed by a refresh. The count shows it where it is
// an object more, and the next whole reading where it is not.
func TestInventory_wholeReadings(t *testing.T) {
	k := keep(t, netboxtest.Options{})
	k.SetNow(recordedTime.Add(-time.Hour))
	mustStore(t, k.other, 1, "a", "b")
	k.SetNow(recordedTime)
	mustStore(t, k.other, 2, "newest")
	k.wantTrue(t, "filled")
	k.later(10 * time.Minute)
	k.known(t, 1)
	k.readings()
	late := func(write func()) {
		now := k.Now()
		k.SetNow(recordedTime.Add(-time.Minute))
		write()
		k.SetNow(now)
		k.readings()
	}
	late(func() { mustStore(t, k.other, 1, "c") })
	if got := namesOf(k.known(t, 1)); got != "a b c" {
		t.Errorf("known: %s", got)
	}
	k.wantReadings(t, "one more", "changes changes ids whole")
	k.later(5 * time.Hour)
	late(func() { mustUpdate(t, k.other, changed(allObjects(t, k.other, 1)[0], "x")) })
	k.known(t, 1)
	k.wantReadings(t, "too late a change", "changes")
	k.later(wholeReading - 5*time.Hour)
	k.known(t, 1)
	k.wantReadings(t, "after six hours", "whole")
	k.wantTrue(t, "in the end")
}

// Kinds that were filled at the same time are read whole at different times.
func TestInventory_wholeReadingsAreSpread(t *testing.T) {
	k := keep(t, netboxtest.Options{})
	read := func() (whole int) {
		for _, kind := range fabric.Kinds() {
			knownAsOf(t, k.own.client.Objects(kind), 1, k.clock())
		}
		return strings.Count(k.readings(), "whole")
	}
	if n := read(); n != 12 {
		t.Errorf("%d kinds were filled", n)
	}
	for hour := range 12 {
		k.later(time.Hour)
		if n := read(); n != 2 && (hour > 0 || n != 1) && (hour != 6 || n != 3) {
			t.Errorf("hour %d: %d kinds were read whole", hour+1, n)
		}
	}
}

func TestInventory_manyChanges(t *testing.T) {
	k := keep(t, netboxtest.Options{})
	mustStore(t, k.other, 1, "a")
	k.known(t, 1)
	k.later(10 * time.Minute)
	k.known(t, 1)
	mustStore(t, k.other, 2, numbered(2600)...)
	k.readings()
	k.known(t, 2)
	k.wantReadings(t, "many", "changes times times times changes changes changes")
	k.wantTrue(t, "many")
	k.readings()
	k.known(t, 2)
	k.wantReadings(t, "as long as the overlap lasts", "changes times times times")
	late := allObjects(t, k.other, 2)[1300].LastUpdated
	k.UpdateObject("vpcs", 1000, map[string]any{"sync_error": "x", "last_updated": late})
	k.readings()
	k.known(t, 2)
	k.wantReadings(t, "one among them", "changes times times times changes changes")
	k.wantTrue(t, "one among them")
	k.later(10 * time.Minute)
	k.known(t, 2)
	k.readings()
	k.known(t, 2)
	k.wantReadings(t, "after the overlap", "changes")
}

// What is not known and vanishes is not looked for among all objects.
func TestInventory_changedObjectThatVanishes(t *testing.T) {
	k := keep(t, netboxtest.Options{MaxPageSize: 10})
	mustStore(t, k.other, 1, numbered(100)...)
	k.known(t, 1)
	k.later(10 * time.Minute)
	k.known(t, 1)
	mustStore(t, k.other, 2, numbered(30)...)
	recent := allObjects(t, k.other, 2)
	vanish := sync.OnceFunc(func() { mustDelete(t, k.other, recent[5]) })
	k.readings()
	k.Intercept(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			next.ServeHTTP(w, r)
			if q := r.URL.Query(); q.Get("fields") == objectIDs && q.Get("offset") == "27" {
				vanish()
			}
		})
	})
	k.known(t, 2)
	k.wantReadings(t, "one has vanished", "changes times times times times changes changes changes changes "+
		"changes times times times times changes changes changes changes") // twice, for the count
	k.wantTrue(t, "one has vanished")
}

func TestInventory_pagesThatAreTooLargeBecomeSmaller(t *testing.T) {
	k := keep(t, netboxtest.Options{})
	mustStore(t, k.other, 1, numbered(90)...)
	k.own.client.maxAnswer = 8 << 10
	k.wantTrue(t, "filled")
	for _, stored := range allObjects(t, k.other, 1) {
		mustUpdate(t, k.other, changed(stored, "x"))
	}
	k.wantTrue(t, "kept")
}

// A proxy's clock may be ahead, or an object may have been stamped when NetBox's was.
func TestInventory_clocksThatAreWrong(t *testing.T) {
	t.Run("date", func(t *testing.T) {
		k := keep(t, netboxtest.Options{})
		k.Intercept(func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Date", k.Now().Add(time.Hour).UTC().Format(http.TimeFormat))
				next.ServeHTTP(headerKeeper{w, w.Header().Get("Date")}, r)
			})
		})
		k.wantKeptTrue(t)
	})
	t.Run("stamp", func(t *testing.T) {
		k := keep(t, netboxtest.Options{})
		now := k.Now()
		k.SetNow(now.Add(24 * time.Hour))
		mustStore(t, k.other, 1, "future")
		k.SetNow(now)
		k.wantKeptTrue(t)
	})
	t.Run("no date", func(t *testing.T) {
		k := keep(t, netboxtest.Options{})
		k.Intercept(func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { next.ServeHTTP(headerKeeper{w, ""}, r) })
		})
		k.wantKeptTrue(t)
	})
	t.Run("here", func(t *testing.T) {
		k := keep(t, netboxtest.Options{})
		k.now = k.now.Add(-1000 * time.Hour)
		k.wantKeptTrue(t)
	})
}

// headerKeeper gives an answer another date; none for "".
type headerKeeper struct {
	http.ResponseWriter
	date string
}

func (h headerKeeper) WriteHeader(status int) {
	if h.Header()["Date"] = nil; h.date != "" {
		h.Header().Set("Date", h.date)
	}
	h.ResponseWriter.WriteHeader(status)
}

func (k *kept) wantKeptTrue(t *testing.T) {
	t.Helper()
	mustStore(t, k.other, 1, "a", "b")
	k.wantTrue(t, "filled")
	for i := range 5 {
		k.later(4 * time.Minute)
		mustUpdate(t, k.other, changed(allObjects(t, k.other, 1)[i%2], fmt.Sprint(i)))
		k.wantTrue(t, "kept")
	}
}

// TestInventory_isWhatNetBoxHas tries many ways to change it, on each NetBox.
func TestInventory_isWhatNetBoxHas(t *testing.T) {
	for _, version := range []netboxtest.Version{netboxtest.V47, netboxtest.V46, netboxtest.V45, netboxtest.V44} {
		for _, size := range []int{7, 1000} {
			k := keep(t, netboxtest.Options{Version: version, MaxPageSize: size})
			r := rand.New(rand.NewPCG(7, 11))
			next := 0
			for range 60 {
				client := []*Objects{k.own, k.other}[r.IntN(2)]
				all := allObjects(t, k.other, 1)
				some := all[:0:0]
				if n := len(all); n > 0 {
					from := r.IntN(n)
					some = all[from:min(n, from+1+r.IntN(10))]
				}
				switch n := r.IntN(6); {
				case n < 2 || len(some) == 0:
					names := make([]string, 1+r.IntN(15))
					for i := range names {
						next++
						names[i] = fmt.Sprint("o-", next)
					}
					mustStore(t, client, 1, names...)
				case n == 2:
					mustDelete(t, client, some...)
				case n == 3:
					k.patch(t, fmt.Sprintf("/api/plugins/hedgehog/vpcs/%d/", some[0].ID), `{"fabric":2}`)
				default:
					for _, stored := range some {
						mustUpdate(t, client, changed(stored, fmt.Sprint(r.IntN(5))))
					}
				}
				if k.later(time.Duration(r.IntN(200)) * time.Second); r.IntN(3) == 0 {
					k.wantTrue(t, fmt.Sprintf("%s, pages of %d", version, size))
				}
			}
		}
	}
}

// TestInventory_listThatShiftsWhileItIsRead: objects in front of the next page come, go
// and move to the front.
func TestInventory_listThatShiftsWhileItIsRead(t *testing.T) {
	for what, change := range map[string]func(k *kept, all []StoredObject){
		"created": func(k *kept, _ []StoredObject) { mustStore(t, k.other, 2, numbered(30)...) },
		"removed": func(k *kept, all []StoredObject) { mustDelete(t, k.other, all[50:60]...) },
		"updated": func(k *kept, all []StoredObject) {
			for _, stored := range all[20:40] {
				mustUpdate(t, k.other, changed(stored, "y"))
			}
		},
	} {
		k := keep(t, netboxtest.Options{MaxPageSize: 10})
		mustStore(t, k.other, 1, numbered(60)...)
		k.known(t, 1)
		k.later(10 * time.Minute)
		k.known(t, 1)
		all := allObjects(t, k.other, 1)
		for _, stored := range all {
			mustUpdate(t, k.other, changed(stored, "x"))
		}
		n := 0
		k.readings()
		k.Intercept(func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodGet && r.URL.Query().Get("ordering") != "id" {
					if n++; n == 4 {
						change(k, all)
					}
				}
				next.ServeHTTP(w, r)
			})
		})
		got := map[int64]StoredObject{}
		for _, stored := range k.known(t, 1) {
			got[stored.ID] = stored
		}
		if n < 4 {
			t.Fatalf("%s: %d pages", what, n)
		}
		for _, stored := range all {
			about := what == "removed" && stored.ID > 50 || what == "updated" && stored.ID > 20 && stored.ID <= 40
			if !about && got[stored.ID].Content != ContentOf(map[string]any{"changed": "x"}, nil, nil) {
				t.Errorf("%s: object %d was left out", what, stored.ID)
			}
		}
		k.wantTrue(t, what)
	}
}

// NetBox lists objects without a last_updated in front of the newest.
func TestInventory_objectsWithoutATimeOfChange(t *testing.T) {
	for _, dated := range []bool{true, false} {
		k := keep(t, netboxtest.Options{MaxPageSize: 10})
		if !dated {
			k.Intercept(func(next http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { next.ServeHTTP(headerKeeper{w, ""}, r) })
			})
		}
		mustStore(t, k.other, 1, numbered(40)...)
		for id := range int64(25) {
			k.UpdateObject("vpcs", id+1, map[string]any{"last_updated": nil})
		}
		k.wantTrue(t, "filled")
		k.later(time.Hour)
		mustUpdate(t, k.other, changed(allObjects(t, k.other, 1)[35], "x"))
		k.UpdateObject("vpcs", 7, map[string]any{"last_updated": nil, "name": "renamed"})
		k.UpdateObject("vpcs", 38, map[string]any{"last_updated": nil, "fabric": 2})
		k.wantTrue(t, "kept")
		k.later(time.Hour)
		mustDelete(t, k.other, allObjects(t, k.other, 1)[20:30]...)
		k.wantTrue(t, "removed")
		for _, stored := range append(allObjects(t, k.other, 1), allObjects(t, k.other, 2)...) {
			k.UpdateObject("vpcs", stored.ID, map[string]any{"last_updated": nil, "sync_error": "x"})
		}
		k.wantTrue(t, "nothing but such")
	}
}

// A NetBox that was restored from a backup has older versions of as many objects.
func TestInventory_netBoxThatWasRestored(t *testing.T) {
	k := keep(t, netboxtest.Options{})
	mustStore(t, k.other, 1, numbered(300)...)
	old := allObjects(t, k.other, 1)
	k.known(t, 1)
	k.later(time.Hour)
	mustUpdate(t, k.other, append(changed(old[7], "x"), changed(old[8], "y")...))
	k.wantTrue(t, "kept")
	for _, stored := range old[7:9] {
		k.UpdateObject("vpcs", stored.ID, map[string]any{"last_updated": stored.LastUpdated, "spec": map[string]any{"restored": true}})
	}
	k.wantTrue(t, "restored")
	k.later(time.Hour)
	k.readings()
	k.known(t, 1)
	k.wantReadings(t, "afterwards", "changes")
}

// What is created or removed while the ids are read leads to no whole reading.
func TestInventory_changesWhileTheIDsAreRead(t *testing.T) {
	for what, change := range map[string]func(*kept, []StoredObject){
		"created":     func(k *kept, _ []StoredObject) { mustStore(t, k.other, 1, "new") },
		"updated":     func(k *kept, all []StoredObject) { mustUpdate(t, k.other, changed(all[7], "x")) },
		"own removal": func(k *kept, all []StoredObject) { mustDelete(t, k.own, all[8]) },
	} {
		k := keep(t, netboxtest.Options{})
		mustStore(t, k.other, 1, numbered(20)...)
		k.known(t, 1)
		k.later(10 * time.Minute)
		all := k.known(t, 1)
		mustDelete(t, k.other, all[3])
		k.readings()
		k.Intercept(func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Query().Get("fields") != objectIDs {
					next.ServeHTTP(w, r)
					return
				}
				if what != "own removal" {
					change(k, all)
				}
				answered := commit(next, r)
				if what == "own removal" {
					change(k, all)
				}
				for name, values := range answered.Header() {
					w.Header()[name] = values
				}
				_, _ = w.Write(answered.Body.Bytes())
			})
		})
		want := "changes changes ids"
		if what == "own removal" {
			want += " changes" // after an own write
		}
		k.known(t, 1)
		k.wantReadings(t, what, want)
		k.wantTrue(t, what)
	}
}

// A permission may show other objects than before, and none of a kind.
func TestInventory_permissionsThatChange(t *testing.T) {
	const object = `{"id":%d,"fabric":1,"name":"o-%d","namespace":"n","kubernetes_status":"live","kubernetes_uid":"","kubernetes_resource_version":"",` +
		`"sync_error":"","last_updated":"2026-11-23T21:23:25.949311Z","spec":{},"labels":{},"annotations":{}}`
	shown := []int{2, 3}
	s := startServer(t, func(w http.ResponseWriter, r *http.Request) {
		list := slices.Clone(shown)
		if r.URL.Query().Get("ordering") != "id" {
			slices.Reverse(list)
		}
		var objects []string
		for _, id := range list {
			objects = append(objects, fmt.Sprintf(object, id, id))
		}
		w.Header().Set("Date", time.Date(2026, 11, 28, 1, 0, 0, 0, time.UTC).Format(http.TimeFormat))
		answerJSON(w, 200, fmt.Sprintf(`{"count":%d,"next":null,"results":[%s]}`, len(list), strings.Join(objects, ",")))
	})
	c := newClient(t, s.URL, withoutCheck)
	now := time.Now()
	c.KeepInventory(func() time.Time { now = now.Add(time.Hour); return now })
	o := c.Objects(fabric.Kinds()[0])
	for _, want := range [][]int{{2, 3}, {1, 2, 3, 4}, {4}, {}, {5}} {
		shown = want
		var got []int
		for _, stored := range knownAsOf(t, o, 1, time.Time{}) {
			got = append(got, int(stored.ID))
		}
		if !slices.Equal(got, want) {
			t.Errorf("known are %v, want %v", got, want)
		}
	}
}
