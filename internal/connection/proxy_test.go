package connection

import (
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// setProxies sets the variables of proxies, and clears the others.
func setProxies(t *testing.T, variables map[string]string) {
	t.Helper()
	for _, name := range []string{"HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "NO_PROXY", "no_proxy",
		"ALL_PROXY", "all_proxy",
		"REQUEST_METHOD"} {
		t.Setenv(name, variables[name])
	}
}

func parse(t *testing.T, address string) *url.URL {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestRouteTo(t *testing.T) {
	const secure, plain = "https://netbox.example.com", "http://netbox.example.com"
	for name, test := range map[string]struct {
		server    string
		variables map[string]string
		proxy     string
		want      Route
	}{
		"none": {secure, nil, "", Route{Variable: "HTTPS_PROXY"}},
		"for https": {secure, map[string]string{"HTTPS_PROXY": "proxy:1"}, "http://proxy:1",
			Route{Variable: "HTTPS_PROXY"}},
		"lower case": {secure, map[string]string{"https_proxy": "proxy:1"}, "http://proxy:1",
			Route{Variable: "https_proxy"}},
		"for http": {plain, map[string]string{"HTTP_PROXY": "proxy:1"}, "http://proxy:1",
			Route{Variable: "HTTP_PROXY"}},
		"for the other scheme": {plain, map[string]string{"HTTPS_PROXY": "proxy:1"}, "",
			Route{Variable: "HTTP_PROXY", Unused: "HTTPS_PROXY"}},
		"for all": {secure, map[string]string{"ALL_PROXY": "proxy:1"}, "",
			Route{Variable: "HTTPS_PROXY", Unused: "ALL_PROXY"}},
		"exempt": {secure, map[string]string{"HTTPS_PROXY": "proxy:1", "NO_PROXY": ".example.com"}, "",
			Route{Variable: "HTTPS_PROXY", Exempt: true}},
		"exempt from a proxy with a typo": {secure, map[string]string{"HTTPS_PROXY": "http://u:%@p", "NO_PROXY": "*"},
			"",
			Route{Variable: "HTTPS_PROXY", Exempt: true}},
		"both names": {secure, map[string]string{"HTTPS_PROXY": "proxy:1", "https_proxy": "other:1",
			"NO_PROXY": ".example.org", "no_proxy": ".example.com"}, "http://proxy:1", Route{Variable: "HTTPS_PROXY"}},
		"this machine": {"https://127.0.0.1:8443", map[string]string{"HTTPS_PROXY": "proxy:1"}, "",
			Route{Variable: "HTTPS_PROXY", Here: true}},
		"localhost": {"https://localhost", nil, "", Route{Variable: "HTTPS_PROXY", Here: true}},
	} {
		t.Run(name, func(t *testing.T) {
			setProxies(t, test.variables)
			got, err := RouteTo(parse(t, test.server))
			if test.proxy != "" {
				test.want.Proxy = parse(t, test.proxy)
				if got.Proxy == nil || *got.Proxy != *test.want.Proxy {
					t.Fatalf("got proxy %v, want %s", got.Proxy, test.proxy)
				}
				got.Proxy = test.want.Proxy
			}
			if err != nil || got != test.want {
				t.Errorf("got %+v, %v, want %+v", got, err, test.want)
			}
		})
	}
}

// The standard library ignores such a value and sends the request past the proxy.
func TestRouteTo_valueThatIsNoURL(t *testing.T) {
	for _, value := range []string{"http://user:sec%ret@proxy:3128", "http://user:sec/ret#pw@proxy:3128",
		`http://DOM\user:secret@proxy:3128`, "http://secret/x@proxy", "ftp://proxy:21", "http://", "http://proxy:port",
		"https//secret", "http://proxy?secret"} {
		setProxies(t, map[string]string{"HTTP_PROXY": value})
		_, err := RouteTo(parse(t, "http://netbox.example.com"))
		wrong, ok := errors.AsType[*ProxyVariableError](err)
		if !ok || wrong.Variable != "HTTP_PROXY" || strings.Contains(err.Error(), "sec") {
			t.Errorf("%q: got %v, want an error about HTTP_PROXY", value, err)
		}
	}
}

// No request is sent past a proxy whose URL has a typo.
func TestNewTransport_valueThatIsNoURL(t *testing.T) {
	setProxies(t, map[string]string{"HTTP_PROXY": "http://user:sec%ret@proxy:3128"})
	_, err := (&http.Client{Transport: NewTransport(nil)}).Get("http://netbox.example.com")
	if got := Diagnose(err); got.Cause != ProxyVariable || got.Detail != "HTTP_PROXY" || got.Transient {
		t.Errorf("got %+v, want a failure of the variable", got)
	}
}

// A 407 comes from the proxy, also as the answer to a plain HTTP request.
func TestRefusedByProxy(t *testing.T) {
	setProxies(t, map[string]string{"HTTP_PROXY": "http://user:secret@proxy:3128", "HTTPS_PROXY": "http://proxy:3128"})
	answer := func(status int, address string) *http.Response {
		recorder := httptest.NewRecorder()
		recorder.WriteHeader(status)
		answer := recorder.Result()
		answer.Request = &http.Request{URL: parse(t, address)}
		return answer
	}
	for _, test := range []struct {
		answer *http.Response
		want   bool
	}{
		{answer(http.StatusProxyAuthRequired, "http://netbox.example.com"), true},
		{answer(http.StatusProxyAuthRequired, "http://127.0.0.1"), false},
		{answer(http.StatusProxyAuthRequired, "https://netbox.example.com"), false}, // through a tunnel
		{answer(http.StatusForbidden, "http://netbox.example.com"), false},
	} {
		err := RefusedByProxy(test.answer)
		refused, got := errors.AsType[*ProxyError](err)
		if got != test.want || got && (refused.Variable != "HTTP_PROXY" || !refused.Authenticated) {
			t.Errorf("%s for %s: got %v", test.answer.Status, test.answer.Request.URL, err)
		}
	}
}

func TestServer_ExplainProxy(t *testing.T) {
	lab := Server{"netbox.example.com", "SETTING", "NetBox's",
		Route{Proxy: parse(t, "http://proxy:3128"), Variable: "HTTPS_PROXY"}}
	proxy := func(err error) error { return &net.OpError{Op: "proxyconnect", Err: err} }
	const exempt = ", or add NetBox's host to NO_PROXY"
	for name, test := range map[string]struct {
		err          error
		what, advice string
	}{
		"no proxy's fault": {ErrRefused, "", ""},
		"typo": {&ProxyVariableError{"HTTPS_PROXY"}, "the variable HTTPS_PROXY is not the URL of a proxy",
			"write it as http://HOST:PORT, http://USER:PASSWORD@HOST:PORT, or with https:// or socks5://, and " +
				encoded},
		"refused": {proxy(ErrRefused), "the proxy proxy:3128 cannot be reached: " + ErrRefused.Error(),
			"check the proxy's URL in HTTPS_PROXY" + exempt},
		"unknown name": {proxy(&net.DNSError{Name: "proxy", IsNotFound: true}), `the name "proxy" of the proxy ` +
			`does not ` +
			"resolve", "check the proxy's URL in HTTPS_PROXY" + exempt},
		"not trusted": {proxy(x509.UnknownAuthorityError{}), "the certificate of the proxy proxy:3128 is not " +
			"trusted: it " +
			"is signed by an unknown authority", "add the certificate of its CA to CAS, or to the system's CAs if " +
			"that is not set" + exempt},
		"plain": {proxy(http.ErrSchemeMismatch), "the proxy proxy:3128 speaks plain HTTP and not TLS",
			"write http:// instead of https:// in HTTPS_PROXY"},
		"wants a password": {&ProxyError{"proxy:3128", 407, "407 Who", "HTTP_PROXY", false}, "the proxy proxy:3128 " +
			"answered 407 Who", "put a user and a password into the proxy's URL, " +
			"HTTP_PROXY=http://USER:PASSWORD@HOST:PORT, " +
			"and " + encoded + exempt},
		"wants another password": {&ProxyError{"proxy:3128", 407, "407 Who", "HTTP_PROXY", true}, "the proxy " +
			"proxy:3128 answered 407 Who", "correct the user and the password in HTTP_PROXY, and " + encoded + exempt},
		"forbids it": {&ProxyError{"proxy:3128", 403, "403 No", "HTTPS_PROXY", true}, "the proxy proxy:3128 " +
			"answered 403 No",
			"ask the administrator of the proxy to allow netbox.example.com" + exempt},
		"does not reach it": {&ProxyError{"proxy:3128", 503, "503 No", "HTTPS_PROXY", true}, "the proxy proxy:3128 " +
			"could not reach netbox.example.com (503)", "check the host and port in SETTING" + exempt},
		"another answer": {&ProxyError{"proxy:3128", 418, "418 Tea", "HTTPS_PROXY", true}, "the proxy proxy:3128 " +
			"answered 418 Tea", "check the proxy's URL in HTTPS_PROXY" + exempt},
	} {
		failure := Diagnose(test.err)
		if what, advice := lab.ExplainProxy(test.err, failure, failure.Detail, "CAS"); what != test.what ||
			advice != test.advice {
			t.Errorf("%s: got\n%s\n%s\nwant\n%s\n%s", name, what, advice, test.what, test.advice)
		}
	}
}

func TestServer_ExplainLost(t *testing.T) {
	for scheme, want := range map[string]string{
		"http": "check the host and port in S, and the proxy's URL in V: if the proxy expects TLS, it begins " +
			"with https://",
		"socks5": "check the host and port in S, and the proxy's URL in V",
	} {
		s := Server{"h", "S", "NetBox's", Route{Proxy: parse(t, scheme+"://p:1"), Variable: "V"}}
		for cause, wantWhat := range map[Cause]string{Broken: "the connection to h through the proxy p:1 broke",
			Other: "the connection to h through the proxy p:1 failed: no login"} {
			if what, advice := s.ExplainLost(Failure{Cause: cause}, "no login"); what != wantWhat || advice != want {
				t.Errorf("%s: got\n%s\n%s\nwant\n%s\n%s", scheme, what, advice, wantWhat, want)
			}
		}
	}
}

func TestRoute_Hint(t *testing.T) {
	for want, route := range map[string]Route{
		"": {Variable: "HTTPS_PROXY", Here: true},
		"; if this machine reaches it through a proxy, set HTTPS_PROXY": {Variable: "HTTPS_PROXY"},
		"; ALL_PROXY is not used for this URL: if this machine reaches it through a proxy, set HTTPS_PROXY": {
			Variable: "HTTPS_PROXY", Unused: "ALL_PROXY"},
		"; NO_PROXY exempts it from the proxy in HTTPS_PROXY": {Variable: "HTTPS_PROXY", Exempt: true},
	} {
		if got := route.Hint(); got != want {
			t.Errorf("%+v: got %q, want %q", route, got, want)
		}
	}
	if got := (Route{Variable: "HTTPS_PROXY", Proxy: parse(t, "http://p")}).Hint(); got != "" {
		t.Errorf("through a proxy: got %q", got)
	}
}

// Through a tunnel or a SOCKS proxy, every answer is the server's.
func TestServer_MayBeProxys(t *testing.T) {
	for _, test := range []struct {
		proxy, variable string
		want            bool
	}{
		{"http://p:1", "HTTP_PROXY", true}, {"https://p:1", "http_proxy", true},
		{"socks5://p:1", "HTTP_PROXY", false}, {"http://p:1", "HTTPS_PROXY", false},
	} {
		s := Server{"h", "S", "NetBox's", Route{Proxy: parse(t, test.proxy), Variable: test.variable}}
		if got := s.MayBeProxys(); (got != "") != test.want {
			t.Errorf("%s in %s: got %q", test.proxy, test.variable, got)
		}
		if got := s.LostAtProxy(Failure{Cause: Broken}, true); got != test.want {
			t.Errorf("%s in %s, sent: got %t", test.proxy, test.variable, got)
		}
	}
}
