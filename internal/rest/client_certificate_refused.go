package rest

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/connection"
)

// certificatePage matches the error page of a web server that refuses a request because of
// its client certificate. nginx, and gateways based on it, answer like this instead of
// ending the TLS handshake.
var certificatePage = regexp.MustCompile(`(?i)<title>([^<]*\bSSL certificate\b[^<]*)</title>`)

// overCertificate returns the error of a server that refuses or wants a client certificate,
// if its answer says so. If the server asked for one and may have refused it, the error of
// the answer gets a note.
func (c *Client) overCertificate(request Request, err error) error {
	foreign, ok := errors.AsType[*UnexpectedAnswerError](err)
	if !ok || !foreign.NotPermitted() && foreign.Status != http.StatusBadRequest {
		return err
	}
	page := certificatePage.FindStringSubmatch(foreign.Excerpt)
	if page == nil {
		if c.files != nil && c.certificate.NeverAsked() {
			foreign.Certificate = "A client certificate is configured, but the server did not ask for it. If the " +
				"server needs one, it must ask for it in the TLS handshake, for every path"
		}
		if asked := c.certificate.Asked(err); asked != nil {
			foreign.Certificate = c.secrets.redact(maybeOverCertificate(asked, c.config.Audience))
		}
		return err
	}
	if asked := c.certificate.Asked(connection.Refusal(strings.TrimSpace(page[1]))); asked != nil {
		return c.transportError(request, asked)
	}
	return err
}

// maybeOverCertificate returns a sentence: the refusal may be due to the client
// certificate.
func maybeOverCertificate(asked *connection.ClientCertificateError, to Audience) string {
	if asked.Given == nil {
		return "The server asked for a client certificate" + issuedBy(asked.Authorities) + ", and none is " +
			"configured. If the server needs one, set " + to.certificateFiles() + " to its files"
	}
	return "The server may have refused the client certificate of " + certified(asked.Given) + ". Check that the " +
		"server accepts it"
}

// certificateFiles names the settings for a client certificate and its key.
func (a Audience) certificateFiles() string {
	return a.Name(settingClientCertFile, settingClientKeyFile)
}

// explainClientCertificate is like [TransportError.Explain], but for a server that asked for a client
// certificate.
func (e *TransportError) explainClientCertificate(asked *connection.ClientCertificateError, detail string) (
	what, advice string) {
	if asked.Given == nil {
		return fmt.Sprintf("the server at %s asks for a client certificate, and none is configured "+
				"(%s)", e.Host, detail),
			"set " + e.to.certificateFiles() + " to a certificate" + issuedBy(asked.Authorities) + " and its key"
	}
	advice = "set " + e.to.Name(settingClientCertFile) + " to a certificate" + issuedBy(asked.Authorities) +
		" that the server accepts"
	if e.unusable != nil {
		advice += "; the files have changed since then, and cannot be used: " +
			strings.TrimSuffix(e.unusable.Error(), ".")
	}
	return fmt.Sprintf("the server at %s refused the client certificate of %s: %s", e.Host, certified(asked.Given),
		detail), advice
}

// certified returns the subject, the issuer and the end of a certificate as a phrase.
func certified(c *x509.Certificate) string {
	return fmt.Sprintf("%q (issued by %q, valid until %s)", c.Subject.String(), c.Issuer.String(),
		c.NotAfter.UTC().Format(time.RFC3339))
}

// issuedBy returns the authorities whose certificates a server accepts, in words, if it
// names any.
func issuedBy(authorities []string) string {
	const most = 3
	switch n := len(authorities); {
	case n == 0:
		return ""
	case n > most:
		authorities = append(authorities[:most:most], "another CA")
	}
	return " issued by " + strings.Join(authorities, " or ")
}
