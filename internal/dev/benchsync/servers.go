//go:build unix

package main

import (
	"bufio"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/clustertest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netbox"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

// envLoad makes this program the servers of a measurement. Its value is the load.
const envLoad = "BENCH_SYNC_LOAD"

// address is what the servers say when they are ready.
type address struct{ URL, Token string }

// Kinds of requests to NetBox.
const (
	listFabrics  = "fabric lists"
	readFabric   = "fabric reads"
	listObjects  = "object lists"
	writeFabric  = "fabric writes"
	writeObjects = "object writes"
	anyOther     = "other"
)

func requestKinds() []string {
	return []string{listFabrics, readFabric, listObjects, writeFabric, writeObjects, anyOther}
}

func kindOf(r *http.Request) string {
	const plugin = "/api/plugins/hedgehog/"
	rest, ours := strings.CutPrefix(r.URL.Path, plugin)
	endpoint, key, _ := strings.Cut(strings.Trim(rest, "/"), "/")
	switch reads := r.Method == http.MethodGet; {
	case !ours:
		return anyOther
	case endpoint != "fabrics" && reads:
		return listObjects
	case endpoint != "fabrics":
		return writeObjects
	case !reads:
		return writeFabric
	case key == "":
		return listFabrics
	}
	return readFabric
}

// counts are what the servers got since they were last asked.
type counts struct {
	Requests map[string]int // to NetBox, by their kind
	Bytes    int64          // of NetBox's answers
	Rows     int            // of NetBox's change log
	Cluster  int            // requests to clusters
}

func (c *counts) total() (n int) {
	for _, of := range c.Requests {
		n += of
	}
	return n
}

// servers are a NetBox and the clusters of its fabrics.
type servers struct {
	netbox   *netboxtest.Server
	clusters *clusters

	mu      sync.Mutex
	counted counts
	rows    int // of the change log when counting began
}

// serve starts servers with a load, says where they are, and answers each line of the
// input with what was counted. It ends with the input.
func serve(text string, in io.Reader, out io.Writer) error {
	var l load
	if err := json.Unmarshal([]byte(text), &l); err != nil {
		return err
	}
	s := &servers{counted: counts{Requests: map[string]int{}}}
	var err error
	if s.clusters, err = startClusters(l.Each); err != nil {
		return err
	}
	defer s.clusters.server.Close()
	var filter netboxtest.ObjectFilter
	if l.Filters {
		filter = netboxtest.FilterFields
	}
	if s.netbox, err = netboxtest.New(netboxtest.Options{ObjectFilter: filter}); err != nil {
		return err
	}
	defer s.netbox.Close()
	s.seed(l)
	s.netbox.Intercept(s.countNetBox)
	s.clusters.server.Intercept(s.countCluster)
	answers := json.NewEncoder(out)
	if err := answers.Encode(address{s.netbox.URL(), netboxtest.AdminToken}); err != nil {
		return err
	}
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		if err := answers.Encode(s.take()); err != nil {
			return err
		}
	}
	return lines.Err()
}

// seed puts the load into NetBox.
func (s *servers) seed(l load) {
	// Nothing has changed for a day.
	s.netbox.SetNow(time.Now().Add(-24 * time.Hour))
	defer s.netbox.SetNow(time.Time{})
	if l.Others > 0 {
		s.addObjects(s.addFabric(others, map[string]any{"sync_enabled": false}), others, l.Others)
	}
	for number := 1; number <= l.Fabrics; number++ {
		fields := map[string]any{
			"kubernetes_server": s.clusters.server.URL(), "kubernetes_token": clustertest.FullToken,
			"kubernetes_ca_cert": s.clusters.server.CA(), "kubernetes_namespace": namespaceOf(number),
			"sync_interval": l.Interval,
		}
		if l.Stored {
			fields["sync_status"], fields["connection_status"] = "in_sync", "connected"
			fields["last_sync"] = s.netbox.Now()
		}
		id := s.addFabric(number, fields)
		if l.Stored {
			s.addObjects(id, number, l.Each)
		}
	}
}

func (s *servers) addFabric(number int, fields map[string]any) int64 {
	all := map[string]any{"name": namespaceOf(number)}
	maps.Copy(all, fields)
	return s.netbox.AddFabric(all)
}

func (s *servers) countNetBox(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sized := &sizedWriter{ResponseWriter: w}
		next.ServeHTTP(sized, r)
		s.netbox.ResetRequests() // with their bodies, they would pile up
		s.mu.Lock()
		defer s.mu.Unlock()
		s.counted.Requests[kindOf(r)]++
		s.counted.Bytes += sized.bytes
	})
}

func (s *servers) countCluster(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r)
		s.clusters.server.ResetRequests()
		s.mu.Lock()
		defer s.mu.Unlock()
		s.counted.Cluster++
	})
}

func (s *servers) take() counts {
	rows := len(s.netbox.Changelog())
	s.mu.Lock()
	defer s.mu.Unlock()
	taken := s.counted
	taken.Rows, s.rows = rows-s.rows, rows
	s.counted = counts{Requests: map[string]int{}}
	return taken
}

// sizedWriter counts the bytes of an answer's body.
type sizedWriter struct {
	http.ResponseWriter
	bytes int64
}

func (w *sizedWriter) Write(b []byte) (int, error) {
	n, err := w.ResponseWriter.Write(b)
	w.bytes += int64(n)
	return n, err
}

// Unwrap serves http.ResponseController.
func (w *sizedWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// addObjects stores a fabric's objects as its cluster has them.
func (s *servers) addObjects(id int64, number, objects int) {
	for _, kind := range fabric.Kinds() {
		if len(clustertest.Example(kind, "").Spec) == 0 {
			continue // NetBox refuses an empty spec
		}
		s.netbox.AddObjects(kind.Endpoint, of(kind, objects), func(i int) map[string]any {
			o := newObject(kind, number, i)
			return map[string]any{
				"fabric": id, "namespace": namespaceOf(number), "name": o.Name, "spec": o.Spec, "labels": o.Labels,
				"annotations": o.Annotations, "kubernetes_status": netbox.ObjectLive, "kubernetes_uid": o.UID,
				"kubernetes_resource_version": o.Version,
			}
		})
	}
}
