package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"golang.org/x/sync/errgroup"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

// agentsPerPage keeps answers small: an Agent with the state of all its ports may have
// hundreds of kilobytes.
const agentsPerPage = 25

// healthRoleAdvice names what permits a token to read health.
const healthRoleAdvice = "the Role and the RoleBinding in the Secrets guide allow it"

// maxNamed is how many refused kinds a sentence names.
const maxNamed = 2

// Health asks the cluster for the fabric's health. It leaves out a part that the token may
// not read, or that the cluster does not have. The reasons say so.
func (c *Cluster) Health(ctx context.Context) *fabric.Health {
	h := &fabric.Health{Reasons: map[string]string{}}
	var err error
	if h.Agents, err = c.agents(ctx); err != nil {
		if !concernsOneKind(err) { // the others would fail in the same way
			return fabric.UnknownHealth(err.Error())
		}
		h.Reasons[fabric.HealthAgents] = err.Error()
	}
	if h.Fabricator, err = c.fabricator(ctx); err != nil {
		h.Reasons[fabric.HealthFabricator] = err.Error()
	}
	if h.Unstored, err = c.unstored(ctx); err != nil {
		h.Reasons[fabric.HealthUnstored] = err.Error()
	}
	return h
}

// concernsOneKind reports whether an error says nothing about requests for other kinds.
func concernsOneKind(err error) bool {
	failed, ok := errors.AsType[*Error](err)
	return !ok || failed.Class == ClassForbidden || failed.Class == ClassOther && status(failed) != 0
}

// agents returns a summary of the switches' agents in the namespace. A namespace without
// agents is an error: most likely it is the wrong one.
func (c *Cluster) agents(ctx context.Context) (*fabric.Agents, error) {
	sum := &fabric.Agents{}
	err := c.eachStatus(ctx, fabric.AgentKind(), func(o *statusObject, now time.Time) {
		sum.Add(&fabric.Agent{
			Name: c.quote(o.Metadata.Name), Version: c.quote(o.Status.Version), Heartbeat: when(o.Status.LastHeartbeat),
			Generation: o.Metadata.Generation, Applied: o.Status.LastAppliedGen,
		}, now)
	})
	if err != nil {
		return nil, c.shortError(fabric.AgentKind(), err)
	}
	if sum.Total == 0 {
		return nil, fmt.Errorf("%s has no Agent in namespace %q, so no switch was seen; check that "+
			"kubernetes_namespace is the fabric's namespace", c.config.Server, c.config.Namespace)
	}
	return sum, nil
}

// shortError shortens the error of a list. A refusal by RBAC is common here, and the rest of
// what Kubernetes says about it is known.
func (c *Cluster) shortError(kind fabric.Kind, err error) error {
	if failed, ok := errors.AsType[*Error](err); ok && failed.Class == ClassForbidden {
		return forbids(c.config.Server, c.namespaceOf(kind), resources([]fabric.Kind{kind}),
			healthRoleAdvice+"; the token can then also read the passwords in the specs of these objects")
	}
	return err
}

// fabricator returns the cluster's Fabricator. There is only one.
func (c *Cluster) fabricator(ctx context.Context) (*fabric.Fabricator, error) {
	var found *fabric.Fabricator
	kind := fabric.FabricatorKind()
	err := c.eachStatus(ctx, kind, func(o *statusObject, _ time.Time) { found = c.newFabricator(o) })
	if err != nil {
		return nil, c.shortError(kind, err)
	}
	if found == nil {
		return nil, fmt.Errorf("%s has no Fabricator in namespace %q, where Hedgehog installs it, so the control "+
			"nodes were not checked", c.config.Server, c.namespaceOf(kind))
	}
	return found, nil
}

func (c *Cluster) newFabricator(o *statusObject) *fabric.Fabricator {
	f := &fabric.Fabricator{
		Generation: o.Metadata.Generation, Applied: o.Status.LastAppliedGen,
		AppliedController: c.quote(o.Status.LastAppliedController), Release: c.quote(o.Status.Release),
		Versions: map[string]string{}, Conditions: map[string]string{},
	}
	for part, version := range map[string]string{
		fabric.FabricatorPart: o.Status.Versions.Fabricator.Controller,
		"fabric":              o.Status.Versions.Fabric.Controller,
		"gateway":             o.Status.Versions.Gateway.Dataplane,
	} {
		if version != "" {
			f.Versions[part] = c.quote(version)
		}
	}
	for _, condition := range o.Status.Conditions {
		f.Conditions[c.quote(condition.Type)] = c.quote(condition.Status)
	}
	return f
}

// unstored counts the kinds that NetBox cannot store. Those that the token cannot list
// are left out; the error then names the first of them.
func (c *Cluster) unstored(ctx context.Context) (map[string]int64, error) {
	kinds := fabric.UnstoredKinds()
	counted, refused := make([]int64, len(kinds)), make([]error, len(kinds))
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(parallelChecks)
	for i, kind := range kinds {
		group.Go(func() (err error) {
			counted[i], err = c.Count(groupCtx, kind)
			if failed, ok := errors.AsType[*Error](err); ok && failed.Class == ClassForbidden {
				refused[i] = err
				return nil
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	var counts map[string]int64
	var forbidden []fabric.Kind
	for i, kind := range kinds {
		if refused[i] != nil {
			forbidden = append(forbidden, kind)
			continue
		}
		if counts == nil {
			counts = map[string]int64{}
		}
		counts[kind.Name] = counted[i]
	}
	if len(forbidden) > 0 {
		which := resources(forbidden)
		if more := len(forbidden) - maxNamed; more > 1 {
			which = fmt.Sprintf("%s and %d more kinds that NetBox cannot store", resources(forbidden[:maxNamed]), more)
		}
		return counts, forbids(c.config.Server, c.config.Namespace, which, healthRoleAdvice)
	}
	return counts, nil
}

// statusObject is the part of an Agent or Fabricator that health is read from. Their specs
// hold passwords, and annotations may repeat a spec: neither is decoded.
type statusObject struct {
	Metadata struct {
		Name       string `json:"name"`
		Generation int64  `json:"generation"`
	} `json:"metadata"`
	Status struct {
		LastAppliedGen int64  `json:"lastAppliedGen"`
		LastHeartbeat  string `json:"lastHeartbeat"` // RFC 3339
		Version        string `json:"version"`

		LastAppliedController string `json:"lastAppliedController"`
		Release               string `json:"release"`
		Versions              struct {
			Fabricator struct {
				Controller string `json:"controller"`
			} `json:"fabricator"`
			Fabric struct {
				Controller string `json:"controller"`
			} `json:"fabric"`
			Gateway struct {
				Dataplane string `json:"dataplane"`
			} `json:"gateway"`
		} `json:"versions"`
		Conditions []struct {
			Type   string `json:"type"`
			Status string `json:"status"`
		} `json:"conditions"`
	} `json:"status"`
}

// statusList is a page of a list.
type statusList struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Metadata   struct {
		Continue string `json:"continue"`
	} `json:"metadata"`
	Items []statusObject `json:"items"`
}

// eachStatus calls use with every object of a kind, and the cluster's time when it
// answered.
func (c *Cluster) eachStatus(ctx context.Context, kind fabric.Kind, use func(*statusObject, time.Time)) error {
	var page *statusList
	var now time.Time
	return c.pages(ctx, kind, func(ctx context.Context, options metav1.ListOptions) (next string, err error) {
		page, err = c.statusPage(ctx, kind, options)
		if err != nil {
			return "", err
		}
		now, err = http.ParseTime(exchangeOf(ctx).date)
		if err != nil {
			return "", errNoDate
		}
		return page.Metadata.Continue, nil
	}, func() bool {
		for i := range page.Items {
			use(&page.Items[i], now)
		}
		return true
	})
}

func (c *Cluster) statusPage(ctx context.Context, kind fabric.Kind, options metav1.ListOptions) (*statusList, error) {
	options.Limit = min(options.Limit, agentsPerPage)
	request := c.rest.Get().
		AbsPath("/apis", kind.Group, kind.Version, "namespaces", c.namespaceOf(kind), kind.Resource).
		SetHeader("Accept", "application/json").Param("limit", fmt.Sprint(options.Limit))
	if options.Continue != "" {
		request.Param("continue", options.Continue)
	}
	result := request.Do(ctx)
	if err := result.Error(); err != nil {
		return nil, err
	}
	body, err := result.Raw()
	if err != nil {
		return nil, err
	}
	page := &statusList{}
	err = json.Unmarshal(body, page)
	if _, odd := errors.AsType[*json.UnmarshalTypeError](err); odd {
		err = nil // a field of the wrong type counts as missing
	}
	if err != nil || page.APIVersion != kind.Group+"/"+kind.Version || page.Kind != kind.Name+"List" {
		return nil, errForeign
	}
	return page, nil
}

// namespaceOf returns the namespace in which objects of a kind are.
func (c *Cluster) namespaceOf(kind fabric.Kind) string {
	if kind == fabric.FabricatorKind() {
		return fabric.FabricatorNamespace
	}
	return c.config.Namespace
}

// errNoDate means that an answer has no Date header.
var errNoDate = errors.New("the answer has no Date")

// when returns the time of a timestamp, or zero if there is none.
func when(timestamp string) time.Time {
	t, _ := time.Parse(time.RFC3339, timestamp)
	return t
}
