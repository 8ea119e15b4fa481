package cluster_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"testing"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/acctest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/cluster"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/clustertest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/testserver"
)

// The tests here run against the API server in the environment, or the stand-in. They expect the
// same from both.

func connect(t *testing.T, k *acctest.Cluster, config cluster.Config) *cluster.Cluster {
	t.Helper()
	config.Server, config.CACert = k.URL, k.CA
	if config.Token == "" {
		config.Token = k.Token
	}
	c, err := cluster.New(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func TestCheck_fullAccess(t *testing.T) {
	k := acctest.Kubernetes(t)
	report := connect(t, k, cluster.Config{}).Check(t.Context())
	if !report.Reachable || !report.Authenticated || !report.Authorized || report.Err != nil ||
		report.ServerVersion == "" {
		t.Errorf("report %+v", report)
	}
}

func TestCheck_limitedAccess(t *testing.T) {
	k := acctest.Kubernetes(t)
	if k.PartialToken == "" {
		t.Skip("not run on the user's cluster: the test needs users with less access")
	}
	kinds := fabric.Kinds()
	for name, test := range map[string]struct {
		token     string
		forbidden []fabric.Kind
	}{
		"partial": {k.PartialToken, kinds[len(clustertest.PartialKinds()):]},
		"nobody":  {k.NobodyToken, kinds},
	} {
		t.Run(name, func(t *testing.T) {
			c := connect(t, k, cluster.Config{Token: test.token})
			report := c.Check(t.Context())
			if !report.Authenticated || report.Authorized || !reflect.DeepEqual(report.Forbidden, test.forbidden) {
				t.Errorf("report %+v, want %v forbidden", report, test.forbidden)
			}
			_, err := c.Count(t.Context(), kinds[11])
			wantClass(t, err, cluster.ClassForbidden)
			wantClass(t, report.Err, cluster.ClassForbidden)
		})
	}
}

func TestCheck_unknownTokenAndCA(t *testing.T) {
	k := acctest.Kubernetes(t)
	report := connect(t, k, cluster.Config{Token: "guessed"}).Check(t.Context())
	if wantClass(t, report.Err, cluster.ClassUnauthenticated); !report.Reachable || report.Authenticated {
		t.Errorf("report %+v", report)
	}
	anonymous, err := cluster.New(cluster.Config{Server: k.URL, CACert: k.CA})
	if err != nil {
		t.Fatal(err)
	}
	defer anonymous.Close()
	wantClass(t, anonymous.Check(t.Context()).Err, cluster.ClassUnauthenticated)
	authority, err := testserver.NewAuthority("another")
	if err != nil {
		t.Fatal(err)
	}
	stranger, err := cluster.New(cluster.Config{Server: k.URL, CACert: authority.PEM(), Token: k.Token})
	if err != nil {
		t.Fatal(err)
	}
	defer stranger.Close()
	wantClass(t, stranger.Check(t.Context()).Err, cluster.ClassTLS)
}

func TestInventory_hundredsInPages(t *testing.T) {
	k := acctest.Kubernetes(t)
	namespace, kind, want := k.Namespace(t), fabric.Kinds()[0], []string{}
	for i := range 250 {
		name := fmt.Sprintf("vpc-%03d", i)
		k.Apply(t, kind, namespace, clustertest.Example(kind, name))
		want = append(want, name)
	}
	c := connect(t, k, cluster.Config{Namespace: namespace, PageSize: 40})
	if n, err := c.Count(t.Context(), kind); n != 250 || err != nil {
		t.Errorf("count %d, %v", n, err)
	}
	got, err := names(t.Context(), c, kind, nil)
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("listed %v, %v", got, err)
	}
}

func TestInventory_everyKind(t *testing.T) {
	k := acctest.Kubernetes(t)
	namespace := k.Namespace(t)
	c := connect(t, k, cluster.Config{Namespace: namespace})
	for _, kind := range fabric.Kinds() {
		example := clustertest.Example(kind, "example")
		if n, err := c.Count(t.Context(), kind); n != 0 || err != nil {
			t.Errorf("%s before: %d, %v", kind.Name, n, err)
		}
		k.Apply(t, kind, namespace, example)
		if n, err := c.Count(t.Context(), kind); n != 1 || err != nil {
			t.Errorf("%s: %d, %v", kind.Name, n, err)
		}
		o := only(t, c, kind)
		if o.Name != "example" || o.Namespace != namespace || o.UID == "" || o.ResourceVersion == "" || o.Deleting ||
			!maps.Equal(o.Labels, example.Labels) || fmt.Sprint(o.Spec) != fmt.Sprint(example.Spec) {
			t.Errorf("%s: got %+v, want %+v", kind.Name, o, example)
		}
	}
	absent := fabric.Kinds()[0]
	absent.Resource, absent.Name = "nothings", "Nothing"
	elsewhere := fabric.Kind{Group: "nobody.githedgehog.com", Version: "v1", Resource: "nothings", Name: "Nothing"}
	for _, kind := range []fabric.Kind{absent, elsewhere} {
		admitted := connect(t, k, cluster.Config{Namespace: namespace, Token: k.AdminToken})
		if n, err := admitted.Count(t.Context(), kind); n != 0 || err != nil {
			t.Errorf("CRD %s.%s is not there: count %d, %v", kind.Resource, kind.Group, n, err)
		}
		got, err := names(t.Context(), admitted, kind, nil)
		if absent, ok := errors.AsType[*cluster.AbsentKindError](err); len(got) != 0 || !ok || absent.Kind != kind {
			t.Errorf("CRD %s.%s is not there: list %v, %v", kind.Resource, kind.Group, got, err)
		}
	}
}

func TestInventory_changes(t *testing.T) {
	k := acctest.Kubernetes(t)
	namespace, kind := k.Namespace(t), fabric.Kinds()[6]
	c := connect(t, k, cluster.Config{Namespace: namespace})
	example := clustertest.Example(kind, "peering")
	k.Apply(t, kind, namespace, example)
	first := only(t, c, kind)
	k.Apply(t, kind, namespace, example)
	if again := only(t, c, kind); again.ResourceVersion != first.ResourceVersion || again.UID != first.UID {
		t.Errorf("nothing changed, but %+v became %+v", first, again)
	}
	example.Labels["rack"], example.Finalizers = "7", []string{"githedgehog.com/test"}
	k.Apply(t, kind, namespace, example)
	changed := only(t, c, kind)
	if changed.ResourceVersion == first.ResourceVersion || changed.Labels["rack"] != "7" || changed.Deleting {
		t.Errorf("after a change %+v, before %+v", changed, first)
	}
	k.Delete(t, kind, namespace, "peering")
	if deleting := only(t, c, kind); !deleting.Deleting {
		t.Errorf("deleted, with a finalizer: %+v", deleting)
	}
	example.Finalizers = nil
	k.Apply(t, kind, namespace, example)
	if n, err := c.Count(t.Context(), kind); n != 0 || err != nil {
		t.Errorf("after the finalizer: %d, %v", n, err)
	}
}

func TestInventory_stateForgottenInTheMiddle(t *testing.T) {
	k := acctest.Kubernetes(t)
	namespace, kind, want := k.Namespace(t), fabric.Kinds()[0], []string{}
	for i := range 6 {
		name := fmt.Sprintf("vpc-%d", i)
		k.Apply(t, kind, namespace, clustertest.Example(kind, name))
		want = append(want, name)
	}
	c := connect(t, k, cluster.Config{Namespace: namespace, PageSize: 2})
	got, err := names(t.Context(), c, kind, func(n int) {
		if n == 3 {
			k.Apply(t, kind, namespace, clustertest.Example(kind, "a-new-one"))
			k.Forget(t)
		}
	})
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("listed %v, %v; want %v", got, err, want)
	}
}

func TestCluster_stoppedAndStarted(t *testing.T) {
	k := acctest.Kubernetes(t)
	c := connect(t, k, cluster.Config{})
	if report := c.Check(t.Context()); report.Err != nil {
		t.Fatal(report.Err)
	}
	k.Stop(t)
	report := c.Check(t.Context())
	if wantClass(t, report.Err, cluster.ClassUnreachable); report.Reachable {
		t.Errorf("stopped: %+v", report)
	}
	_, err := c.Count(t.Context(), fabric.Kinds()[0])
	wantClass(t, err, cluster.ClassUnreachable)
	k.Start(t)
	if report := c.Check(t.Context()); report.Err != nil || !report.Authorized {
		t.Errorf("started again: %+v", report)
	}
}

func wantClass(t *testing.T, err error, class cluster.Class) {
	t.Helper()
	if failed, ok := errors.AsType[*cluster.Error](err); !ok || failed.Class != class {
		t.Errorf("error %v, want class %s", err, class)
	}
}

// names lists a kind, and calls at with the number of each object.
func names(ctx context.Context, c *cluster.Cluster, kind fabric.Kind, at func(int)) (got []string, err error) {
	for o, err := range c.List(ctx, kind) {
		if err != nil {
			return got, err
		}
		if got = append(got, o.Name); at != nil {
			at(len(got))
		}
	}
	return got, nil
}

func only(t *testing.T, c *cluster.Cluster, kind fabric.Kind) *cluster.Object {
	t.Helper()
	var found *cluster.Object
	for o, err := range c.List(t.Context(), kind) {
		if err != nil || found != nil {
			t.Fatalf("%s: got %v, after %v", kind.Name, err, found)
		}
		found = o
	}
	if found == nil {
		t.Fatalf("no %s", kind.Name)
	}
	return found
}
