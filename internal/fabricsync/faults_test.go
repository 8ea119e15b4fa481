package fabricsync

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/cluster"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

// losses are the ways in which the answer to a write is lost.
var losses = map[string]func(http.ResponseWriter){
	"connection cut": func(http.ResponseWriter) { hangUp() },
	"500 in HTML":    fail500,
	"200 in HTML": func(rw http.ResponseWriter) {
		rw.Header().Set("Content-Type", "text/html")
		_, _ = rw.Write([]byte("<html>Welcome</html>"))
	},
}

func TestFaults_everyWriteIsCarriedOutAndItsAnswerLost(t *testing.T) {
	// A NetBox with an event rule on fabrics answers every write like this.
	for name, lose := range losses {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			fill(w)
			w.sync() // so that there is something to change, and to remove
			w.cluster.change("Server", 0, "2")
			w.cluster.add("Switch", 1)
			w.cluster.objects["VPC"] = w.cluster.objects["VPC"][1:]
			w.intercept("", "/", func(_ int, next http.Handler, rw http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodGet {
					next.ServeHTTP(rw, r)
					return
				}
				commit(next, r)
				lose(rw)
			})
			w.netbox.ResetRequests()
			if totals := w.sync(prune).Totals(); totals.Created != 1 || totals.Updated != 1 || totals.Deleted != 1 {
				t.Errorf("%+v", totals)
			}
			w.wantWrites("PATCH fabrics/1", "PATCH servers", "POST switches", "DELETE vpcs", "PATCH fabrics/1")
			w.cluster.objects["SwitchGroup"] = nil
			w.wantMirror()
			w.wantFabric(map[string]any{"sync_status": "in_sync"})
		})
	}
}

func TestFaults_everyWriteIsLostOnce(t *testing.T) {
	for name, lose := range losses {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			fill(w)
			w.cluster.objects["SwitchGroup"] = nil
			var lost sync.Map // a request may come before the end of the one that was cut
			w.intercept("", "/", func(_ int, next http.Handler, rw http.ResponseWriter, r *http.Request) {
				if r.Method != http.MethodGet {
					if _, again := lost.LoadOrStore(r.URL.Path, true); !again {
						lose(rw)
						return
					}
				}
				next.ServeHTTP(rw, r)
			})
			w.sync()
			w.wantMirror()
		})
	}
}

func TestFaults_serverThatFailsOnOneObject(t *testing.T) {
	w := newWorld(t)
	w.cluster.add("VPC", 250)
	w.intercept("POST", "/vpcs/", func(_ int, next http.Handler, rw http.ResponseWriter, r *http.Request) {
		if body := readBody(r); strings.Contains(body, `"vpc-77"`) {
			fail500(rw)
			return
		}
		next.ServeHTTP(rw, r)
	})
	result, err := w.run()
	if vpc := kindOf(t, result, "VPC"); err != nil || vpc.Created != 249 || vpc.Failed != 1 ||
		!strings.Contains(vpc.Failures[0], "vpc-77: ") {
		t.Errorf("%+v, %v", result, err)
	}
	if n := w.netbox.Count("POST", ""); n > 25 {
		t.Errorf("%d requests", n)
	}
}

func TestFaults_netboxThatStoresNothingIsGivenUp(t *testing.T) {
	for name, lose := range losses {
		w := newWorld(t)
		w.cluster.add("VPC", 1000)
		w.cluster.add("Switch", 1)
		w.intercept("POST", "/vpcs/", func(_ int, _ http.Handler, rw http.ResponseWriter, _ *http.Request) { lose(rw) })
		result, err := w.run()
		if err != nil || result.Outcome != Failed || kindOf(t, result, "VPC").Error == "" {
			t.Errorf("%s: %+v, %v", name, result, err)
		}
		if n := w.netbox.Count("POST", "/api/plugins/hedgehog/vpcs/"); n > 30 {
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
	w.intercept("GET", "/vpcs/", func(_ int, _ http.Handler, rw http.ResponseWriter, _ *http.Request) { fail500(rw) })
	result, err := w.run(prune)
	if vpc := kindOf(t, result, "VPC"); err != nil || result.Outcome != Failed || vpc.Error == "" || vpc.Listed ||
		kindOf(t, result, "Switch").Created != 1 {
		t.Errorf("%+v, %v", result, err)
	}
	if n := w.netbox.Count("POST", "/api/plugins/hedgehog/vpcs/"); n != 0 {
		t.Errorf("%d blind writes", n)
	}
	w.wantConsistent()
}

func TestFaults_outcomeThatCannotBeStoredIsAnError(t *testing.T) {
	w := newWorld(t)
	w.cluster.add("VPC", 1)
	w.intercept("PATCH", "/fabrics/1/", func(n int, next http.Handler, rw http.ResponseWriter, r *http.Request) {
		if n > 1 { // lock
			fail500(rw)
			return
		}
		next.ServeHTTP(rw, r)
	})
	result, err := w.run()
	wantError[*rest.ServerError](t, err)
	if result.Outcome != Failed || !strings.HasPrefix(result.Message, "the outcome of the sync could not be stored: ") {
		t.Errorf("%+v, %v", result, err)
	}
	w.wantFabric(map[string]any{"sync_status": "syncing"}) // which goes stale
}

// aged is a world with something to create, change, clear and remove: what one
// sync stored and the cluster no longer agrees with.
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

// cutOff makes NetBox fall silent, for this engine, from the n-th of its requests
// on; committed tells whether that one is still carried out.
func (w *world) cutOff(n int64, committed bool) (restore func()) {
	var count atomic.Int64
	return w.netbox.Intercept(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			switch i := count.Add(1); {
			case i == n && committed:
				commit(next, r)
				hangUp()
			case i >= n:
				hangUp()
			}
			next.ServeHTTP(rw, r)
		})
	})
}

func TestFaults_killedAtAnyPointTheNextRunEndsInTheRightState(t *testing.T) {
	whole := aged(t)
	whole.sync(prune)
	requests := len(whole.netbox.Requests())
	random := rand.New(rand.NewPCG(1, 2))
	for range 20 {
		n, committed := 1+random.Int64N(int64(requests)), random.IntN(2) == 0
		t.Run(fmt.Sprintf("request %d of %d, carried out: %t", n, requests, committed), func(t *testing.T) {
			w := aged(t)
			restore := w.cutOff(n, committed)
			// From here on nothing of the engine reaches NetBox: as if it were killed.
			if result, _ := w.run(prune); result.Outcome == Synced {
				t.Fatalf("%+v", result)
			}
			restore()
			result, err := w.run(prune)
			if err != nil || (result.Outcome != Busy && result.Outcome != Synced) {
				t.Errorf("before the mark is stale: %+v, %v", result, err)
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

// faults are what may happen to one request.
var faults = map[string]func(next http.Handler, rw http.ResponseWriter, r *http.Request){
	"cut":              func(http.Handler, http.ResponseWriter, *http.Request) { hangUp() },
	"cut after commit": func(next http.Handler, _ http.ResponseWriter, r *http.Request) { commit(next, r); hangUp() },
	"500":              func(_ http.Handler, rw http.ResponseWriter, _ *http.Request) { fail500(rw) },
	"500 after commit": func(next http.Handler, rw http.ResponseWriter, r *http.Request) {
		commit(next, r)
		fail500(rw)
	},
	"403": func(_ http.Handler, rw http.ResponseWriter, _ *http.Request) {
		answerJSON(rw, 403, `{"detail":"You may not."}`)
	},
	"400": func(_ http.Handler, rw http.ResponseWriter, _ *http.Request) {
		answerJSON(rw, 400, `{"detail":"Bad."}`)
	},
	"404": func(_ http.Handler, rw http.ResponseWriter, _ *http.Request) {
		answerJSON(rw, 404, `{"detail":"Gone."}`)
	},
	"412": func(_ http.Handler, rw http.ResponseWriter, _ *http.Request) {
		answerJSON(rw, 412, `{"detail":"Changed."}`)
	},
	"413":               func(_ http.Handler, rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(413) },
	"200 with nonsense": func(_ http.Handler, rw http.ResponseWriter, _ *http.Request) { answerJSON(rw, 200, `{"a":`) },
}

func answerJSON(rw http.ResponseWriter, status int, body string) {
	rw.Header().Set("Content-Type", "application/json")
	rw.Header().Set("API-Version", "4.7")
	rw.WriteHeader(status)
	_, _ = rw.Write([]byte(body))
}

// TestFaults_recordIsConsistentOrMarkedWhateverHappens: whatever befalls a
// request, and all that follow it, the record never contradicts itself, and says
// in_sync only of what is in sync.
func TestFaults_recordIsConsistentOrMarkedWhateverHappens(t *testing.T) {
	whole := smallAged(t, nil)
	whole.sync(prune)
	requests := len(whole.netbox.Requests())
	for name, fault := range faults {
		for _, lasting := range []bool{false, true} {
			for n := 1; n <= requests; n++ {
				w := smallAged(t, map[string]any{})
				var count atomic.Int64
				restore := w.netbox.Intercept(func(next http.Handler) http.Handler {
					return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
						if i := count.Add(1); i == int64(n) || (lasting && i > int64(n)) {
							fault(next, rw, r)
							return
						}
						next.ServeHTTP(rw, r)
					})
				})
				result, err := w.run(prune)
				restore()
				if w.fabric()["sync_status"] != "syncing" {
					w.wantConsistent()
				}
				if w.fabric()["last_sync"] == "2030-05-01T12:10:00Z" {
					if w.wantMirror("gone"); len(w.stored("vpcs")) != 3 && result.Warnings == nil {
						t.Error("what has gone was left without a word")
					}
				}
				if t.Failed() {
					t.Fatalf("%s at request %d of %d, lasting: %t: %+v, %v", name, n, requests, lasting, result, err)
				}
			}
		}
	}
}

func smallAged(t *testing.T, fields map[string]any) *world {
	t.Helper()
	w := newWorld(t, fields)
	w.cluster.add("VPC", 3)
	w.cluster.add("Server", 2)
	w.cluster.problem = clusterError(cluster.ClassUnreachable, "not yet")
	if _, err := w.run(); err != nil { // so that an error is to be cleared
		t.Fatal(err)
	}
	w.cluster.problem = nil
	w.request("POST", "/api/plugins/hedgehog/vpcs/",
		`{"fabric":1,"name":"gone","namespace":"hedgehog","spec":{"a":1},"kubernetes_uid":"u"}`, &map[string]any{})
	w.request("POST", "/api/plugins/hedgehog/vpcs/",
		`{"fabric":1,"name":"vpc-1","namespace":"hedgehog","spec":{"a":1},"kubernetes_uid":"u"}`, &map[string]any{})
	w.advance(10 * time.Minute)
	w.netbox.ResetRequests()
	return w
}

func TestFaults_cancelledWhileAWriteIsUnderWay(t *testing.T) {
	w := newWorld(t)
	w.cluster.add("VPC", 300)
	ctx, cancel := context.WithCancel(t.Context())
	w.intercept("POST", "/vpcs/", func(_ int, next http.Handler, rw http.ResponseWriter, r *http.Request) {
		cancel()
		next.ServeHTTP(rw, r)
	})
	if result, err := Run(ctx, w.options(), 1); err == nil || result.Outcome != Interrupted {
		t.Errorf("%+v, %v", result, err)
	}
	if n := len(w.stored("vpcs")); n != 200 {
		t.Errorf("%d objects, want those of the write that was under way", n)
	}
	w.wantFabric(map[string]any{"sync_status": "never_synced"})
	w.sync()
	w.wantMirror()
}
