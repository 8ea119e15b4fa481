package cluster

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/clustertest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/connection"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/testserver"
)

// page answers like a server that is not Kubernetes.
func page(status int, contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func refusal(status int, reason, message string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { clustertest.Refuse(w, status, reason, message) }
}

const webPage = "<!DOCTYPE html><html><title>Welcome</title></html>"

// The server gives the same answer to every request. The test checks the results of a check, a count
// and a list.
func TestCluster_answers(t *testing.T) {
	for name, test := range map[string]struct {
		answer    http.HandlerFunc
		class     Class
		says      string
		reachable bool
	}{
		"a web site":       {page(200, "text/html", webPage), ClassNotKubernetes, "of type text/html", true},
		"a web site's 404": {page(404, "text/html", webPage), ClassNotKubernetes, "/version with status 404", true},
		"a Go server's 404": {page(404, "text/plain", "404 page not found\n"), ClassNotKubernetes,
			"status 404", true},
		"another API": {page(200, "application/json", `{"netbox-version": "4.7.3"}`), ClassNotKubernetes,
			"status 200", true},
		"another API's 404": {page(404, "application/json", `{"detail": "Not found."}`), ClassNotKubernetes,
			"status 404", true},
		"another API's 403": {page(403, "application/json", `{"detail": "No."}`), ClassNotKubernetes,
			`a gateway answers for it: /version gives status 403 and a body of type application/json that begins: ` +
				`{"detail": "No."}`, true},
		"a gateway's 401": {page(401, "application/json", `{"message": "No API key found"}`), ClassNotKubernetes,
			`{"message": "No API key found"}`, true},
		"JSON with a kind": {page(200, "application/json", `{"kind": "Pod", "apiVersion": "v1"}`),
			ClassNotKubernetes, "status 200", true},
		"JSON that breaks": {page(200, "application/json", `{"kind": "VPCLi`), ClassNotKubernetes,
			"status 200", true},
		"a list of numbers":   {page(200, "application/json", `[1, 2]`), ClassNotKubernetes, "status 200", true},
		"nothing at all":      {page(200, "application/json", ``), ClassNotKubernetes, "status 200", true},
		"no content type":     {page(200, "", "hello"), ClassNotKubernetes, "status 200", true},
		"an odd content type": {page(200, "text;;/", "hello"), ClassNotKubernetes, "status 200", true},
		"a proxy's 400":       {page(400, "text/html", webPage), ClassNotKubernetes, "status 400", true},
		"a load balancer":     {page(503, "text/html", webPage), ClassUnreachable, "answers 503", false},
		"a gateway":           {page(502, "text/plain", "Bad Gateway"), ClassUnreachable, "answers 502", false},
		"unknown token":       {refusal(401, "Unauthorized", "Unauthorized"), ClassUnauthenticated, "expired", true},
		"a proxy's 401":       {page(401, "text/html", webPage), ClassNotKubernetes, "status 401", true},
		"out of order":        {refusal(500, "InternalError", "etcd is gone"), ClassOther, "etcd is gone", true},
		"starting":            {refusal(503, "ServiceUnavailable", "starting"), ClassOther, "starting", true},
		"a panic": {page(500, "text/plain", "This request caused apiserver to panic."), ClassOther,
			"status 500", true},
		"overloaded": {page(429, "text/plain", "Too many requests"), ClassOther, "overloaded", true},
	} {
		t.Run(name, func(t *testing.T) {
			s := standin(t, clustertest.Options{})
			s.Answer("/", test.answer)
			c := connect(t, s)
			report := c.Check(t.Context())
			wantClass(t, report.Err, test.class, test.says, s.URL())
			if report.Reachable != test.reachable || report.Authenticated || report.Authorized {
				t.Errorf("report %+v", report)
			}
			_, err := c.Count(t.Context(), fabric.Kinds()[0])
			wantClass(t, err, test.class, s.URL())
			if _, err = all(c.List(t.Context(), fabric.Kinds()[0])); true {
				wantClass(t, err, test.class, s.URL())
			}
		})
	}
}

func TestCluster_forbiddenNamesTheKind(t *testing.T) {
	s := standin(t, clustertest.Options{})
	c := connect(t, s, func(c *Config) { c.Token = clustertest.NobodyToken })
	_, err := c.Count(t.Context(), kind(t, "Switch"))
	failed := wantClass(t, err, ClassForbidden, `list switches.wiring.githedgehog.com in namespace "fabric-1"`,
		`User "nobody"`, "Role")
	if failed.Kind != "Switch" || failed.Server != s.URL() {
		t.Errorf("error %+v", failed)
	}
}

func TestCluster_noTokenIsUnauthenticated(t *testing.T) {
	s := standin(t, clustertest.Options{})
	c := connect(t, s, func(c *Config) { c.Token = "" })
	for _, says := range []string{"set the fabric's kubernetes_token", "none is set"} { // for a 403, and a 401
		_, err := c.Count(t.Context(), fabric.Kinds()[0])
		wantClass(t, err, ClassUnauthenticated, says)
		s.Answer("/", refusal(401, "Unauthorized", "Unauthorized"))
	}
}

func TestCluster_stoppedServerIsUnreachable(t *testing.T) {
	s := standin(t, clustertest.Options{})
	c := connect(t, s)
	s.Stop()
	report := c.Check(t.Context())
	wantClass(t, report.Err, ClassUnreachable, s.URL(), "connection refused", "check the port")
	if report.Reachable {
		t.Errorf("report %+v", report)
	}
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	if report := c.Check(t.Context()); report.Err != nil {
		t.Errorf("after it is back: %v", report.Err)
	}
}

func TestCluster_wrongScheme(t *testing.T) {
	secure, plain := standin(t, clustertest.Options{}), standin(t, clustertest.Options{Plain: true})
	https := connect(t, plain, func(c *Config) { c.Server = strings.Replace(c.Server, "http:", "https:", 1) })
	wantClass(t, https.Check(t.Context()).Err, ClassTLS, "does not speak TLS")
	http := connect(t, secure, func(c *Config) { c.Server = strings.Replace(c.Server, "https:", "http:", 1) })
	wantClass(t, http.Check(t.Context()).Err, ClassTLS, "expects TLS", "https://")
}

// Some TLS servers close the connection on a plain request. client-go repeats such a request ten
// times, so the test starts with its error.
func TestCluster_wrongSchemeOfAServerThatHangsUp(t *testing.T) {
	authority, err := testserver.NewAuthority("fabric CA")
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := authority.Issue(nil)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			_ = tls.Server(conn, &tls.Config{Certificates: []tls.Certificate{certificate}}).Handshake()
			_ = conn.Close()
		}
	}()
	c, err := New(Config{Server: "http://" + l.Addr().String()})
	if err != nil {
		t.Fatal(err)
	}
	lost := &url.Error{Op: "Get", Err: io.EOF}
	wantClass(t, c.explain(t.Context(), fabric.Kind{}, &exchange{}, lost), ClassTLS, "expects TLS", "https://")
}

func TestCluster_refusesOldTLS(t *testing.T) {
	old := httptest.NewUnstartedServer(page(200, "application/json", `{"gitVersion": "v1.30.0"}`))
	old.TLS = &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}
	old.Config.ErrorLog = log.New(io.Discard, "", 0)
	old.StartTLS()
	defer old.Close()
	c, err := New(Config{Server: old.URL, Insecure: true})
	if err != nil {
		t.Fatal(err)
	}
	wantClass(t, c.Check(t.Context()).Err, ClassTLS, "TLS 1.2 or newer")
}

func TestCluster_timeout(t *testing.T) {
	for _, begins := range []string{"", `{"gitVersion":`} { // without an answer, and within the body
		s := standin(t, clustertest.Options{})
		s.Answer("/", func(w http.ResponseWriter, r *http.Request) {
			if begins != "" {
				_, _ = io.WriteString(w, begins)
				w.(http.Flusher).Flush()
			}
			<-r.Context().Done()
		})
		report := connect(t, s, func(c *Config) { c.Timeout = 50 * time.Millisecond }).Check(t.Context())
		wantClass(t, report.Err, ClassTimeout, "gave no complete answer within ")
		if report.Reachable {
			t.Errorf("report %+v", report)
		}
	}
}

func TestCluster_callersContext(t *testing.T) {
	s := standin(t, clustertest.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	s.Answer("/", func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	})
	c := connect(t, s)
	_, err := c.Count(ctx, fabric.Kinds()[0])
	if wantClass(t, err, ClassOther, "because the command was stopped"); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v is not context.Canceled", err)
	}
	ctx, cancel = context.WithDeadlineCause(t.Context(), time.Now(), &connection.TimeoutError{After: time.Minute})
	defer cancel()
	_, err = c.Count(ctx, fabric.Kinds()[0])
	wantClass(t, err, ClassTimeout, "gave no complete answer within 1 min; check")
	ctx, cancel = context.WithDeadline(t.Context(), time.Now())
	defer cancel()
	_, err = c.Count(ctx, fabric.Kinds()[0])
	if wantClass(t, err, ClassTimeout, "before the timeout ended"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v is not context.DeadlineExceeded", err)
	}
}

func TestCluster_connectionThatBreaks(t *testing.T) {
	s := standin(t, clustertest.Options{Plain: true})
	s.Answer("/", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000")
		_, _ = io.WriteString(w, `{"gitVersion":`)
	})
	wantClass(t, connect(t, s).Check(t.Context()).Err, ClassUnreachable, "broke before the answer was complete")
}

// The test uses errors of net/http for what a loopback server cannot do. Package connection tests
// the causes of errors.
func TestExplain_connections(t *testing.T) {
	dial := func(err error) error { return &net.OpError{Op: "dial", Net: "tcp", Err: err} }
	for name, test := range map[string]struct {
		err   error
		class Class
		says  string
	}{
		"unknown name": {dial(&net.DNSError{Err: "no such host", Name: "k8s.example.com", IsNotFound: true}),
			ClassUnreachable, `cannot be reached: the name "k8s.example.com" does not resolve; check kubernetes_s`},
		"no name server": {dial(&net.DNSError{Err: "server misbehaving", Name: "k8s.example.com"}), ClassUnreachable,
			`resolving the name "k8s.example.com" failed; check this machine's DNS`},
		"no route": {dial(connection.ErrNoHostRoute), ClassUnreachable, "there is no route to it"},
		"silence":  {dial(os.ErrDeadlineExceeded), ClassTimeout, "in time (i/o timeout); check the address"},
		"proxy refuses a connection": {&net.OpError{Op: "proxyconnect", Err: connection.ErrRefused}, ClassUnreachable,
			"cannot be reached: the proxy cannot be reached: " + connection.ErrRefused.Error() + "; check the " +
				"proxy's URL in HTTPS_PROXY, or add the cluster's host to NO_PROXY"},
		"proxy that is not trusted": {&net.OpError{Op: "proxyconnect", Err: x509.UnknownAuthorityError{}}, ClassTLS,
			"it is signed by an unknown authority; add the certificate of its CA to kubernetes_ca_cert, or"},
		"silent proxy": {&net.OpError{Op: "proxyconnect", Err: os.ErrDeadlineExceeded}, ClassTimeout,
			"the proxy cannot be reached: i/o timeout; check the proxy's URL"},
		"proxy cannot reach it": {&connection.ProxyError{Proxy: "proxy:3128", Code: 503, Status: "503 No"},
			ClassUnreachable, "the proxy proxy:3128 could not reach k8s.example.com:6443 (503); check the host " +
				"and port in kubernetes_server, or add the cluster's host to NO_PROXY"},
		"something else": {errors.New("unheard of"), ClassUnreachable, "cannot be reached: unheard of; check " +
			"kubernetes_s"},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := New(Config{Server: "https://k8s.example.com:6443"})
			if err != nil {
				t.Fatal(err)
			}
			cause := &url.Error{Op: "Get", URL: "https://k8s.example.com:6443/version", Err: test.err}
			got := c.explain(t.Context(), fabric.Kind{}, &exchange{}, cause)
			wantClass(t, got, test.class, test.says, "https://k8s.example.com:6443 ")
			if !errors.Is(got, cause) {
				t.Errorf("%v does not wrap its cause", got)
			}
		})
	}
}

func TestCluster_longRetryAfterIsNotWaitedFor(t *testing.T) {
	s := standin(t, clustertest.Options{})
	s.Answer("/", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "600")
		clustertest.Refuse(w, 429, "TooManyRequests", "later")
	})
	wantClass(t, connect(t, s).Check(t.Context()).Err, ClassOther, "overloaded")
	if n := len(s.Requests()); n != 1 {
		t.Errorf("got %d requests, want 1", n)
	}
}

func TestCluster_boundsAnswers(t *testing.T) {
	for name, test := range map[string]struct {
		announced string
		most      int64 // bytes that may be sent until the client hangs up
	}{"announced": {"2147483648", 16 << 20}, "streamed": {"", 128 << 20}} {
		t.Run(name, func(t *testing.T) {
			s := standin(t, clustertest.Options{Plain: true})
			var sent int64
			done := make(chan struct{})
			s.Answer("/apis/", func(w http.ResponseWriter, _ *http.Request) {
				defer close(done)
				w.Header().Set("Content-Type", "application/json")
				if test.announced != "" {
					w.Header().Set("Content-Length", test.announced)
				}
				chunk := strings.Repeat(" ", 1<<20)
				for range 2048 {
					n, err := io.WriteString(w, chunk)
					if sent += int64(n); err != nil {
						return
					}
				}
			})
			_, err := connect(t, s).Count(t.Context(), fabric.Kinds()[0])
			if wantClass(t, err, ClassOther, "sent an answer that is larger than 64 MiB; "+
				"look"); !errors.Is(err, errTooLarge) {
				t.Errorf("error %v", err)
			}
			if <-done; sent > test.most {
				t.Errorf("%d bytes were sent", sent)
			}
		})
	}
}

func TestCluster_redirects(t *testing.T) {
	elsewhere := standin(t, clustertest.Options{Plain: true})
	s := standin(t, clustertest.Options{Plain: true})
	remove := s.Answer("/", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", elsewhere.URL()+r.URL.Path+"?token="+clustertest.FullToken)
		w.WriteHeader(http.StatusTemporaryRedirect)
	})
	c := connect(t, s)
	wantClass(t, c.Check(t.Context()).Err, ClassNotKubernetes, "redirects to "+elsewhere.URL(), "not followed")
	if _, err := c.reviewAccess(t.Context(), fabric.Kinds()[0]); err == nil {
		t.Error("a redirected POST passes")
	}
	if n := len(elsewhere.Requests()); n != 0 {
		t.Errorf("the other server got %d requests", n)
	}
	remove()
	s.Answer("/version", http.RedirectHandler("/there", http.StatusFound).ServeHTTP)
	s.Answer("/there", page(200, "application/json", `{"gitVersion": "v1.30.0"}`))
	if report := c.Check(t.Context()); report.ServerVersion != "v1.30.0" || report.Err != nil {
		t.Errorf("a redirect on the same server: %+v", report)
	}
}

// If a client follows a redirect, it sends the token only to its own server.
func TestTransport_tokenForItsOriginOnly(t *testing.T) {
	origin, err := url.Parse("https://k8s.example.com:6443/prefix")
	if err != nil {
		t.Fatal(err)
	}
	var sent string
	tr := &transport{origin: origin, token: "secret", next: roundTripper(func(r *http.Request) (*http.Response, error) {
		sent = r.Header.Get("Authorization")
		return nil, io.EOF
	})}
	for address, want := range map[string]string{
		"https://k8s.example.com:6443/version": "Bearer secret",
		"https://K8S.example.com:6443/version": "Bearer secret",
		"http://k8s.example.com:6443/version":  "",
		"https://k8s.example.com/version":      "",
		"https://example.com:6443/version":     "",
	} {
		req := httptest.NewRequest(http.MethodGet, address, http.NoBody)
		resp, err := tr.RoundTrip(req)
		if err == nil {
			_ = resp.Body.Close()
		}
		if sent != want {
			t.Errorf("%s got %q, want %q", address, sent, want)
		}
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// all reads all of a list.
func all(list func(func(*Object, error) bool)) (objects []*Object, err error) {
	for object, failed := range list {
		if failed != nil {
			err = failed
			continue
		}
		objects = append(objects, object)
	}
	return objects, err
}
