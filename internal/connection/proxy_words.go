package connection

import (
	"errors"
	"fmt"
	"net/http"
)

// Server is a server in messages about proxies. The words about proxies are the same for
// NetBox and for clusters, so they are here.
type Server struct {
	Host    string // with the port, if there is one
	Setting string // that has the server's URL
	Owner   string // of the host, such as "NetBox's"
	Route   Route
}

const encoded = "percent-encode special characters in them, such as %40 for @ and %25 for %"

// orExempt is the other way out of every failure of a proxy.
func (s Server) orExempt() string { return ", or add " + s.Owner + " host to NO_PROXY" }

// ExplainProxy returns why a proxy did not connect to the server, and what may help: two
// sentences, without a capital letter and a period. Both are empty if no proxy is the
// reason. detail is the failure's, with secrets masked. caSetting has the CA certificates.
func (s Server) ExplainProxy(err error, failure Failure, detail, caSetting string) (what, advice string) {
	refused, isRefused := errors.AsType[*ProxyError](err)
	checkURL := "check the proxy's URL in " + s.Route.Variable + s.orExempt()
	proxy := "the proxy"
	if s.Route.Proxy != nil {
		proxy += " " + s.Route.Proxy.Host
	}
	switch {
	case failure.Cause == ProxyVariable:
		return "the variable " + detail + " is not the URL of a proxy", "write it as http://HOST:PORT, " +
			"http://USER:PASSWORD@HOST:PORT, or with https:// or socks5://, and " + encoded
	case isRefused:
		return s.explainRefused(refused, detail)
	case !failure.Proxy:
		return "", ""
	}
	switch failure.Cause {
	case UnknownName, NoResolver:
		return fmt.Sprintf("the name %q of the proxy does not resolve", detail), checkURL
	case UntrustedCertificate:
		return "the certificate of " + proxy + " is not trusted: it is signed by " + detail,
			"add the certificate of its CA to " + caSetting + ", or to the system's CAs if that is not set" +
				s.orExempt()
	case PlainHTTP:
		return proxy + " speaks plain HTTP and not TLS", "write http:// instead of https:// in " + s.Route.Variable
	}
	return proxy + " cannot be reached: " + detail, checkURL
}

func (s Server) explainRefused(e *ProxyError, detail string) (what, advice string) {
	switch e.Code {
	case http.StatusProxyAuthRequired:
		if e.Authenticated {
			return detail, fmt.Sprintf("correct the user and the password in %s, and %s%s", e.Variable, encoded,
				s.orExempt())
		}
		return detail, fmt.Sprintf("put a user and a password into the proxy's URL, "+
			"%s=http://USER:PASSWORD@HOST:PORT, and %s%s", e.Variable, encoded, s.orExempt())
	case http.StatusForbidden:
		return detail, "ask the administrator of the proxy to allow " + s.Host + s.orExempt()
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return fmt.Sprintf("the proxy %s could not reach %s (%d)", e.Proxy, s.Host, e.Code),
			"check the host and port in " + s.Setting + s.orExempt()
	}
	return detail, "check the proxy's URL in " + e.Variable + s.orExempt()
}

// Hint returns what to check about proxies if a server cannot be reached, as the end of a
// sentence, or "" if there is nothing to check.
func (r Route) Hint() string {
	switch {
	case r.Proxy != nil || r.Here || r.Variable == "":
		return ""
	case r.Exempt:
		return "; NO_PROXY exempts it from the proxy in " + r.Variable
	}
	hint := "if this machine reaches it through a proxy, set " + r.Variable
	if r.Unused != "" {
		hint = r.Unused + " is not used for this URL: " + hint
	}
	return "; " + hint
}

// LostAtProxy reports whether a connection may have ended at the proxy: before the request
// was sent, or any time if the URL is plain HTTP, because then the proxy is the other end.
func (s Server) LostAtProxy(failure Failure, sent bool) bool {
	lost := failure.Cause == Broken || failure.Cause == Other
	return lost && s.Route.Proxy != nil && (!sent || s.Route.forwards())
}

// MayBeProxys returns a sentence about an answer that is not the server's own, without a
// capital letter and a period. It is "" if no proxy can have given it: with https, a proxy
// passes on what it cannot read.
func (s Server) MayBeProxys() string {
	if !s.Route.forwards() {
		return ""
	}
	return fmt.Sprintf("the request went through the proxy %s (%s), which may have answered instead: ask its "+
		"administrator to allow %s%s", s.Route.Proxy.Host, s.Route.Variable, s.Host, s.orExempt())
}

// ExplainLost returns why a connection ended at a proxy, and what may help. detail is the
// failure's, with secrets masked.
func (s Server) ExplainLost(failure Failure, detail string) (what, advice string) {
	r := s.Route
	what = fmt.Sprintf("the connection to %s through the proxy %s broke", s.Host, r.Proxy.Host)
	if failure.Cause != Broken {
		what = fmt.Sprintf("the connection to %s through the proxy %s failed: %s", s.Host, r.Proxy.Host, detail)
	}
	advice = "check the host and port in " + s.Setting + ", and the proxy's URL in " + r.Variable
	if r.Proxy.Scheme == "http" {
		advice += ": if the proxy expects TLS, it begins with https://"
	}
	return what, advice
}
