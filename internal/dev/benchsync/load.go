//go:build unix

package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/clustertest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

// load is what NetBox and the clusters have when a measurement begins.
type load struct {
	Fabrics  int  // that are synced
	Each     int  // objects of each of them
	Others   int  // objects of one more fabric, which is not synced
	Stored   bool // NetBox has all objects as the clusters have them
	Filters  bool // the plugin filters objects by fabric
	Interval int  // of the fabrics, in seconds
}

// others is the number of the fabric that is not synced.
const others = 0

// shares are how many of a hundred objects are of which kind.
var shares = map[string]int{
	"VPC": 8, "VPCAttachment": 38, "VPCPeering": 6, "ExternalPeering": 2, "Connection": 24, "Server": 19, "Switch": 2,
	"SwitchGroup": 1,
}

// of returns how many of a fabric's objects are of a kind. They add up to all.
func of(kind fabric.Kind, objects int) int {
	before := 0
	for _, k := range fabric.Kinds() {
		after := before + shares[k.Name]
		if k == kind {
			return objects*after/100 - objects*before/100
		}
		before = after
	}
	return 0
}

// object is the content of an object of a cluster. No fabric's object is equal to
// another's, and each is the same whenever it is made.
type object struct {
	Name, UID, Version  string
	Spec                map[string]any
	Labels, Annotations map[string]string
}

// annotations are large, as those are that kubectl leaves. Nobody changes them.
var annotations = map[string]string{"example.com/notes": strings.Repeat("about a thousand characters ", 40)}

func newObject(kind fabric.Kind, number, i int) object {
	o := clustertest.Example(kind, fmt.Sprintf("%s-%05d", strings.ToLower(kind.Name), i))
	n := slices.Index(fabric.Kinds(), kind)
	return object{
		Name: o.Name, UID: fmt.Sprintf("%08x-%04x-4000-8000-%012x", number, n, i), Version: strconv.Itoa(1000 + i),
		Spec: o.Spec, Labels: o.Labels, Annotations: annotations,
	}
}

func namespaceOf(number int) string { return fmt.Sprintf("fabric-%05d", number) }

// clusters answers for the clusters of all fabrics: a namespace of one server for each.
// It keeps no objects, so that half a million cost no memory.
type clusters struct {
	server *clustertest.Server
	each   int
}

// startClusters starts the clusters; the caller closes the server.
func startClusters(each int) (*clusters, error) {
	server, err := clustertest.New(clustertest.Options{})
	if err != nil {
		return nil, err
	}
	c := &clusters{server, each}
	for _, kind := range fabric.Kinds() {
		server.Answer("/apis/"+kind.Group+"/"+kind.Version+"/namespaces/", c.list)
	}
	return c, nil
}

// list answers a page of a list.
func (c *clusters) list(w http.ResponseWriter, r *http.Request) {
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	at := slices.IndexFunc(fabric.Kinds(), func(k fabric.Kind) bool {
		return k.Group == parts[1] &&
			k.Resource == parts[len(parts)-1]
	})
	if r.Header.Get("Authorization") != "Bearer "+clustertest.FullToken || at < 0 {
		clustertest.Refuse(w, http.StatusForbidden, "Forbidden", "forbidden")
		return
	}
	kind := fabric.Kinds()[at]
	number, _ := strconv.Atoi(strings.TrimPrefix(parts[4], "fabric-")) // made here
	from, _ := strconv.Atoi(r.URL.Query().Get("continue"))
	to, meta := of(kind, c.each), map[string]any{"resourceVersion": "1"}
	if limit, _ := strconv.Atoi(r.URL.Query().Get("limit")); limit > 0 && to-from > limit {
		to = from + limit
		meta["continue"] = strconv.Itoa(to)
	}
	version, items := kind.Group+"/"+kind.Version, []any{}
	for i := from; i < to; i++ {
		o := newObject(kind, number, i)
		items = append(items, map[string]any{"apiVersion": version, "kind": kind.Name, "spec": o.Spec,
			"metadata": map[string]any{
				"name": o.Name, "namespace": parts[4], "uid": o.UID, "resourceVersion": o.Version,
				"creationTimestamp": "2030-01-01T00:00:00Z",
				"labels":            o.Labels, "annotations": o.Annotations,
			}})
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{ // the client may be gone
		"apiVersion": version, "kind": kind.Name + "List", "metadata": meta, "items": items,
	})
}
