package cluster

import (
	"context"
	"net/http"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

// NamespaceMissing reports whether the cluster says that it does not have the namespace.
// Lists of objects don't show that: they are empty. If the token cannot ask, as is usual,
// the error is an [*Error] of ClassForbidden.
func (c *Cluster) NamespaceMissing(ctx context.Context) (bool, error) {
	err := c.call(ctx, fabric.Kind{}, func(ctx context.Context) error {
		return c.rest.Get().AbsPath("/api/v1/namespaces", c.config.Namespace).
			SetHeader("Accept", "application/json").Do(ctx).Error()
	})
	if status(err) == http.StatusNotFound && !apierrors.IsUnexpectedServerError(err) {
		return true, nil
	}
	return false, err
}
