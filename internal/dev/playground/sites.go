//go:build unix

package main

import (
	"context"
	"maps"
	"strings"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/clustertest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

// site is a fabric of the playground. hcl/main.tf declares the same fabrics.
type site struct {
	name   string
	fields map[string]any // the fabric's other values in NetBox
	synced time.Duration  // how long ago the last sync was; 0: never

	cluster   bool // it has a running cluster
	cleared   bool // NetBox does not have the address of the cluster
	untrusted bool // NetBox does not have the CA of the cluster
	refused   bool // the cluster refuses the token that NetBox has
	hidden    bool // the token that NetBox has may not list the objects that show the fabric's health
	silent    bool // one of its two switches sends no heartbeat
}

// sites returns the fabrics, at least one for each sync status.
func sites() []site {
	return []site{
		{name: "athens", fields: map[string]any{"description": "Racks ordered"}},
		{name: "berlin", cluster: true, synced: 5 * time.Second, fields: map[string]any{
			"status": "active", "sync_interval": 60, "sync_status": "in_sync", "connection_status": "connected"}},
		{name: "cairo", cluster: true, fields: map[string]any{"status": "maintenance", "sync_enabled": false}},
		{name: "dublin", cluster: true, refused: true, synced: 26 * time.Hour, fields: map[string]any{
			"status": "active", "sync_status": "error", "connection_status": "error",
			"connection_error": "The API server does not accept the token."}},
		{name: "lisbon", cluster: true, hidden: true, fields: map[string]any{"status": "active", "sync_interval": 600}},
		{name: "madrid", cluster: true, untrusted: true, fields: map[string]any{"status": "active"}},
		{name: "oslo", cluster: true, silent: true, synced: 3 * time.Hour, fields: map[string]any{
			"status": "active", "sync_interval": 3600, "sync_status": "in_sync", "connection_status": "connected"}},
		{name: "quito", cluster: true, cleared: true, fields: map[string]any{
			"sync_status": "in_sync", "connection_status": "connected"}},
	}
}

// example returns the address of a fabric's cluster in the HCL. The playground replaces it
// with the stand-in's address.
func example(name string) string { return "https://" + name + ".k8s.example.com:6443" }

// token returns the cluster token that NetBox stores for the fabric.
func (s site) token() string {
	if s.hidden {
		return clustertest.FullToken
	}
	return clustertest.HealthToken
}

// record returns the fabric as NetBox stores it; c is its cluster or nil.
func (s site) record(now time.Time, c *clustertest.Server) map[string]any {
	record := map[string]any{"name": s.name}
	maps.Copy(record, s.fields)
	if s.synced > 0 {
		record["last_sync"] = now.Add(-s.synced).UTC().Format(time.RFC3339)
	}
	if c != nil {
		record["kubernetes_token"] = s.token()
		if !s.cleared {
			record["kubernetes_server"] = c.URL()
		}
		if !s.untrusted {
			record["kubernetes_ca_cert"] = c.CA()
		}
	}
	return record
}

// switches are the names of the switches of each cluster.
var switches = []string{"leaf-01", "leaf-02"}

// startClusters starts the clusters and returns them by fabric name. stop is never nil, and
// stops the clusters that were started.
func startClusters() (clusters map[string]*clustertest.Server, stop func(), err error) {
	clusters = map[string]*clustertest.Server{}
	stop = func() {
		for _, c := range clusters {
			c.Close()
		}
	}
	for _, s := range sites() {
		if !s.cluster {
			continue
		}
		started, err := clustertest.New(clustertest.Options{})
		if err != nil {
			return clusters, stop, err
		}
		clusters[s.name] = started
		for _, kind := range fabric.Kinds() {
			started.Put(kind, "default", clustertest.Example(kind, strings.ToLower(kind.Name)+"-01"))
		}
		if s.refused {
			started.RevokeToken(s.token())
		}
		if s.silent {
			silent := clustertest.Agent(switches[1], 1, time.Now().Add(-20*time.Minute), "v0.99.0")
			started.Put(fabric.AgentKind(), "default", silent)
		}
	}
	return clusters, stop, nil
}

// beat sends the heartbeats of the switches until ctx ends.
func beat(ctx context.Context, clusters map[string]*clustertest.Server) {
	ticker := time.NewTicker(15 * time.Second) // as Hedgehog's agents do
	defer ticker.Stop()
	for {
		for _, s := range sites() {
			if c := clusters[s.name]; c != nil && s.silent {
				c.PutHealth("default", switches[0])
			} else if c != nil {
				c.PutHealth("default", switches...)
			}
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
	}
}
