package statuscmd

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/cluster"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/connection"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netbox"
)

const (
	// parallelClusters is how many clusters are asked at the same time.
	parallelClusters = 8
	// clusterLimit is the time limit for all answers of one cluster.
	clusterLimit = 15 * time.Second
)

// readHealth asks the clusters of the fabrics to show for their health. A fabric without a
// Kubernetes server has no health.
func (r *run) readHealth(ctx context.Context, s *snapshot) {
	s.health = map[int64]*fabric.Health{}
	var mu sync.Mutex // guards s.health
	var group errgroup.Group
	group.SetLimit(parallelClusters)
	for _, one := range s.fabrics {
		f := &one.Fabric
		if fabric.Blank(f.KubernetesServer) || !r.options.filter.Matches(f, one.ObservedAt) {
			continue
		}
		group.Go(func() error {
			h, err := r.askCluster(ctx, f)
			if err != nil {
				h = fabric.UnknownHealth(err.Error())
			}
			mu.Lock()
			defer mu.Unlock()
			s.health[f.ID] = h
			return nil
		})
	}
	_ = group.Wait() // what fails is part of the health
}

// askCluster reads the credentials of a fabric, which the list leaves out, and asks its
// cluster.
func (r *run) askCluster(ctx context.Context, f *fabric.Fabric) (*fabric.Health, error) {
	if ctx.Err() != nil {
		return nil, fmt.Errorf("there was no time left to ask the cluster; raise --timeout (now %s)",
			fabric.Humanize(r.options.timeout))
	}
	read, err := r.netbox.Fabrics().Refresh(ctx, f.ID, netbox.RevisionOf(f))
	if err != nil {
		return nil, fmt.Errorf("NetBox did not give the cluster's token: %s", explain(err, r.options.timeout))
	}
	if read.Fabric.TokenHidden {
		return nil, errors.New("NetBox does not show the fabric's kubernetes_token, so its cluster cannot be asked; " +
			"the NetBox plugin was changed to hide it: ask a NetBox administrator")
	}
	c, err := cluster.New(cluster.Config{
		Server: read.Fabric.KubernetesServer, Token: read.Fabric.KubernetesToken, CACert: read.Fabric.KubernetesCACert,
		Namespace: read.Fabric.KubernetesNamespace, Insecure: r.options.insecure, UserAgent: r.program.userAgent(),
	})
	if err != nil {
		return nil, err
	}
	defer c.Close()
	limit := cmp.Or(r.program.clusterLimit, clusterLimit)
	ctx, cancel := context.WithTimeoutCause(ctx, limit, &connection.TimeoutError{After: limit})
	defer cancel()
	return c.Health(ctx), nil
}

// healthMessages returns messages about the fabric's health; a single line if all is well.
// It does not repeat a reason that is in the messages shown before.
func (v *view) healthMessages(e *entry, shown []string) []string {
	if e.health == nil {
		return nil
	}
	if reason := v.safe(strings.TrimSuffix(e.health.Unasked(), ".")); reason != "" &&
		slices.ContainsFunc(shown, func(one string) bool { return strings.Contains(one, reason) }) {
		return []string{"The health is not known for the same reason."}
	}
	var sentences []string
	for _, one := range e.health.Sentences() {
		sentences = append(sentences, v.safe(one))
	}
	if healthy, _ := e.health.Healthy(); healthy {
		return []string{strings.Join(sentences, " ")}
	}
	return sentences
}

// unhealthy reports whether the fabric is known to be unhealthy.
func (e *entry) unhealthy() bool {
	if e.health == nil {
		return false
	}
	healthy, known := e.health.Healthy()
	return known && !healthy
}

// healthUnknown reports whether the fabric's cluster was asked and its health is still not
// known.
func (e *entry) healthUnknown() bool {
	if e.health == nil {
		return false
	}
	_, known := e.health.Healthy()
	return !known
}
