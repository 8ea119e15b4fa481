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

// Object is an object of the cluster, as far as NetBox stores it.
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
	Deleting        bool           // somebody deleted it, and it waits for its finalizers
}

// AbsentKindError is a kind that the cluster does not serve: its CRD is not installed,
// or serves other versions only.
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
		if page.ResourceVersion == "" { // any JSON passes for a list that is empty
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

// List returns the objects of a kind in the namespace, reading them page by page
// as they are used. An error comes last, and means that the list is not complete:
// an [*AbsentKindError] where the cluster does not serve the kind, else an [*Error].
//
// An object that was there all the time comes exactly once, also when reading
// takes so long that the server forgets the state it began with: then the rest
// is read from a newer one.
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
				page.Items[i].Object = nil // so that what has been used up can be freed
			}
			return true
		})
		if err != nil {
			yield(nil, err)
		}
	}
}

// pages reads a list page by page: read gets one, within the time for a request;
// use works on it, for as long as it takes, and says whether to go on.
func (c *Cluster) pages(ctx context.Context, kind fabric.Kind,
	read func(context.Context, metav1.ListOptions) (next string, err error), use func() bool,
) error {
	options := metav1.ListOptions{Limit: c.config.PageSize}
	resumed := false // after the token in hand had expired
	for {
		var next string
		err := c.call(ctx, kind, func(ctx context.Context) (err error) {
			next, err = read(ctx, options)
			return err
		})
		switch {
		case status(err) == http.StatusNotFound && options.Continue != "":
			return c.cutShort(kind, err, "lost the list of "+kind.Name+" (404) after a part of it")
		case status(err) == http.StatusNotFound:
			return c.absent(ctx, kind, err)
		case options.Continue != "" && !resumed && status(err) == http.StatusGone:
			if options.Continue, resumed = resumption(err), true; options.Continue == "" {
				return c.cutShort(kind, err, "no longer knows where the list of "+kind.Name+" stood (410)")
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

// absent is the error of a list that is not there (404): no such CRD, if this is
// Kubernetes. Its 404 for an unknown path is a plain text that any server may send.
func (c *Cluster) absent(ctx context.Context, kind fabric.Kind, err error) error {
	if apierrors.IsUnexpectedServerError(err) {
		if err := c.confirm(ctx); err != nil {
			return err
		}
	}
	return &AbsentKindError{Server: c.config.Server, Kind: kind}
}

// resumption is the token by which Kubernetes lets a list go on, from a newer
// state, whose own token has expired; "" where there is none.
func resumption(err error) string {
	if answer, ok := asError[apierrors.APIStatus](err); ok {
		return answer.Status().Continue
	}
	return ""
}

func (c *Cluster) cutShort(kind fabric.Kind, err error, why string) error {
	if explained, ok := asError[*Error](err); ok {
		err = explained.Err
	}
	return &Error{
		Class: ClassOther, Server: c.config.Server, Kind: kind.Name, Err: errors.Join(ErrIncomplete, err),
		text: fmt.Sprintf("%s %s, so the list is not complete; try again", c.config.Server, why),
	}
}

// ErrIncomplete is wrapped by the error of a list that the server let break off.
var ErrIncomplete = errors.New("the list is not complete")

func resource(kind fabric.Kind) schema.GroupVersionResource {
	return schema.GroupVersionResource{Group: kind.Group, Version: kind.Version, Resource: kind.Resource}
}

func isListOf(page *unstructured.UnstructuredList, kind fabric.Kind) bool {
	return page.GetAPIVersion() == kind.Group+"/"+kind.Version && strings.HasSuffix(page.GetKind(), "List")
}

// newObject shares its maps with what it is made from. What is not of the type
// that every CRD gives it is left out.
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
