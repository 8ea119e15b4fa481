package rest

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/connection"
)

// TransportError is a request without an answer: the connection failed, broke or timed out,
// or TLS failed.
type TransportError struct {
	Request Request
	Host    string
	Err     error
	text    string // Err's text, secrets masked
	unsent  bool   // there was no connection, so no byte has reached NetBox
	secrets *redactor
	// unusable is why the files of the client certificate cannot be used now, or nil if they
	// can.
	unusable error
	to       Audience
	ownCAs   bool // there is a file of CA certificates
	route    connection.Route
}

func (e *TransportError) Error() string { return fmt.Sprintf("%s: %s", e.Request, e.text) }
func (e *TransportError) Unwrap() error { return e.Err }

// mask masks secrets in a string from the server, such as a certificate's names.
func (e *TransportError) mask(text string) string {
	if e.secrets == nil {
		return text
	}
	return e.secrets.redact(text)
}

// Explain returns why there is no answer, and what may help, in terms of the configuration:
// two sentences, without a capital letter and a period.
func (e *TransportError) Explain() (what, advice string) {
	failure := connection.Diagnose(e.Err)
	asked, isAsked := errors.AsType[*connection.ClientCertificateError](e.Err)
	switch {
	case !isAsked:
		return e.explain(failure)
	case failure.Cause == connection.ClientCertificateWanted, failure.Cause == connection.ClientCertificateRefused:
		what, advice = e.explainClientCertificate(asked, strings.TrimSuffix(failure.Detail, "."))
	default:
		what, advice = e.explain(failure)
		advice += ". " + maybeOverCertificate(asked, e.to)
	}
	return e.mask(what), e.mask(advice)
}

func (e *TransportError) explain(failure connection.Failure) (what, advice string) {
	detail := strings.TrimSuffix(e.mask(failure.Detail), ".")
	netbox := connection.Server{Host: e.Host, Setting: e.serverURL(), Owner: "NetBox's", Route: e.route}
	what, advice = netbox.ExplainProxy(e.Err, failure, detail, "the file in "+e.to.Name(settingCaCertFile))
	if what != "" {
		return what, advice
	}
	if netbox.LostAtProxy(failure, !e.unsent) {
		return netbox.ExplainLost(failure, detail)
	}
	switch failure.Cause {
	case connection.UnknownName:
		return fmt.Sprintf("the name %q does not resolve", detail), "check the host in " + e.serverURL() +
			", and this machine's DNS" + e.route.Hint()
	case connection.NoResolver:
		return fmt.Sprintf("resolving the name %q failed", detail), "check this machine's DNS, and the host in " +
			e.serverURL()
	case connection.Refused:
		return fmt.Sprintf("the connection to %s was refused", e.Host), "check the host and port in " +
			e.serverURL() + ", and that NetBox is running"
	case connection.NoRoute:
		return "there is no route to " + e.Host, "check the host in " + e.serverURL() + ", and this machine's network" +
			e.route.Hint()
	case connection.Broken:
		return fmt.Sprintf("the connection to %s broke before the answer was complete", e.Host),
			"check the host and port in " + e.serverURL() + ", that NetBox is running, and any proxy or gateway in " +
				"between"
	case connection.TimedOut:
		return e.explainLate()
	case connection.PlainHTTP:
		return fmt.Sprintf("the server at %s speaks plain HTTP and not TLS", e.Host),
			"write http:// instead of https:// in " + e.serverURL() + ", or use the port that speaks TLS"
	case connection.Renegotiation:
		return fmt.Sprintf("the server at %s asks for a second TLS handshake on the same connection, most "+
				"likely for a client certificate, which is not supported", e.Host),
			"configure the server to ask for the certificate in the first handshake, for every path: with Apache, " +
				"SSLVerifyClient must not be in a <Location>"
	case connection.TLSExpected:
		return fmt.Sprintf("the server at %s expects TLS", e.Host), "write https:// instead of http:// in " +
			e.serverURL()
	}
	if what, advice := e.explainCertificate(failure.Cause, detail); what != "" {
		return what, advice
	}
	return fmt.Sprintf("the request to %s failed: %s", e.Host, strings.TrimSuffix(e.text, ".")),
		"check the host and port in " + e.serverURL() + ", that NetBox is running, and the network"
}

// serverURL names the setting with NetBox's URL.
func (e *TransportError) serverURL() string { return e.to.Name(settingServerURL) }

// inUnits writes a duration with its unit apart, such as "1 min".
func inUnits(d time.Duration) string {
	switch {
	case d >= time.Minute && d%time.Minute == 0:
		return fmt.Sprintf("%d min", d/time.Minute)
	case d >= time.Second && d%time.Second == 0:
		return fmt.Sprintf("%d s", d/time.Second)
	}
	return d.String()
}

func (e *TransportError) explainLate() (what, advice string) {
	if handshake, ok := errors.AsType[*connection.HandshakeError](e.Err); ok {
		return fmt.Sprintf("there was no TLS handshake with %s within %s", e.Host, inUnits(handshake.After)),
			"check the port in " + e.serverURL() + "; if NetBox speaks plain HTTP there, write http:// instead of " +
				"https://"
	}
	within := ""
	if late, ok := errors.AsType[*connection.TimeoutError](e.Err); ok {
		within = fmt.Sprintf(" within %s", inUnits(late.After))
	}
	if e.unsent {
		return fmt.Sprintf("there was no connection to %s%s", e.Host, within),
			"check the host and port in " + e.serverURL() + ", and any firewall or proxy in between" + e.route.Hint()
	}
	return fmt.Sprintf("there was no complete answer from %s%s", e.Host, within),
		"run the command again, raise " + e.to.Name(settingRequestTimeout) + ", or find out whether NetBox or " +
			"a proxy in between is slow"
}

func (e *TransportError) explainCertificate(cause connection.Cause, detail string) (what, advice string) {
	switch cause {
	case connection.UntrustedCertificate:
		what = fmt.Sprintf("the certificate of %s is not trusted: it is signed by %s", e.Host, detail)
		if e.ownCAs {
			return what, "add the CA's certificate to the file in " + e.to.Name(settingCaCertFile) + ", which must " +
				"have those of NetBox and of a proxy that inspects TLS"
		}
		return what, "set " + e.to.Name(settingCaCertFile) + " to a file with the CA's certificate"
	case connection.OtherHostCertificate:
		return fmt.Sprintf("the certificate of %s is for another host: it names %s", e.Host, detail),
			"use a name from the certificate in " + e.serverURL() + ", or replace the certificate"
	case connection.ExpiredCertificate:
		return fmt.Sprintf("the certificate of %s is not valid now: %s", e.Host, detail),
			"renew the certificate, or check this machine's clock"
	case connection.BadCertificate:
		return fmt.Sprintf("the certificate of %s is not valid: %s", e.Host, detail), "replace the certificate"
	case connection.NoTLS:
		return fmt.Sprintf("no secure connection to %s could be made: %s", e.Host, detail),
			"check the port in " + e.serverURL() + ", and that it speaks TLS 1.2 or newer"
	}
	return "", ""
}
