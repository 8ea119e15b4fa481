// Package cluster reads from a fabric's Kubernetes API server, through client-go: whether
// it can be reached, whether the token can list the fabric's objects, and the objects. It
// writes nothing. Its errors are sentences for the person who has to fix the fabric.
package cluster

import (
	"context"
	"net/http"
	"net/url"
	"sync/atomic"

	"github.com/go-logr/logr"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/rest"
	"k8s.io/klog/v2"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/connection"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

// Cluster talks to one fabric's API server, about one namespace. It is safe for
// concurrent use.
type Cluster struct {
	config Config
	base   *url.URL

	transport *http.Transport
	// A typed clientset, or discovery, would double the size of the binary.
	rest     *rest.RESTClient
	dynamic  *dynamic.DynamicClient
	metadata metadata.Interface

	// kubernetes is set once the server has answered as only Kubernetes does.
	kubernetes atomic.Bool
}

// New returns a Cluster, which must be closed. It sends nothing. An error is an [*Error]
// of ClassConfig.
func New(config Config) (*Cluster, error) {
	config, base, err := config.complete()
	if err != nil {
		return nil, err
	}
	tlsConfig, err := config.tls()
	if err != nil {
		return nil, err
	}
	pooled := connection.NewTransport(tlsConfig)
	pooled.MaxResponseHeaderBytes = maxHeader
	c := &Cluster{config: config, base: base, transport: pooled}
	limited := &transport{next: pooled, origin: base, token: config.Token, userAgent: config.UserAgent}
	client := &http.Client{Transport: limited, CheckRedirect: limited.checkRedirect}
	if config.WrapTransport != nil {
		client.Transport = config.WrapTransport(limited)
	}
	if err := c.connect(client); err != nil {
		return nil, &Error{Class: ClassConfig, Server: config.Server, Err: err}
	}
	return c, nil
}

// connect makes client-go's clients. They share one http.Client, which adds the token, so
// that client-go has no secret to log.
func (c *Cluster) connect(client *http.Client) (err error) {
	config := &rest.Config{
		Host: c.config.Server, UserAgent: c.config.UserAgent,
		QPS:                       -1, // no limit: a sync sends some dozens of requests, and the server has limits
		WarningHandlerWithContext: rest.NoWarnings{},
	}
	if c.dynamic, err = dynamic.NewForConfigAndClient(config, client); err != nil {
		return err
	}
	if c.metadata, err = metadata.NewForConfigAndClient(config, client); err != nil {
		return err
	}
	scheme := runtime.NewScheme()
	metav1.AddToGroupVersion(scheme, schema.GroupVersion{Version: "v1"}) // so that it reads a Status
	config.NegotiatedSerializer = serializer.NewCodecFactory(scheme).WithoutConversion()
	c.rest, err = rest.UnversionedRESTClientForConfigAndClient(config, client)
	return err
}

// Close closes the connections that are idle.
func (c *Cluster) Close() { c.transport.CloseIdleConnections() }

// Server returns the URL of the API server, without a slash at its end.
func (c *Cluster) Server() string { return c.config.Server }

// Namespace returns the namespace whose objects are read.
func (c *Cluster) Namespace() string { return c.config.Namespace }

// call makes one request through client-go, which may repeat it, within the configured
// time. An error is an [*Error].
func (c *Cluster) call(ctx context.Context, kind fabric.Kind, do func(context.Context) error) error {
	// client-go logs through klog, to stderr unless the context says otherwise.
	ctx = klog.NewContext(ctx, logr.Discard())
	seen := &exchange{}
	requestCtx, cancel := context.WithTimeoutCause(withExchange(ctx, seen), c.config.Timeout,
		&connection.TimeoutError{After: c.config.Timeout})
	defer cancel()
	if err := do(requestCtx); err != nil {
		return c.explain(requestCtx, kind, seen, err)
	}
	return nil
}
