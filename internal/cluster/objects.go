package cluster

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

// Object is the part of a cluster's object that NetBox stores.
type Object struct {
	Name            string
	Namespace       string
	UID             string
	ResourceVersion string
	Labels          map[string]string
	Annotations     map[string]string
	Spec            map[string]any // nil when there is none; numbers are int64 or float64
	Status          map[string]any // nil when there is none
	Created         time.Time      // creationTimestamp; zero when there is none
	Deleting        bool           // it was deleted, and waits for its finalizers
}

// AbsentKindError means that the cluster does not serve a kind: its CRD is not installed,
// or serves only other versions.
type AbsentKindError struct {
	Server string // URL
	Kind   fabric.Kind
}

// Error implements error.
func (e *AbsentKindError) Error() string {
	return fmt.Sprintf("%s does not serve %s.%s/%s", e.Server, e.Kind.Resource, e.Kind.Group, e.Kind.Version)
}

// Count returns how many objects of a kind the namespace has. A kind whose CRD
// is not installed has none. An error is an [*Error].
func (c *Cluster) Count(ctx context.Context, kind fabric.Kind) (int64, error) {
	total := int64(0)
	client := c.metadata.Resource(resource(kind)).Namespace(c.config.Namespace)
	var page *metav1.PartialObjectMetadataList
	err := c.pages(ctx, kind, func(ctx context.Context, options metav1.ListOptions) (next string, err error) {
		if page, err = client.List(ctx, options); err != nil {
			return "", err
		}
		if page.ResourceVersion == "" { // any JSON passes for an empty list
			return "", errForeign
		}
		return page.Continue, nil
	}, func() bool {
		total += int64(len(page.Items))
		return true
	})
	if _, absent := errors.AsType[*AbsentKindError](err); absent {
		err = nil
	}
	return total, err
}

// List returns the objects of a kind in the namespace. It reads them page by page as they
// are used. An error comes last and means that the list is not complete. It is an
// [*AbsentKindError] if the cluster does not serve the kind, and an [*Error] otherwise.
//
// An object that exists during the whole list comes exactly once, also when reading takes
// so long that the server forgets the state it began with: the rest is then read from a
// newer one.
func (c *Cluster) List(ctx context.Context, kind fabric.Kind) iter.Seq2[*Object, error] {
	client := c.dynamic.Resource(resource(kind)).Namespace(c.config.Namespace)
	return func(yield func(*Object, error) bool) {
		var page *unstructured.UnstructuredList
		err := c.pages(ctx, kind, func(ctx context.Context, options metav1.ListOptions) (next string, err error) {
			if page, err = client.List(ctx, options); err != nil {
				return "", err
			}
			if !isListOf(page, kind) {
				return "", errForeign
			}
			return page.GetContinue(), nil
		}, func() bool {
			for i := range page.Items {
				if !yield(newObject(&page.Items[i]), nil) {
					return false
				}
				page.Items[i].Object = nil // so that used objects can be freed
			}
			return true
		})
		if err != nil {
			yield(nil, err)
		}
	}
}

// pages reads a list page by page. read gets a page, within the time limit of a request.
// use then works on it without a limit, and reports whether to continue.
func (c *Cluster) pages(ctx context.Context, kind fabric.Kind,
	read func(context.Context, metav1.ListOptions) (next string, err error), use func() bool,
) error {
	options := metav1.ListOptions{Limit: c.config.PageSize}
	resumed := false // the continue token had expired
	for {
		var next string
		err := c.call(ctx, kind, func(ctx context.Context) (err error) {
			next, err = read(ctx, options)
			return err
		})
		switch {
		case status(err) == http.StatusNotFound && options.Continue != "":
			return c.cutShort(kind, err, "lost the list of "+kind.Name+" (404) after it had sent a part of it")
		case status(err) == http.StatusNotFound:
			return c.absent(ctx, kind, err)
		case options.Continue != "" && !resumed && status(err) == http.StatusGone:
			if options.Continue, resumed = resumption(err), true; options.Continue == "" {
				return c.cutShort(kind, err, "no longer knows where the list of "+kind.Name+" continues (410)")
			}
			continue
		case err != nil:
			return err
		}
		if !use() || next == "" {
			return nil
		}
		if next == options.Continue {
			return c.cutShort(kind, nil, "gives the same page of the list of "+kind.Name+" again and again")
		}
		options.Continue, resumed = next, false
	}
}

// absent returns the error of a list that does not exist (404). From Kubernetes it means
// that the CRD is not installed. Its 404 is plain text that any server may send, so this
// may have to ask whether the server is one.
func (c *Cluster) absent(ctx context.Context, kind fabric.Kind, err error) error {
	if apierrors.IsUnexpectedServerError(err) {
		if err := c.confirm(ctx); err != nil {
			return err
		}
	}
	return &AbsentKindError{Server: c.config.Server, Kind: kind}
}

// resumption returns the token with which Kubernetes continues, from a newer state, a list
// whose token has expired, or "" if it gave none.
func resumption(err error) string {
	if answer, ok := errors.AsType[*apierrors.StatusError](err); ok {
		return answer.Status().Continue
	}
	return ""
}

// cutShort returns the error of a list that ends before it is complete.
func (c *Cluster) cutShort(kind fabric.Kind, err error, why string) error {
	if explained, ok := errors.AsType[*Error](err); ok {
		err = explained.Err
	}
	return &Error{
		Class: ClassOther, Server: c.config.Server, Kind: kind.Name, Err: errors.Join(ErrIncomplete, err),
		text: fmt.Sprintf("%s %s, so the list is not complete; try again", c.config.Server, why),
	}
}

// ErrIncomplete is wrapped by the error of a list that the server did not complete.
var ErrIncomplete = errors.New("the list is not complete")

func resource(kind fabric.Kind) schema.GroupVersionResource {
	return schema.GroupVersionResource{Group: kind.Group, Version: kind.Version, Resource: kind.Resource}
}

func isListOf(page *unstructured.UnstructuredList, kind fabric.Kind) bool {
	return page.GetAPIVersion() == kind.Group+"/"+kind.Version && strings.HasSuffix(page.GetKind(), "List")
}

// newObject returns an Object that shares its maps with from. A spec or status that is not
// an object is left out.
func newObject(from *unstructured.Unstructured) *Object {
	spec, _ := from.Object["spec"].(map[string]any)
	status, _ := from.Object["status"].(map[string]any)
	return &Object{
		Name: from.GetName(), Namespace: from.GetNamespace(), UID: string(from.GetUID()),
		ResourceVersion: from.GetResourceVersion(),
		Labels:          from.GetLabels(), Annotations: from.GetAnnotations(), Spec: spec, Status: status,
		Created: from.GetCreationTimestamp().Time, Deleting: from.GetDeletionTimestamp() != nil,
	}
}
