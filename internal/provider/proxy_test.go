package provider

import (
	"crypto/tls"
	"encoding/base64"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/acctest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/testserver"
)

// proxyPassword must not be in any error or log.
const proxyPassword = "opensesame-of-the-proxy"

// proxy forwards everything to one address, whatever host it is asked for, if the
// credentials are right.
type proxy struct {
	*httptest.Server
	to string // host and port

	mu    sync.Mutex
	asked []string // method and host of each request
}

func newProxy(t *testing.T, to string) *proxy {
	t.Helper()
	p := &proxy{to: to}
	forward := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(&url.URL{Scheme: "http", Host: to})
		r.Out.Host = r.In.Host
	}}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		p.asked = append(p.asked, r.Method+" "+r.Host)
		p.mu.Unlock()
		switch want := base64.StdEncoding.EncodeToString([]byte("terraform:" + proxyPassword)); {
		case r.Header.Get("Proxy-Authorization") != "Basic "+want:
			w.Header().Set("Proxy-Authenticate", `Basic realm="proxy"`)
			http.Error(w, "<html>Who are you? You said "+r.Header.Get("Proxy-Authorization")+"</html>",
				http.StatusProxyAuthRequired)
		case r.Method == http.MethodConnect:
			p.tunnel(w)
		default:
			forward.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(p.Close)
	return p
}

// tunnel connects the client to the address.
func (p *proxy) tunnel(w http.ResponseWriter) {
	server, err := net.Dial("tcp", p.to)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	defer server.Close()
	client, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer client.Close()
	_, _ = io.WriteString(client, "HTTP/1.1 200 Connection established\r\n\r\n")
	ended := make(chan struct{}, 2)
	for _, way := range []struct {
		to   io.Writer
		from io.Reader
	}{{server, buffered}, {client, server}} {
		go func() {
			_, _ = io.Copy(way.to, way.from) // until either side ends
			ended <- struct{}{}
		}()
	}
	<-ended
}

func (p *proxy) requests() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string{}, p.asked...)
}

// by returns the proxy's address with a password.
func (p *proxy) by(password string) string {
	return "http://terraform:" + password + "@" + strings.TrimPrefix(p.URL, "http://")
}

// through returns the variables that name proxies. They replace those of the test's own
// environment.
func through(variables ...string) []string {
	return append([]string{"HTTP_PROXY=", "http_proxy=", "HTTPS_PROXY=", "https_proxy=", "NO_PROXY=", "no_proxy=",
		"ALL_PROXY=", "REQUEST_METHOD="}, variables...)
}

// at returns the NetBox with another address.
func at(n *acctest.NetBox, address string) *acctest.NetBox {
	other := *n
	other.URL = address
	return &other
}

func hostOf(t *testing.T, address string) string {
	t.Helper()
	u, err := url.Parse(address)
	must(t, err)
	return u.Host
}

// wantNoPassword checks that an output does not have the password, in plain text or as it is sent.
func wantNoPassword(t *testing.T, said string) {
	t.Helper()
	sent := base64.StdEncoding.EncodeToString([]byte("terraform:" + proxyPassword))
	acctest.Secret(t, proxyPassword, sent) // the logs are searched at the end
	for _, secret := range []string{proxyPassword, sent, url.QueryEscape(proxyPassword)} {
		if strings.Contains(said, secret) {
			t.Errorf("got the proxy's password in:\n%s", said)
		}
	}
}

func TestAccProxy_plainNetBox(t *testing.T) {
	t.Parallel()
	n := acctest.Standin(t, netboxtest.Options{})
	p := newProxy(t, hostOf(t, n.URL))
	x := newWorkspace(t, n, labConfig(at(n, "http://netbox.example.com"), 300), through("HTTP_PROXY="+
		p.by(proxyPassword))...)
	wantNoPassword(t, x.ok("apply", "-auto-approve"))
	x.wantAgreement("lab")
	for _, asked := range p.requests() {
		if !strings.HasSuffix(asked, " netbox.example.com") {
			t.Errorf("the proxy was asked for %s", asked)
		}
	}
	if through, got := len(p.requests()), len(n.Standin.Requests()); through == 0 || through > got {
		t.Errorf("%d requests through the proxy, %d at NetBox", through, got)
	}
}

// With TLS, the proxy only makes the connection. It sees neither the token nor a fabric.
func TestAccProxy_secureNetBox(t *testing.T) {
	t.Parallel()
	authority, n := secureNetBox(t, secure{host: "netbox.example.com"})
	p := newProxy(t, hostOf(t, n.URL))
	x := newWorkspace(t, n, labConfig(at(n, "https://netbox.example.com"), 300),
		through("HTTPS_PROXY="+p.by(proxyPassword), "NETBOX_CA_CERT_FILE="+authority)...)
	wantNoPassword(t, x.ok("apply", "-auto-approve"))
	if said, err := x.say("plan", "-detailed-exitcode"); err != nil {
		t.Errorf("got %v\n%s", err, said)
	}
	for _, asked := range p.requests() {
		if asked != "CONNECT netbox.example.com:443" {
			t.Errorf("the proxy was asked for %s", asked)
		}
	}
	if len(p.requests()) == 0 || len(n.Standin.Fabrics()) != 1 {
		t.Errorf("%d requests through the proxy, NetBox has %v", len(p.requests()), n.Standin.Fabrics())
	}
}

// Hosts that NO_PROXY names are reached without the proxy.
func TestAccProxy_exceptions(t *testing.T) {
	t.Parallel()
	n := acctest.Standin(t, netboxtest.Options{})
	direct, port, err := net.SplitHostPort(hostOf(t, n.URL))
	must(t, err)
	p := newProxy(t, "127.0.0.1:1") // where nothing is
	for name, exception := range map[string]string{"by its host": direct, "with its port": direct + ":" +
		port, "all": "*"} {
		x := newWorkspace(t, n, labConfig(n, 300), through("HTTP_PROXY="+p.by(proxyPassword), "NO_PROXY=example.org,"+
			exception)...)
		if said, err := x.say("plan"); err != nil {
			t.Errorf("%s: got %v\n%s", name, err, said)
		}
	}
	if asked := p.requests(); len(asked) != 0 {
		t.Errorf("the proxy was asked for %q", asked)
	}
}

// A proxy that does not do its part is named, and its password is not.
func TestAccProxy_doesNotForward(t *testing.T) {
	t.Parallel()
	const nobody = "127.0.0.1:1" // a free port would soon be another test's
	authority, secured := secureNetBox(t, secure{host: "netbox.example.com"})
	plain := acctest.Standin(t, netboxtest.Options{})
	p := newProxy(t, hostOf(t, plain.URL))
	for name, c := range map[string]struct {
		variable, server string
		want             []string
	}{
		"refuses": {"HTTP_PROXY=http://terraform:" + proxyPassword + "@" + nobody,
			"http://netbox.example.com", []string{nobody, netboxtest.ErrRefused.Error()}},
		"does not exist": {"HTTP_PROXY=http://terraform:" + proxyPassword + "@proxy.invalid:3128",
			"http://netbox.example.com", []string{"proxy.invalid"}},
		"wants another password": {"HTTP_PROXY=" + p.by(proxyPassword+"-mistyped"), "http://netbox.example.com",
			[]string{"answered 407 Proxy Authentication Required", "the password in HTTP_PROXY"}},
		"wants another one, TLS": {"HTTPS_PROXY=" + p.by(proxyPassword+"-mistyped"), "https://netbox.example.com",
			[]string{"answered 407 Proxy Authentication Required", "the password in HTTPS_PROXY"}},
		"has a typo in its URL": {"HTTP_PROXY=http://terraform:" + proxyPassword + "%@" + hostOf(t, p.URL),
			"http://netbox.example.com", []string{"The variable HTTP_PROXY is not the URL of a proxy", "%25 for %"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config := labConfig(at(plain, c.server), 300, "timeouts = { create = \"5s\" }")
			x := newWorkspace(t, plain, config, through(c.variable, "NETBOX_CA_CERT_FILE="+authority)...)
			said, err := x.say("apply", "-auto-approve")
			for _, want := range c.want {
				if err == nil || !says(want).MatchString(said) {
					t.Errorf("got %v\n%s\nwant %q", err, said, want)
				}
			}
			wantNoPassword(t, said)
			x.wantStates()
		})
	}
	t.Cleanup(func() {
		if len(plain.Standin.Fabrics())+len(secured.Standin.Fabrics()) != 0 {
			t.Error("got a fabric, want none")
		}
	})
}

// secure has the options of a NetBox with TLS.
type secure struct {
	host    string                // or address
	highest uint16                // version of TLS; 0 for the newest
	clients *testserver.Authority // whose certificates clients need; nil for none
}

// secureNetBox returns a stand-in with TLS, and the file with the authority of its certificate.
func secureNetBox(t *testing.T, s secure) (authorityFile string, n *acctest.NetBox) {
	t.Helper()
	authority, err := testserver.NewAuthority("lab")
	must(t, err)
	certificate, err := authority.IssueFor(s.host)
	must(t, err)
	config := &tls.Config{Certificates: []tls.Certificate{certificate}, MaxVersion: s.highest}
	if s.highest != 0 {
		config.MinVersion = tls.VersionTLS10
	}
	if s.clients != nil {
		config.ClientAuth, config.ClientCAs = tls.RequireAndVerifyClientCert, s.clients.Pool()
	}
	n = acctest.Standin(t, netboxtest.Options{TLS: config})
	authorityFile = filepath.Join(t.TempDir(), "ca.pem")
	must(t, os.WriteFile(authorityFile, []byte(authority.PEM()), 0o600))
	return authorityFile, n
}
