package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

// errForeign is an answer that no Kubernetes API server gives.
var errForeign = errors.New("not the answer of a Kubernetes API server")

// version asks for the server's version, such as v1.36.3. It is "" where the
// server keeps it from this token. Only a Kubernetes API server answers so.
func (c *Cluster) version(ctx context.Context) (string, error) {
	var answer struct {
		GitVersion string `json:"gitVersion"`
	}
	err := c.call(ctx, fabric.Kind{}, func(ctx context.Context) error {
		result := c.rest.Get().AbsPath("/version").SetHeader("Accept", "application/json").Do(ctx)
		switch err := result.Error(); {
		case status(err) == http.StatusForbidden && !apierrors.IsUnexpectedServerError(err):
			return nil // as only Kubernetes refuses
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

// confirm makes sure that the server is a Kubernetes API server, once.
func (c *Cluster) confirm(ctx context.Context) error {
	if c.kubernetes.Load() {
		return nil
	}
	_, err := c.version(ctx)
	return err
}

// status returns the HTTP status of an answer that is an error; 0 is none.
func status(err error) int {
	if answer, ok := asError[apierrors.APIStatus](err); ok {
		return int(answer.Status().Code)
	}
	return 0
}
