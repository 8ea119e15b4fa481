package cluster

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

// anonymous is who Kubernetes says a request without a token comes from.
const anonymous = `"system:anonymous"`

// classifyAnswer judges an answer that is an error. Strange tells that its body
// is not the Status object by which Kubernetes explains itself.
func (c *Cluster) classifyAnswer(kind fabric.Kind, seen *exchange, status metav1.Status, strange bool) (Class, string) {
	code := int(status.Code)
	said := ""
	if message := oneLine(status.Message); message != "" && !strange {
		said = ": " + message
	}
	switch {
	case code == http.StatusUnauthorized && c.config.Token == "":
		return ClassUnauthenticated, "asks for a token, and none is given; set the fabric's kubernetes_token"
	case code == http.StatusUnauthorized:
		return ClassUnauthenticated, "does not accept the token (401); check that kubernetes_token is for this cluster and has not expired"
	case code == http.StatusForbidden && strings.Contains(status.Message, anonymous):
		return ClassUnauthenticated, "takes the request for an anonymous one and refuses it (403); set the fabric's kubernetes_token"
	case code == http.StatusForbidden && !strange:
		return ClassForbidden, fmt.Sprintf("does not permit the token's user to %s (403)%s; grant it the verb list there, by a Role and a RoleBinding",
			c.purpose(kind), said)
	case c.spokePlainly(status):
		return ClassTLS, "expects TLS; write https:// instead of http:// in kubernetes_server"
	case code == http.StatusTooManyRequests:
		return ClassOther, "is overloaded and refuses requests for the moment (429); try again later"
	case strange && code >= http.StatusBadGateway && code <= http.StatusGatewayTimeout:
		return ClassUnreachable, fmt.Sprintf("cannot be reached: a proxy or load balancer in front of it answers %d; check that the API server "+
			"behind it runs", code)
	case strange && code < http.StatusInternalServerError:
		return ClassNotKubernetes, foreign(seen)
	}
	return ClassOther, fmt.Sprintf("answers %s with status %d%s; look into the API server's log", seen.path, code, said)
}

// purpose says what a request was for.
func (c *Cluster) purpose(kind fabric.Kind) string {
	if kind.Name == "" {
		return "ask for this"
	}
	return fmt.Sprintf("list %s.%s in namespace %q", kind.Resource, kind.Group, c.config.Namespace)
}

// spokePlainly tells whether this is how a TLS port answers plain HTTP: Go's
// servers and nginx both name HTTPS in a 400.
func (c *Cluster) spokePlainly(status metav1.Status) bool {
	if status.Code != http.StatusBadRequest || !strings.HasPrefix(c.config.Server, "http://") || status.Details == nil {
		return false
	}
	for _, cause := range status.Details.Causes {
		if strings.Contains(cause.Message, "HTTPS") {
			return true
		}
	}
	return false
}

func (c *Cluster) classifyTLS(err error) (Class, string) {
	if errors.Is(err, http.ErrSchemeMismatch) {
		return ClassTLS, "does not speak TLS: it answers in plain HTTP; check the port in kubernetes_server"
	}
	if unknown, ok := asError[x509.UnknownAuthorityError](err); ok {
		issuer := "an unknown authority"
		if unknown.Cert != nil {
			issuer = fmt.Sprintf("%q", oneLine(unknown.Cert.Issuer.String()))
		}
		if fabric.Blank(c.config.CACert) {
			return ClassTLS, fmt.Sprintf("has a certificate from %s, which this system does not trust; store the cluster's CA certificate in "+
				"kubernetes_ca_cert", issuer)
		}
		return ClassTLS, fmt.Sprintf("has a certificate from %s, which the stored CA certificate does not vouch for; check kubernetes_ca_cert", issuer)
	}
	if other, ok := asError[x509.HostnameError](err); ok {
		return ClassTLS, fmt.Sprintf("has a certificate that is not for %q but for %s; use such a name in kubernetes_server, or renew the certificate",
			other.Host, certified(other.Certificate))
	}
	if invalid, ok := asError[x509.CertificateInvalidError](err); ok {
		if invalid.Reason == x509.Expired {
			return ClassTLS, fmt.Sprintf("has a certificate that is not valid now (%s); renew it, or check this machine's clock", oneLine(invalid.Error()))
		}
		return ClassTLS, fmt.Sprintf("has a certificate that is not valid (%s); renew it", oneLine(invalid.Error()))
	}
	if failure := handshakeFailure(err); failure != "" {
		return ClassTLS, fmt.Sprintf("could not agree on a secure connection (%s); check that the port speaks TLS 1.2 or newer", oneLine(failure))
	}
	return "", ""
}

// handshakeFailure tells of a failure of TLS that is not a certificate's; "" is none.
func handshakeFailure(err error) string {
	if unverified, ok := asError[*tls.CertificateVerificationError](err); ok {
		return unverified.Err.Error()
	}
	// Alerts and what the handshake itself refuses have few exported types; their
	// texts begin alike.
	if text := innermost(err).Error(); strings.HasPrefix(text, "tls: ") {
		return text
	}
	return ""
}

// certified lists the names that a certificate is for.
func certified(certificate *x509.Certificate) string {
	const most = 5
	var names []string
	if certificate != nil {
		names = append(names, certificate.DNSNames...)
		for _, ip := range certificate.IPAddresses {
			names = append(names, ip.String())
		}
	}
	switch n := len(names); {
	case n == 0:
		return "no host at all"
	case n > most:
		names = append(names[:most:most], fmt.Sprintf("%d more", n-most))
	}
	return oneLine(strings.Join(names, ", "))
}

func classifyConnection(err error) (Class, string) {
	if name, ok := asError[*net.DNSError](err); ok {
		if name.IsNotFound {
			return ClassUnreachable, fmt.Sprintf("cannot be reached: the name %q does not resolve; check kubernetes_server and this machine's DNS", name.Name)
		}
		return ClassUnreachable, fmt.Sprintf("cannot be reached: resolving the name %q failed; check this machine's DNS", name.Name)
	}
	if late, ok := asError[net.Error](err); ok && late.Timeout() {
		return ClassTimeout, fmt.Sprintf("gave no answer in time (%s); check the address and the firewalls on the way", oneLine(innermost(err).Error()))
	}
	proxy := ""
	if op, ok := asError[*net.OpError](err); ok && op.Op == "proxyconnect" {
		proxy = " through the proxy that the environment names"
	}
	switch {
	case errors.Is(err, errRefused):
		return ClassUnreachable, "cannot be reached" + proxy + ": connection refused; check the port, and that the API server runs"
	case errors.Is(err, errNoHostRoute), errors.Is(err, errNoNetRoute):
		return ClassUnreachable, "cannot be reached" + proxy + ": there is no route to it; check the address and this machine's network"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, errReset), errors.Is(err, errBroken):
		return ClassUnreachable, "cannot be reached" + proxy + ": the connection broke before the answer was complete; " +
			"check that the API server runs, and what lies on the way"
	}
	return ClassUnreachable, "cannot be reached" + proxy + ": " + oneLine(innermost(err).Error())
}

// innermost takes off the layers that only repeat the request's address.
func innermost(err error) error {
	for {
		var inner error
		if request, ok := asError[*url.Error](err); ok {
			inner = request.Err
		} else if op, ok := asError[*net.OpError](err); ok {
			inner = op.Err
		}
		if inner == nil {
			return err
		}
		err = inner
	}
}
