package acctest

import (
	"context"
	"net/http"
	"os"
	"reflect"
	"testing"

	"github.com/go-logr/logr"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
	"k8s.io/klog/v2"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/clustertest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

// Environment variables that internal/dev/apiserver sets for tests.
const (
	envKubernetesServer  = "HEDGEHOG_ACC_KUBERNETES_SERVER"
	envKubernetesCAFile  = "HEDGEHOG_ACC_KUBERNETES_CA_FILE"
	envKubernetesToken   = "HEDGEHOG_ACC_KUBERNETES_TOKEN"
	envKubernetesAdmin   = "HEDGEHOG_ACC_KUBERNETES_ADMIN_TOKEN"
	envKubernetesPartial = "HEDGEHOG_ACC_KUBERNETES_PARTIAL_TOKEN"
	envKubernetesNobody  = "HEDGEHOG_ACC_KUBERNETES_NOBODY_TOKEN"
	envKubernetesHealth  = "HEDGEHOG_ACC_KUBERNETES_HEALTH_TOKEN"
	envKubernetesControl = "HEDGEHOG_ACC_KUBERNETES_CONTROL"
	envKubernetesExists  = "HEDGEHOG_ACC_KUBERNETES_NAMESPACE"
)

// Cluster is the Kubernetes API server of a test.
type Cluster struct {
	URL string
	CA  string // PEM; "" means the system's authorities
	// Token may list the twelve kinds, AdminToken may do everything, PartialToken may list
	// clustertest.PartialKinds, NobodyToken may do nothing, and HealthToken may also list the
	// kinds of a fabric's health. All but the first are "" on the user's cluster.
	Token, AdminToken, PartialToken, NobodyToken, HealthToken string
	// Existing is the namespace on the user's cluster, which tests may only read, or "" if tests
	// create their own.
	Existing string
	// Standin is nil on a real API server.
	Standin *clustertest.Server

	control string
	admin   dynamic.Interface // nil if tests may only read
}

// Kubernetes returns the API server to test against: the one in the environment, which all
// tests share, or the test's own stand-in.
func Kubernetes(t *testing.T) *Cluster {
	t.Helper()
	url := os.Getenv(envKubernetesServer)
	if url == "" {
		return StandinKubernetes(t)
	}
	c := &Cluster{
		URL: url, Token: os.Getenv(envKubernetesToken), AdminToken: os.Getenv(envKubernetesAdmin),
		PartialToken: os.Getenv(envKubernetesPartial), NobodyToken: os.Getenv(envKubernetesNobody),
		HealthToken: os.Getenv(envKubernetesHealth), control: os.Getenv(envKubernetesControl),
		Existing: os.Getenv(envKubernetesExists),
	}
	used.add("", c.Token, c.AdminToken, c.PartialToken, c.NobodyToken, c.HealthToken)
	if file := os.Getenv(envKubernetesCAFile); file != "" {
		pem, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		c.CA = string(pem)
	}
	if c.AdminToken != "" {
		c.connect(t)
	}
	return c
}

// StandinKubernetes returns a stand-in, even if the environment names a real API server, for
// tests that need faults.
func StandinKubernetes(t *testing.T) *Cluster {
	t.Helper()
	s, err := clustertest.New(clustertest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	watchCluster(t, s)
	c := &Cluster{
		URL: s.URL(), CA: s.CA(), Token: clustertest.FullToken, AdminToken: clustertest.AdminToken,
		PartialToken: clustertest.PartialToken, NobodyToken: clustertest.NobodyToken,
		HealthToken: clustertest.HealthToken, Standin: s,
	}
	c.connect(t)
	return c
}

func (c *Cluster) connect(t *testing.T) {
	t.Helper()
	admin, err := dynamic.NewForConfig(&rest.Config{
		Host: c.URL, BearerToken: c.AdminToken, TLSClientConfig: rest.TLSClientConfig{CAData: []byte(c.CA)},
		QPS: -1, WarningHandlerWithContext: rest.NoWarnings{},
	})
	if err != nil {
		t.Fatal(err)
	}
	c.admin = admin
}

// Namespace returns a new, empty namespace. It is not deleted, since the server ends with the
// run.
func (c *Cluster) Namespace(t *testing.T) string {
	t.Helper()
	c.needAdmin(t)
	name := Name("namespace")
	made := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{"name": name},
	}}
	_, err := c.admin.Resource(schema.GroupVersionResource{Version: "v1", Resource: "namespaces"}).
		Create(t.Context(), made, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return name
}

// Apply creates an object, or changes the one with the same name.
func (c *Cluster) Apply(t *testing.T, kind fabric.Kind, namespace string, o clustertest.Object) {
	t.Helper()
	c.needAdmin(t)
	meta := map[string]any{"name": o.Name, "namespace": namespace}
	for name, value := range map[string]any{"labels": o.Labels, "annotations": o.Annotations,
		"finalizers": o.Finalizers} {
		if !reflect.ValueOf(value).IsZero() { // a null would count as a change
			meta[name] = value
		}
	}
	object := map[string]any{"apiVersion": kind.Group + "/" + kind.Version, "kind": kind.Name, "metadata": meta,
		"spec": o.Spec}
	client, ctx := c.admin.Resource(resource(kind)).Namespace(namespace), unlogged(t.Context())
	options := metav1.ApplyOptions{FieldManager: "hedgehog-test", Force: true}
	if _, err := client.Apply(ctx, o.Name, &unstructured.Unstructured{Object: object}, options); err != nil {
		t.Fatalf("applying %s %s: %v", kind.Name, o.Name, err)
	}
	if o.Status == nil {
		return
	}
	delete(object, "spec")
	object["metadata"], object["status"] = map[string]any{"name": o.Name, "namespace": namespace}, o.Status
	if _, err := client.ApplyStatus(ctx, o.Name, &unstructured.Unstructured{Object: object},
		options); err != nil {
		t.Fatalf("applying the status of %s %s: %v", kind.Name, o.Name, err)
	}
}

// unlogged keeps a test's own requests out of the log of client-go, since logs are searched
// for secrets.
func unlogged(ctx context.Context) context.Context { return klog.NewContext(ctx, logr.Discard()) }

// Delete deletes an object. An object with finalizers stays, marked as being deleted.
func (c *Cluster) Delete(t *testing.T, kind fabric.Kind, namespace, name string) {
	t.Helper()
	c.needAdmin(t)
	if err := c.admin.Resource(resource(kind)).Namespace(namespace).Delete(t.Context(), name,
		metav1.DeleteOptions{}); err != nil {
		t.Fatalf("deleting %s %s: %v", kind.Name, name, err)
	}
}

func resource(kind fabric.Kind) schema.GroupVersionResource {
	return schema.GroupVersionResource{Group: kind.Group, Version: kind.Version, Resource: kind.Resource}
}

func (c *Cluster) needAdmin(t *testing.T) {
	t.Helper()
	if c.admin == nil {
		t.Skip("not run on the user's cluster: the test fills a namespace")
	}
}

// Stop stops the API server. The end of the test starts it again. Other tests can't use it
// meanwhile, so go test needs -p 1.
func (c *Cluster) Stop(t *testing.T) {
	t.Helper()
	if c.Standin != nil {
		c.Standin.Stop()
		return
	}
	if c.control == "" {
		t.Skip("not run on the user's cluster: the test stops the API server")
	}
	c.command(t, "stop")
	t.Cleanup(func() { c.Start(t) })
}

// Start starts the API server again, at the same address and with the same objects, and
// returns when it answers. It does nothing if the server runs.
func (c *Cluster) Start(t *testing.T) {
	t.Helper()
	if c.Standin == nil {
		c.command(t, "start")
		return
	}
	if err := c.Standin.Start(); err != nil {
		t.Fatal(err)
	}
}

// Forget makes the API server forget the states that lists started with. A real API server
// keeps them in memory even after etcd has dropped them, so Forget restarts it.
func (c *Cluster) Forget(t *testing.T) {
	t.Helper()
	if c.Standin != nil {
		c.Standin.Forget()
		return
	}
	if c.control == "" {
		t.Skip("not run on the user's cluster: the test makes etcd drop old revisions")
	}
	c.command(t, "forget")
	c.command(t, "stop")
	c.command(t, "start")
}

func (c *Cluster) command(t *testing.T, name string) {
	t.Helper()
	ctx := context.Background() // at the end of a test its own is done
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.control+"/"+name, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("%s of the API server: status %d", name, resp.StatusCode)
	}
}
