package cluster

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/connection"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

// anonymous is the user of a request without a token in Kubernetes' messages. Its API
// server speaks only English.
const anonymous = `"system:anonymous"`

// classifyAnswer classifies an answer with the status of an error. strange means that its
// body is not the Status object of Kubernetes, so that something else answered.
func (c *Cluster) classifyAnswer(ctx context.Context, kind fabric.Kind, seen *exchange, status metav1.Status,
	strange bool) (Class, string) {
	code := int(status.Code)
	said := ""
	if message := c.quote(status.Message); message != "" && !strange {
		said = ": " + message
	}
	switch {
	case code == http.StatusTooManyRequests:
		return ClassOther, "is overloaded and is refusing requests (429); try again later"
	case strange && code >= http.StatusBadGateway && code <= http.StatusGatewayTimeout:
		return ClassUnreachable, fmt.Sprintf("cannot be reached: a proxy or load balancer in front of it answers %d; "+
			"check that the API server behind it is running", code)
	case strange && code == http.StatusBadRequest && c.expectsTLS(ctx):
		return ClassTLS, tlsExpected
	case strange && code < http.StatusInternalServerError:
		return ClassNotKubernetes, c.foreign(seen)
	case code == http.StatusUnauthorized && c.config.Token == "":
		return ClassUnauthenticated, "asks for a token, and none is set; set the fabric's kubernetes_token"
	case code == http.StatusUnauthorized:
		return ClassUnauthenticated, "does not accept the token (401); check that kubernetes_token is for this " +
			"cluster and has not expired"
	case code == http.StatusForbidden && c.config.Token == "":
		return ClassUnauthenticated, "refuses anonymous requests (403); set the fabric's kubernetes_token"
	case code == http.StatusForbidden && strings.Contains(status.Message, anonymous):
		return ClassUnauthenticated, "treats the request as anonymous and refuses it (403); a proxy in " +
			"between may have removed the token: check kubernetes_server"
	case code == http.StatusForbidden:
		return ClassForbidden, fmt.Sprintf("does not permit the token's user to %s (403)%s; %s", c.purpose(kind), said,
			roleAdvice)
	}
	return ClassOther, fmt.Sprintf("answers %s with status %d%s; look into the API server's log", seen.path, code, said)
}

// purpose describes what a request was for.
func (c *Cluster) purpose(kind fabric.Kind) string {
	if kind.Name == "" {
		return "make this request"
	}
	return fmt.Sprintf("list %s.%s in namespace %q", kind.Resource, kind.Group, c.namespaceOf(kind))
}

// classifyConnection describes a failed connection.
func (c *Cluster) classifyConnection(ctx context.Context, seen *exchange, err error) (Class, string) {
	failure := connection.Diagnose(err)
	if failure.MayExpectTLS() && c.expectsTLS(ctx) {
		failure.Cause = connection.TLSExpected
	}
	detail := c.quote(failure.Detail)
	class, text := c.classifyTLS(failure.Cause, detail)
	const unreachable = "cannot be reached"
	route, _ := connection.RouteTo(c.base)
	server := connection.Server{Host: c.base.Host, Setting: "kubernetes_server", Owner: "the cluster's", Route: route}
	what, advice := server.ExplainProxy(err, failure, detail, "kubernetes_ca_cert")
	if what == "" && server.LostAtProxy(failure, seen.sent) {
		what, advice = server.ExplainLost(failure, detail)
	}
	switch {
	case what != "" && failure.Cause == connection.TimedOut:
		return ClassTimeout, unreachable + ": " + what + "; " + advice
	case what != "":
		return cmp.Or(class, ClassUnreachable), unreachable + ": " + what + "; " + advice
	case class != "":
		return class, text
	}
	switch failure.Cause {
	case connection.UnknownName:
		return ClassUnreachable, fmt.Sprintf("%s: the name %q does not resolve; check kubernetes_server and this "+
			"machine's DNS%s", unreachable, detail, route.Hint())
	case connection.NoResolver:
		return ClassUnreachable, fmt.Sprintf("%s: resolving the name %q failed; check this machine's DNS", unreachable,
			detail)
	case connection.TimedOut:
		return ClassTimeout, fmt.Sprintf("gave no answer in time (%s); check the address, and any firewall in "+
			"between%s", detail, route.Hint())
	case connection.Refused:
		return ClassUnreachable, unreachable + ": connection refused; check the port, and that the API " +
			"server is running"
	case connection.NoRoute:
		return ClassUnreachable, unreachable + ": there is no route to it; check the address and this machine's " +
			"network" + route.Hint()
	case connection.Broken:
		return ClassUnreachable, unreachable + ": the connection broke before the answer was complete; check that " +
			"the API server is running, and any proxy or firewall in between"
	}
	return ClassUnreachable, unreachable + ": " + detail + "; check kubernetes_server and this machine's network"
}

// expectsTLS reports whether the server of an http URL expects TLS. Such a server
// refuses a plain request with a 400 of any kind, or hangs up.
func (c *Cluster) expectsTLS(ctx context.Context) bool {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.config.Server, http.NoBody)
	return err == nil && connection.ExpectsTLS(ctx, c.transport, request)
}

const tlsExpected = "expects TLS; write https:// instead of http:// in kubernetes_server"

func (c *Cluster) classifyTLS(cause connection.Cause, detail string) (Class, string) {
	switch cause {
	case connection.TLSExpected:
		return ClassTLS, tlsExpected
	case connection.PlainHTTP:
		return ClassTLS, "does not speak TLS: it answers in plain HTTP; check the port in kubernetes_server"
	case connection.UntrustedCertificate:
		if fabric.Blank(c.config.CACert) {
			return ClassTLS, fmt.Sprintf("has a certificate from %s, which this system does not trust; store the "+
				"cluster's CA certificate in kubernetes_ca_cert", detail)
		}
		return ClassTLS, fmt.Sprintf("has a certificate from %s, which the stored CA certificate did not sign; "+
			"check kubernetes_ca_cert", detail)
	case connection.OtherHostCertificate:
		return ClassTLS, fmt.Sprintf("has a certificate that is not for its host but for %s; use such a name in "+
			"kubernetes_server, or renew the certificate", detail)
	case connection.ExpiredCertificate:
		return ClassTLS, fmt.Sprintf("has a certificate that is not valid now (%s); renew it, or check this "+
			"machine's clock", detail)
	case connection.BadCertificate:
		return ClassTLS, fmt.Sprintf("has a certificate that is not valid (%s); renew it", detail)
	case connection.NoTLS:
		return ClassTLS, fmt.Sprintf("could not agree on a secure connection (%s); check that the port speaks TLS 1.2 "+
			"or newer", detail)
	}
	return "", ""
}
