package netbox

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

func TestInventory_ownWritesAreInItAtOnce(t *testing.T) {
	k := newInventoryTest(t, netboxtest.Options{})
	mustStore(t, k.other, 1, numbered(20)...)
	long := k.clock()
	k.known(t, 1)
	k.later(10 * time.Minute)
	k.known(t, 1)
	for what, write := range map[string]func(){
		"create": func() { mustStore(t, k.own, 1, "new-1", "new-2") },
		"update": func() { mustUpdate(t, k.own, changed(k.known(t, 1)[0], "x")) },
		"delete": func() { mustDelete(t, k.own, k.known(t, 1)[3:9]...) },
		"delete of the newest": func() {
			mustStore(t, k.other, 1, "newest")
			all := k.known(t, 1)
			mustDelete(t, k.own, all[len(all)-1])
		},
	} {
		write()
		k.readings()
		got, want := knownAsOf(t, k.own, 1, long), allObjects(t, k.other, 1)
		if !slices.Equal(got, want) {
			t.Errorf("%s: got\n%+v\nwant\n%+v", what, got, want)
		}
		k.wantReadings(t, what, "changes whole") // the last is the test's own
		knownAsOf(t, k.own, 1, long)
		k.wantReadings(t, "once more after "+what, "")
	}
}

// holdAnswers holds the answers to requests of a method until release is called. arrived gets a
// value for each request.
func (k *inventoryTest) holdAnswers(method string) (arrived <-chan string, release func()) {
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

// knownInBackground reads the inventory in the background, and returns the names.
func (k *inventoryTest) knownInBackground(t *testing.T, asOf time.Time) <-chan string {
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
	k := newInventoryTest(t, netboxtest.Options{})
	mustStore(t, k.other, 1, "a")
	k.known(t, 1)
	k.later(time.Hour)
	k.readings()
	arrived, release := k.holdAnswers(http.MethodGet)
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
			t.Errorf("got %s", got)
		}
	}
	if got := <-young; got != "a b" {
		t.Errorf("a second later: got %s", got)
	}
	k.wantReadings(t, "six", "changes changes")
}

// The inventory does not rely on the time of the client's own write, since a clock may be stopped.
func TestInventory_refreshThatBeganBeforeAnOwnWriteEndedIsNotEnough(t *testing.T) {
	k := newInventoryTest(t, netboxtest.Options{})
	mustStore(t, k.other, 1, "a")
	k.known(t, 1)
	k.later(time.Minute)
	arrived, release := k.holdAnswers(http.MethodGet)
	t.Cleanup(release)
	before := k.knownInBackground(t, k.clock())
	<-arrived
	mustStore(t, k.own, 1, "b")
	after := k.knownInBackground(t, k.clock())
	release()
	<-before
	if got := <-after; got != "a b" {
		t.Errorf("got %s", got)
	}
}

// An object that is removed during a refresh does not come back with the refresh's answer, and
// the earlier count is not taken for a gap.
func TestInventory_ownRemovalDuringARefresh(t *testing.T) {
	for _, whole := range []bool{false, true} {
		k := newInventoryTest(t, netboxtest.Options{})
		mustStore(t, k.other, 1, "a", "b", "c")
		objects := allObjects(t, k.other, 1)
		k.known(t, 1)
		if k.later(time.Minute); whole {
			k.later(wholeReading)
		}
		k.readings()
		arrived, release := k.holdAnswers(http.MethodGet)
		t.Cleanup(release)
		found := k.knownInBackground(t, k.clock())
		<-arrived
		mustDelete(t, k.own, objects[1])
		release()
		if got := <-found; got != "a c" {
			t.Errorf("got %s", got)
		}
		k.wantReadings(t, "the first", map[bool]string{false: "changes changes", true: "whole changes"}[whole])
		if got := namesOf(k.known(t, 1)); got != "a c" {
			t.Errorf("afterwards: got %s", got)
		}
		k.wantReadings(t, "the second", "changes")
	}
}

// NetBox has removed the object, and the answer is still under way during the refresh.
func TestInventory_refreshDuringAnOwnRemoval(t *testing.T) {
	k := newInventoryTest(t, netboxtest.Options{})
	mustStore(t, k.other, 1, "a", "b", "c")
	objects := k.known(t, 1)
	k.later(time.Minute)
	k.readings()
	arrived, release := k.holdAnswers(http.MethodDelete)
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
		t.Errorf("got %s", got)
	}
	k.wantReadings(t, "after it", "changes")
}

func TestInventory_failingRefreshTakesNothing(t *testing.T) {
	k := newInventoryTest(t, netboxtest.Options{MaxPageSize: 7})
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
		wantError[*rest.ForbiddenError](t, err)
	}
	remove()
	k.readings()
	if got := knownAsOf(t, k.own, 1, asOf); !slices.Equal(got, old) {
		t.Error("the inventory has changed")
	}
	k.wantReadings(t, "as of before", "")
	k.wantTrue(t, "in the end")
}

func TestInventory_failingFirstReadingIsMadeAgain(t *testing.T) {
	k := newInventoryTest(t, netboxtest.Options{})
	mustStore(t, k.other, 1, "a")
	remove := k.Intercept(func(http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { answerJSON(w, 500, `{"error":"x"}`) })
	})
	for _, err := range k.own.Known(t.Context(), 1, time.Time{}) {
		wantError[*rest.ServerError](t, err)
	}
	remove()
	k.wantTrue(t, "then")
}

// A caller that gives up does not end a refresh for others.
func TestInventory_callerThatGivesUp(t *testing.T) {
	k := newInventoryTest(t, netboxtest.Options{})
	mustStore(t, k.other, 1, "a")
	arrived, release := k.holdAnswers(http.MethodGet)
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
		t.Error("got no error")
	}
	k.readings()
	release()
	if got := <-found; got != "a" {
		t.Errorf("got %s", got)
	}
	k.wantReadings(t, "for the other", "")
}

// Changes while the ids are read do not cause a full read.
func TestInventory_changesWhileTheIDsAreRead(t *testing.T) {
	for what, change := range map[string]func(*inventoryTest, []StoredObject){
		"created":     func(k *inventoryTest, _ []StoredObject) { mustStore(t, k.other, 1, "new") },
		"updated":     func(k *inventoryTest, all []StoredObject) { mustUpdate(t, k.other, changed(all[7], "x")) },
		"own removal": func(k *inventoryTest, all []StoredObject) { mustDelete(t, k.own, all[8]) },
	} {
		k := newInventoryTest(t, netboxtest.Options{})
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
