package connection

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"strings"

	"golang.org/x/net/http/httpproxy"
)

// Route is the way to a server, by the variables HTTPS_PROXY, HTTP_PROXY and NO_PROXY.
type Route struct {
	Proxy *url.URL // nil for none
	// Variable names the proxy for the scheme of the server's URL, such as HTTPS_PROXY.
	Variable string
	// Exempt reports whether Variable is set and NO_PROXY exempts the server from its proxy.
	Exempt bool
	// Here reports whether the server is this machine, which is never reached by a proxy.
	Here bool
	// Unused is a variable that is set and names no proxy for this server, such as ALL_PROXY;
	// "" if there is none.
	Unused string
}

// setting is a variable of the environment, by the name under which it is set.
type setting struct{ name, value string }

// variable returns a variable, whose name may also be in lower case. As in net/http, the name
// in upper case counts if both are set. [httpproxy.FromEnvironment] prefers the other one.
func variable(name string) setting {
	lower := strings.ToLower(name)
	if value := os.Getenv(lower); os.Getenv(name) == "" && value != "" {
		return setting{lower, value}
	}
	return setting{name, os.Getenv(name)}
}

// RouteTo returns the way to the server of a URL. The error is a [*ProxyVariableError], or
// that of a proxy in the environment of a CGI program.
func RouteTo(server *url.URL) (Route, error) {
	plain, secure := variable("HTTP_PROXY"), variable("HTTPS_PROXY")
	environment := &httpproxy.Config{HTTPProxy: plain.value, HTTPSProxy: secure.value,
		NoProxy: variable("NO_PROXY").value, CGI: os.Getenv("REQUEST_METHOD") != ""}
	used, other := plain, secure
	if server.Scheme == "https" {
		used, other = secure, plain
	}
	value, route := used.value, Route{Variable: used.name}
	if all := variable("ALL_PROXY"); value == "" && other.value != "" {
		route.Unused = other.name
	} else if value == "" && all.value != "" {
		route.Unused = all.name
	}
	address, _ := netip.ParseAddr(server.Hostname())
	route.Here = address.IsLoopback() || strings.EqualFold(server.Hostname(), "localhost")
	usable := value == "" || isProxyURL(value)
	if !usable { // it still counts whether NO_PROXY exempts the server
		environment.HTTPProxy, environment.HTTPSProxy = "http://proxy.invalid", "http://proxy.invalid"
	}
	proxy, err := environment.ProxyFunc()(server)
	switch {
	case err != nil:
		return route, err
	case proxy != nil && !usable:
		return route, &ProxyVariableError{route.Variable}
	}
	route.Proxy, route.Exempt = proxy, value != "" && proxy == nil && !route.Here
	return route, nil
}

// isProxyURL reports whether a value names a proxy: a URL, or a host without a scheme.
func isProxyURL(value string) bool {
	if !strings.Contains(value, "://") {
		value = "http://" + value
	}
	u, err := url.Parse(value)
	if err != nil || u.Hostname() == "" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" {
		return false
	}
	switch u.Scheme {
	case "http", "https", "socks5", "socks5h":
		return true
	}
	return false
}

// proxyFor is the Proxy of a transport.
func proxyFor(request *http.Request) (*url.URL, error) {
	route, err := RouteTo(request.URL)
	return route.Proxy, err
}

// ProxyVariableError means that the value of a variable is not the URL of a proxy. The
// standard library would ignore it, and send the request past the proxy.
type ProxyVariableError struct{ Variable string }

func (e *ProxyVariableError) Error() string { return e.Variable + " is not the URL of a proxy" }

// ProxyError means that a proxy answered and did not pass the request on.
type ProxyError struct {
	Proxy  string // host and port
	Code   int    // such as 407
	Status string // such as "407 Proxy Authentication Required"
	// Variable names the proxy, such as HTTPS_PROXY. Authenticated reports whether its URL
	// has a user.
	Variable      string
	Authenticated bool
}

func (e *ProxyError) Error() string {
	return fmt.Sprintf("the proxy %s answered %s", e.Proxy, e.Status)
}

// connectRefused returns an error that names the proxy. The error of net/http has only the
// status.
func connectRefused(_ context.Context, proxy *url.URL, connect *http.Request, answer *http.Response) error {
	if answer.StatusCode == http.StatusOK {
		return nil
	}
	route, err := RouteTo(&url.URL{Scheme: "https", Host: connect.Host})
	if err != nil {
		return err
	}
	return newProxyError(proxy, route.Variable, answer)
}

// RefusedByProxy returns a [*ProxyError] if an answer comes from the proxy of a plain HTTP
// request and wants a user and a password, and nil otherwise.
func RefusedByProxy(answer *http.Response) error {
	if answer.StatusCode != http.StatusProxyAuthRequired || answer.Request == nil {
		return nil
	}
	if route, err := RouteTo(answer.Request.URL); err == nil && route.forwards() {
		return newProxyError(route.Proxy, route.Variable, answer)
	}
	return nil
}

// forwards reports whether a proxy forwards requests to the server, so that it may also
// answer them. Otherwise, it only passes on bytes: with https, and as a SOCKS proxy.
func (r Route) forwards() bool {
	return r.Proxy != nil && strings.EqualFold(r.Variable, "HTTP_PROXY") && !strings.HasPrefix(r.Proxy.Scheme, "socks")
}

func newProxyError(proxy *url.URL, variable string, answer *http.Response) error {
	return &ProxyError{proxy.Host, answer.StatusCode, answer.Status, variable, proxy.User != nil}
}
