package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"golang.org/x/sync/errgroup"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

// parallelChecks is how many requests for kinds run at the same time.
const parallelChecks = 4

// Report is the result of checking a cluster.
type Report struct {
	Reachable     bool          // something at the server's address answered over HTTP
	Authenticated bool          // the server accepts the token
	Authorized    bool          // the token can list all twelve kinds in the namespace
	ServerVersion string        // such as v1.36.3; "" if the server hides it
	Forbidden     []fabric.Kind // kinds that the token cannot list, in the order of fabric.Kinds
	Err           *Error        // why one of the three is false; nil if all are true
}

// Check finds out whether the server can be reached, accepts the token, and permits it to
// list the kinds. Problems are in the report.
func (c *Cluster) Check(ctx context.Context) *Report {
	report := &Report{}
	version, err := c.version(ctx)
	if err == nil {
		report.Reachable, report.ServerVersion = true, version
		report.Forbidden, err = c.forbidden(ctx)
	}
	report.conclude(c, err)
	return report
}

func (r *Report) conclude(c *Cluster, err error) {
	if failed, ok := errors.AsType[*Error](err); ok {
		r.Err = failed
		r.Reachable = r.Reachable || failed.answered()
		return
	}
	r.Authenticated = true
	if r.Authorized = len(r.Forbidden) == 0; !r.Authorized {
		r.Err = Forbids(c.config.Server, c.config.Namespace, r.Forbidden)
	}
}

// answered reports whether the error is an answer of the server.
func (e *Error) answered() bool {
	switch e.Class {
	case ClassUnauthenticated, ClassForbidden, ClassNotKubernetes:
		return true
	case ClassOther:
		return status(e) != 0
	}
	return false // a load balancer's 503 is not an answer of the server
}

// forbidden returns the kinds that the token cannot list.
func (c *Cluster) forbidden(ctx context.Context) ([]fabric.Kind, error) {
	kinds := fabric.Kinds()
	refused := make([]bool, len(kinds))
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(parallelChecks)
	for i, kind := range kinds {
		group.Go(func() error {
			allowed, err := c.mayList(groupCtx, kind)
			refused[i] = !allowed
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	var forbidden []fabric.Kind
	for i, kind := range kinds {
		if refused[i] {
			forbidden = append(forbidden, kind)
		}
	}
	return forbidden, nil
}

// mayList reports whether the token can list a kind. It asks for an access review; if the
// server refuses that, too, it asks for a list.
func (c *Cluster) mayList(ctx context.Context, kind fabric.Kind) (bool, error) {
	allowed, err := c.reviewAccess(ctx, kind)
	switch status(err) {
	case http.StatusForbidden, http.StatusNotFound, http.StatusMethodNotAllowed:
		if failed, ok := errors.AsType[*Error](err); ok && failed.Class == ClassUnauthenticated {
			return false, err
		}
		return c.tryList(ctx, kind)
	}
	return allowed, err
}

// accessReview is a SelfSubjectAccessReview of authorization.k8s.io/v1, which is
// part of every Kubernetes API server.
type accessReview struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Spec       struct {
		ResourceAttributes struct {
			Namespace string `json:"namespace"`
			Verb      string `json:"verb"`
			Group     string `json:"group"`
			Resource  string `json:"resource"`
		} `json:"resourceAttributes"`
	} `json:"spec"`
	Status *struct {
		Allowed bool `json:"allowed"`
	} `json:"status,omitempty"`
}

func (c *Cluster) reviewAccess(ctx context.Context, kind fabric.Kind) (bool, error) {
	review := accessReview{APIVersion: "authorization.k8s.io/v1", Kind: "SelfSubjectAccessReview"}
	asked := &review.Spec.ResourceAttributes
	asked.Namespace, asked.Verb, asked.Group, asked.Resource = c.config.Namespace, "list", kind.Group, kind.Resource
	body, err := json.Marshal(review)
	if err != nil {
		return false, err
	}
	err = c.call(ctx, kind, func(ctx context.Context) error {
		result := c.rest.Post().AbsPath("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews").
			SetHeader("Content-Type", "application/json").SetHeader("Accept", "application/json").Body(body).Do(ctx)
		if err := result.Error(); err != nil {
			return err
		}
		answer, err := result.Raw()
		if err != nil {
			return err
		}
		if json.Unmarshal(answer, &review) != nil || review.Status == nil {
			return errForeign
		}
		return nil
	})
	return err == nil && review.Status.Allowed, err
}

// tryList reports whether the server answers a list of a kind.
func (c *Cluster) tryList(ctx context.Context, kind fabric.Kind) (bool, error) {
	err := c.call(ctx, kind, func(ctx context.Context) error {
		_, err := c.metadata.Resource(resource(kind)).Namespace(c.config.Namespace).List(ctx,
			metav1.ListOptions{Limit: 1})
		return err
	})
	failed, ok := errors.AsType[*Error](err)
	switch {
	case ok && failed.Class == ClassForbidden:
		return false, nil
	case status(err) == http.StatusNotFound:
		return true, nil // a kind that is not served is not refused
	}
	return err == nil, err
}

// roleAdvice names what permits a token to list a fabric's objects.
const roleAdvice = "allow it with a Role and a RoleBinding in that namespace"

// Forbids returns the error of a token that may not list some kinds in a namespace of a
// server: one sentence that names all of them.
func Forbids(server, namespace string, kinds []fabric.Kind) *Error {
	which := resources(kinds)
	if len(kinds) == len(fabric.Kinds()) {
		which = "any of the twelve kinds of a fabric"
	}
	failed := forbids(server, namespace, which, roleAdvice)
	if len(kinds) == 1 {
		failed.Kind = kinds[0].Name
	}
	return failed
}

// forbids returns the error of a token that may not list something. advice says what grants it.
func forbids(server, namespace, which, advice string) *Error {
	return &Error{Class: ClassForbidden, Server: server, text: fmt.Sprintf("%s does not permit the token's user to "+
		"list %s in namespace %q; %s", server, which, namespace, advice)}
}

// resources returns the names of kinds as RBAC has them.
func resources(kinds []fabric.Kind) string {
	var names []string
	for _, kind := range kinds {
		names = append(names, kind.Resource+"."+kind.Group)
	}
	return strings.Join(names, ", ")
}
