package fabricsync

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/cluster"
)

// losses are the ways in which the answer to a write is lost.
var losses = map[string]func(*exchange){
	"connection cut": (*exchange).hangUp,
	"500 in HTML":    fail500,
	"200 in HTML": func(x *exchange) {
		x.rw.Header().Set("Content-Type", "text/html")
		_, _ = x.rw.Write([]byte("<html>Welcome</html>"))
	},
}

// The answer to each write is lost. Either NetBox carries out all of them, like a NetBox with an
// event rule on fabrics, or it does not get the first write to each path.
func TestFaults_everyWriteIsLost(t *testing.T) {
	for name, lose := range losses {
		for _, carriedOut := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, carried out %t", name, carriedOut), func(t *testing.T) {
				w := newWorld(t)
				fill(w)
				w.sync() // so that there is something to change, and to remove
				w.cluster.change("Server", 0, "2")
				w.cluster.add("Switch", 1)
				w.cluster.objects["VPC"] = w.cluster.objects["VPC"][1:]
				var lost sync.Map // a request may arrive before the previous one has ended
				w.intercept("!GET", "/", func(x *exchange) {
					if carriedOut {
						x.commit()
					} else if _, again := lost.LoadOrStore(x.r.URL.Path, true); again {
						x.pass()
						return
					}
					lose(x)
				})
				w.netbox.ResetRequests()
				if totals := w.sync(prune).Totals(); totals.Created != 1 || totals.Updated != 1 || totals.Deleted != 1 {
					t.Errorf("got %+v", totals)
				}
				if carriedOut {
					w.wantWrites("PATCH fabrics/1", "PATCH servers", "POST switches", "DELETE vpcs", "PATCH fabrics/1")
				}
				w.cluster.objects["SwitchGroup"] = nil
				w.wantMirror()
				w.wantFabric(map[string]any{"sync_status": "in_sync"})
			})
		}
	}
}

func TestFaults_serverThatFailsOnOneObject(t *testing.T) {
	w := newWorld(t)
	w.cluster.add("VPC", 250)
	w.intercept("POST", "/vpcs/", func(x *exchange) {
		if strings.Contains(x.body(), `"vpc-77"`) {
			fail500(x)
			return
		}
		x.pass()
	})
	if vpc := kindOf(t, w.want(Failed, ""), "VPC"); vpc.Created != 249 || vpc.Failed != 1 ||
		!strings.Contains(vpc.Failures[0], "vpc-77: ") {
		t.Errorf("got %+v", vpc)
	}
	if n := w.netbox.Count("POST", ""); n > 25 {
		t.Errorf("got %d requests", n)
	}
}

func TestFaults_netboxThatStoresNothingGetsFewRequests(t *testing.T) {
	for name, lose := range losses {
		w := newWorld(t)
		w.cluster.add("VPC", 1000)
		w.cluster.add("Switch", 1)
		w.intercept("POST", "/vpcs/", lose)
		if result := w.want(Failed, ""); kindOf(t, result, "VPC").Error == "" {
			t.Errorf("%s: got %+v", name, result)
		}
		if n := w.netbox.Count("POST", plugin+"vpcs/"); n > 30 {
			t.Errorf("%s: %d requests", name, n)
		}
		w.wantFabric(map[string]any{"sync_status": "error", "connection_status": "connected"})
		w.wantConsistent()
	}
}

func TestFaults_kindThatCannotBeReadFromNetBox(t *testing.T) {
	w := newWorld(t)
	w.cluster.add("VPC", 1)
	w.cluster.add("Switch", 1)
	w.intercept("GET", "/vpcs/", fail500)
	result := w.want(Failed, "", prune)
	if vpc := kindOf(t, result, "VPC"); vpc.Error == "" || vpc.Listed || kindOf(t, result, "Switch").Created != 1 {
		t.Errorf("got %+v", result)
	}
	if n := w.netbox.Count("POST", plugin+"vpcs/"); n != 0 {
		t.Errorf("%d blind writes", n)
	}
	w.wantConsistent()
}

// aged returns a world with objects to create, change, clear and delete: the cluster has changed
// since the last sync.
func aged(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	w.cluster.add("VPC", 30)
	w.cluster.add("Server", 450)
	w.cluster.add("Switch", 20)
	w.sync()
	w.cluster.change("Server", 3, "2")
	w.cluster.change("Switch", 3, "2")
	w.cluster.add("Server", 350)
	w.cluster.add("Connection", 250)
	w.cluster.objects["VPC"] = w.cluster.objects["VPC"][5:]
	w.advance(10 * time.Minute)
	w.netbox.ResetRequests()
	return w
}

func TestFaults_killedAtAnyPointTheNextRunEndsInTheRightState(t *testing.T) {
	whole := aged(t)
	whole.sync(prune)
	requests := len(whole.netbox.Requests())
	random := rand.New(rand.NewPCG(1, 2))
	for range 20 {
		n, committed := 1+random.IntN(requests), random.IntN(2) == 0
		t.Run(fmt.Sprintf("request %d of %d, carried out: %t", n, requests, committed), func(t *testing.T) {
			w := aged(t)
			// From request n on, nothing of the engine reaches NetBox, as if it were killed.
			restore := w.intercept("", "", func(x *exchange) {
				if x.n < n {
					x.pass()
					return
				}
				if x.n == n && committed {
					x.commit()
				}
				x.hangUp()
			})
			if result, _ := w.run(prune); result.Outcome == Synced {
				t.Fatalf("got %+v", result)
			}
			restore()
			result, err := w.run(prune)
			if err != nil || (result.Outcome != Busy && result.Outcome != Synced) {
				t.Errorf("before the lock is stale: %+v, %v", result, err)
			}
			w.advance(181 * time.Second)
			w.sync(prune)
			w.wantMirror()
			w.wantConsistent()
			w.wantFabric(map[string]any{"sync_status": "in_sync", "servers_count": 800, "vpcs_count": 25,
				"cached_crd_count": 1095})
			w.netbox.ResetRequests()
			w.sync(prune)
			w.wantWrites("PATCH fabrics/1")
		})
	}
}

// faults are the faults of a single request.
var faults = map[string]func(*exchange){
	"cut":               (*exchange).hangUp,
	"cut after commit":  func(x *exchange) { x.commit(); x.hangUp() },
	"500":               fail500,
	"500 after commit":  func(x *exchange) { x.commit(); fail500(x) },
	"403":               func(x *exchange) { x.answer(403, `{"detail":"You may not."}`) },
	"400":               func(x *exchange) { x.answer(400, `{"detail":"Bad."}`) },
	"404":               func(x *exchange) { x.answer(404, `{"detail":"Gone."}`) },
	"412":               func(x *exchange) { x.answer(412, `{"detail":"Changed."}`) },
	"413":               func(x *exchange) { x.rw.WriteHeader(413) },
	"200 with nonsense": func(x *exchange) { x.answer(200, `{"a":`) },
}

// Whatever happens to a request and all later ones, the record never contradicts itself, and it
// has in_sync only if the fabric is in sync.
func TestFaults_recordIsConsistentOrLocked(t *testing.T) {
	whole := smallAged(t)
	whole.sync(prune)
	requests := len(whole.netbox.Requests())
	for name, fault := range faults {
		for _, lasting := range []bool{false, true} {
			for n := 1; n <= requests; n++ {
				w := smallAged(t)
				restore := w.intercept("", "", func(x *exchange) {
					if x.n == n || (lasting && x.n > n) {
						fault(x)
						return
					}
					x.pass()
				})
				result, err := w.run(prune)
				restore()
				if w.fabric()["sync_status"] != "syncing" {
					w.wantConsistent()
				}
				if w.fabric()["last_sync"] == "2030-05-01T12:10:00Z" {
					if w.wantMirror("gone"); len(w.stored("vpcs")) != 3 && result.Warnings == nil {
						t.Error("what has gone was left without a warning")
					}
				}
				if t.Failed() {
					t.Fatalf("%s at request %d of %d, lasting: %t: %+v, %v", name, n, requests, lasting, result, err)
				}
			}
		}
	}
}

func smallAged(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	w.cluster.add("VPC", 3)
	w.cluster.add("Server", 2)
	w.cluster.problem = clusterError(cluster.ClassUnreachable, "not yet")
	w.want(Failed, "not yet") // so that there is an error to clear
	w.cluster.problem = nil
	for _, name := range []string{"gone", "vpc-1"} {
		w.store("POST", "vpcs/", `{"fabric":1,"name":"`+name+`","namespace":"hedgehog","spec":{"a":1},`+
			`"kubernetes_uid":"u"}`)
	}
	w.advance(10 * time.Minute)
	w.netbox.ResetRequests()
	return w
}
