package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

// errForeign means that the answer does not come from a Kubernetes API server.
var errForeign = errors.New("not the answer of a Kubernetes API server")

// version returns the server's version, such as v1.36.3, or "" if the token cannot read it.
// Either answer shows that this is a Kubernetes API server.
func (c *Cluster) version(ctx context.Context) (string, error) {
	var answer struct {
		GitVersion string `json:"gitVersion"`
	}
	err := c.call(ctx, fabric.Kind{}, func(ctx context.Context) error {
		result := c.rest.Get().AbsPath("/version").SetHeader("Accept", "application/json").Do(ctx)
		switch err := result.Error(); {
		case status(err) == http.StatusForbidden && !apierrors.IsUnexpectedServerError(err):
			return nil // only Kubernetes refuses like this
		case status(err) == http.StatusNotFound:
			return errForeign
		case err != nil:
			return err
		}
		body, err := result.Raw()
		if err != nil {
			return err
		}
		if json.Unmarshal(body, &answer) != nil || answer.GitVersion == "" {
			return errForeign
		}
		return nil
	})
	if err != nil {
		return "", err
	}
	c.kubernetes.Store(true)
	return c.quote(answer.GitVersion), nil
}

// confirm returns an error if the server is not a Kubernetes API server. It asks only once.
func (c *Cluster) confirm(ctx context.Context) error {
	if c.kubernetes.Load() {
		return nil
	}
	_, err := c.version(ctx)
	return err
}

// status returns the HTTP status of an error that is an answer, or 0 for any other.
func status(err error) int {
	if answer, ok := errors.AsType[*apierrors.StatusError](err); ok {
		return int(answer.Status().Code)
	}
	return 0
}
