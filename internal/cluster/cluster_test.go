package cluster

import (
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/clustertest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/testserver"
)

const namespace = "fabric-1"

func kind(t *testing.T, name string) fabric.Kind {
	t.Helper()
	for _, k := range fabric.Kinds() {
		if k.Name == name {
			return k
		}
	}
	t.Fatalf("no kind %s", name)
	return fabric.Kind{}
}

func standin(t *testing.T, options clustertest.Options) *clustertest.Server {
	t.Helper()
	s, err := clustertest.New(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// connect returns a Cluster on a stand-in, changed by the given functions.
func connect(t *testing.T, s *clustertest.Server, changes ...func(*Config)) *Cluster {
	t.Helper()
	config := Config{Server: s.URL(), Token: clustertest.FullToken, CACert: s.CA(), Namespace: namespace}
	for _, change := range changes {
		change(&config)
	}
	c, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func wantClass(t *testing.T, err error, class Class, words ...string) *Error {
	t.Helper()
	failed, ok := errors.AsType[*Error](err)
	if !ok {
		t.Fatalf("error %v, want an *Error of class %s", err, class)
	}
	if failed.Class != class {
		t.Errorf("class %s, want %s: %v", failed.Class, class, err)
	}
	for _, word := range words {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("the error does not say %q: %v", word, err)
		}
	}
	return failed
}

func TestNew_configurations(t *testing.T) {
	for name, test := range map[string]struct {
		config Config
		says   string
	}{
		"no server":      {Config{}, ":6443; correct it in the hedgehog_fabric resource, or in NetBox"},
		"no scheme":      {Config{Server: "k8s.example.com:6443"}, "not an absolute URL"},
		"another scheme": {Config{Server: "ftp://k8s.example.com"}, "not an absolute URL"},
		"a password": {Config{Server: "https://admin:opensesame@k8s.example.com"}, "user name or password; " +
			"remove it"},
		"a query":            {Config{Server: "https://k8s.example.com?x=1"}, "query"},
		"a token of lines":   {Config{Server: "https://k8s.example.com", Token: "opensesame\nHost: x"}, "white space"},
		"a token of accents": {Config{Server: "https://k8s.example.com", Token: "opensésame"}, "other characters"},
		"no PEM":             {Config{Server: "https://k8s.example.com", CACert: "MIIB"}, "kubernetes_ca_cert"},
		"a path": {Config{Server: "https://k8s.example.com", Namespace: "../secrets"},
			`kubernetes_namespace is "../secrets", which is not a DNS-1123 label; correct it in the hedgehog_fabric `},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := New(test.config)
			wantClass(t, err, ClassConfig, test.says)
			if strings.Contains(err.Error(), "opens") {
				t.Errorf("the error has a secret in it: %v", err)
			}
		})
	}
}

func TestNew_defaultsAndTrimming(t *testing.T) {
	c, err := New(Config{Server: "https://k8s.example.com/fabrics/1/", Token: " token\n", CACert: " \n"})
	if err != nil {
		t.Fatal(err)
	}
	got := c.config
	want := Config{
		Server: "https://k8s.example.com/fabrics/1", Token: "token", CACert: " \n", Namespace: "default",
		Timeout: 30 * time.Second, PageSize: 500,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("configuration %+v, want %+v", got, want)
	}
	if min := c.transport.TLSClientConfig.MinVersion; min != 0x0303 {
		t.Errorf("TLS from version %#x on, want 1.2", min)
	}
	if c.transport.TLSClientConfig.InsecureSkipVerify || c.transport.Proxy == nil {
		t.Error("certificates are not verified, or proxies not used")
	}
}

func TestCluster_keepsThePathPrefix(t *testing.T) {
	s := standin(t, clustertest.Options{})
	s.Intercept(func(next http.Handler) http.Handler { return http.StripPrefix("/fabrics/1", next) })
	c := connect(t, s, func(c *Config) { c.Server += "/fabrics/1/"; c.UserAgent = "hedgehog/1.2.3" })
	if report := c.Check(t.Context()); !report.Authorized {
		t.Errorf("report %+v", report)
	}
	if _, err := c.Count(t.Context(), fabric.Kinds()[0]); err != nil {
		t.Error(err)
	}
	for _, request := range s.Requests() {
		if !strings.HasPrefix(request.Path, "/fabrics/1/") || request.Header.Get("User-Agent") != "hedgehog/1.2.3" {
			t.Errorf("%s %s by %q", request.Method, request.Path, request.Header.Get("User-Agent"))
		}
	}
}

func TestCluster_plainServerWhenConfigured(t *testing.T) {
	s := standin(t, clustertest.Options{Plain: true})
	if report := connect(t, s).Check(t.Context()); !report.Authorized || report.Err != nil {
		t.Errorf("report %+v", report)
	}
}

func TestCluster_insecureDoesNotVerify(t *testing.T) {
	s := standin(t, clustertest.Options{})
	c := connect(t, s, func(c *Config) { c.CACert, c.Insecure = "", true })
	if report := c.Check(t.Context()); !report.Authorized {
		t.Errorf("report %+v", report)
	}
}

func TestCluster_certificates(t *testing.T) {
	authority, err := testserver.NewAuthority("fabric CA")
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		change func(*x509.Certificate)
		ca     string // "" is the system's
		says   []string
	}{
		"not trusted by the system": {nil, "", []string{`"CN=fabric CA"`, "does not trust", "kubernetes_ca_cert"}},
		"for another host": {func(c *x509.Certificate) {
			c.IPAddresses, c.DNSNames = []net.IP{net.IPv4(192, 0, 2, 7)}, []string{"k8s.example.com"}
		}, authority.PEM(), []string{`not for its host but for k8s.example.com, 192.0.2.7`, "kubernetes_server"}},
		"expired": {func(c *x509.Certificate) {
			c.NotBefore, c.NotAfter = time.Now().Add(-2*time.Hour), time.Now().Add(-time.Hour)
		}, authority.PEM(), []string{"not valid now", "clock"}},
		"for a client": {func(c *x509.Certificate) {
			c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
		}, authority.PEM(), []string{"not valid", "renew"}},
	} {
		t.Run(name, func(t *testing.T) {
			certificate, err := authority.Issue(test.change)
			if err != nil {
				t.Fatal(err)
			}
			s := standin(t, clustertest.Options{Certificate: &certificate})
			report := connect(t, s, func(c *Config) { c.CACert = test.ca }).Check(t.Context())
			wantClass(t, report.Err, ClassTLS, append(test.says, s.URL())...)
			if report.Reachable || len(s.Requests()) != 0 {
				t.Errorf("report %+v after %d requests", report, len(s.Requests()))
			}
		})
	}
	t.Run("of another authority than the stored one", func(t *testing.T) {
		report := connect(t, standin(t, clustertest.Options{}), func(c *Config) {
			c.CACert = authority.PEM()
		}).Check(t.Context())
		wantClass(t, report.Err, ClassTLS, `"CN=stand-in cluster"`, "stored CA certificate did not sign")
	})
}

// A wrapped transport sees each request, without the token.
func TestWrapTransport_seesRequestsWithoutTheToken(t *testing.T) {
	s := standin(t, clustertest.Options{})
	seen := 0
	c := connect(t, s, func(c *Config) {
		c.WrapTransport = func(next http.RoundTripper) http.RoundTripper {
			return roundTripper(func(r *http.Request) (*http.Response, error) {
				if seen++; r.Header.Get("Authorization") != "" {
					t.Error("it sees the token")
				}
				return next.RoundTrip(r)
			})
		}
	})
	if _, err := all(c.List(t.Context(), fabric.Kinds()[0])); err != nil || seen != 1 {
		t.Errorf("%d requests seen, %v", seen, err)
	}
}

func TestNamespaceMissing(t *testing.T) {
	s := standin(t, clustertest.Options{})
	for _, step := range []struct {
		before        func()
		missing, fail bool
	}{
		{func() {}, false, true}, // the token cannot ask
		{func() { s.AllowNamespaces(clustertest.FullToken) }, true, false},
		{func() { s.AddNamespace(namespace) }, false, false},
		{func() { s.Answer("/api/", http.NotFound) }, false, true}, // which says nothing of the namespace
	} {
		step.before()
		missing, err := connect(t, s).NamespaceMissing(t.Context())
		if missing != step.missing || (err != nil) != step.fail {
			t.Errorf("missing %t, %v; want %t", missing, err, step.missing)
		}
	}
}
