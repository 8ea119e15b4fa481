package cli

import (
	"context"
	"crypto/x509"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netbox"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

func TestExplain(t *testing.T) {
	lost := &rest.TransportError{Host: "netbox.example.com", Err: x509.CertificateInvalidError{Reason: x509.Expired}}
	request := rest.Request{Method: "GET", URL: "https://netbox.example.com/api/status/"}
	for want, err := range map[string]error{
		"NetBox cannot be reached: the certificate of netbox.example.com is not valid now: certificate has " +
			"expired or is not yet valid: ; renew the certificate, or check this machine's clock": lost,
		"the outcome of a write is unknown (GET https://netbox.example.com/api/status/: precondition failed), and " +
			"reading back failed: too late; the next sync finds out": &netbox.UnverifiedError{
			Write: &rest.PreconditionError{Request: request}, Read: errors.New("too late")},
		"the NetBox at https://netbox.example.com has no plugin netbox_hedgehog; check " +
			"that NETBOX_SERVER_URL names the right NetBox, and that its PLUGINS setting lists " +
			"netbox_hedgehog": &rest.PluginMissingError{Plugin: "netbox_hedgehog",
			ServerURL: "https://netbox.example.com"},
		`GET https://netbox.example.com/api/status/: unexpected answer with status 401 that begins: "no key"; ` +
			`content type "text/plain"; it is odd; ` +
			"check that NETBOX_SERVER_URL is the URL of NetBox, and that NETBOX_HEADERS has the credentials of a " +
			"gateway, if there is one": &rest.UnexpectedAnswerError{
			Request: request, Status: http.StatusUnauthorized, ContentType: "text/plain", Excerpt: "no key",
			Problem: "it is odd"},
		"GET https://netbox.example.com/api/status/: the answer is larger than 8 MiB, the most that this program " +
			"reads; the reason can be a fabric with very long texts, or a proxy that answers instead of " +
			"NetBox": &rest.TooLargeError{
			Request: request, Limit: 8 << 20},
		`GET https://netbox.example.com/api/status/: unexpected answer with status 404 that begins: "{}"; content ` +
			`type ` +
			`"application/json"; it is odd; if this is NetBox's own answer, a proxy removes the API-Version header: ` +
			"to confirm that, unset NETBOX_SKIP_VERSION_CHECK": &rest.UnexpectedAnswerError{
			Request: request, Status: http.StatusNotFound, ContentType: "application/json", Excerpt: "{}",
			Problem: "it is odd", Unchecked: true},
		"GET https://netbox.example.com/api/status/: 503 Service Unavailable: no; it was the proxy": &rest.ServerError{
			Request: request, Status: http.StatusServiceUnavailable, Detail: "no", Proxy: "it was the proxy"},
		`GET https://netbox.example.com/api/status/: unexpected answer with status 403 that begins: "no"; content ` +
			`type "text/html"; it is odd; check that NETBOX_SERVER_URL is the URL of NetBox, and that NETBOX_HEADERS ` +
			"has the credentials of a gateway, if there is one; it was the proxy": &rest.UnexpectedAnswerError{
			Request: request, Status: http.StatusForbidden, ContentType: "text/html", Excerpt: "no",
			Problem: "it is odd", Proxy: "it was the proxy"},
		"GET https://netbox.example.com/api/status/: 429 Too Many Requests: slow down; if it still fails " +
			"later, look into NetBox's log": &rest.ServerError{Request: request,
			Status: http.StatusTooManyRequests, Detail: "slow down", RetryAfter: "3600"},
		"NetBox's list cannot be read completely: it shifted; if it fails again, look " +
			"into NetBox's log": &rest.PagingError{Problem: "it shifted"},
		"GET https://netbox.example.com/api/status/: 500 Internal Server Error: InternalError: cannot execute UPDATE " +
			"in a read-only transaction; NetBox is in maintenance mode, or its database is read-only: wait " +
			"until it accepts changes": &rest.ServerError{Request: request,
			Status: http.StatusInternalServerError, Exception: "InternalError",
			Detail: "cannot execute UPDATE in a read-only transaction"},
		"the NetBox at https://netbox.example.com is version 4.3.1; 4.4.7 or newer is needed; upgrade NetBox, or set " +
			"NETBOX_SKIP_VERSION_CHECK=true to try it anyway": &rest.VersionError{
			ServerURL: "https://netbox.example.com", Version: "4.3.1", Minimum: "4.4.7"},
		"GET https://netbox.example.com/api/status/: 500 Internal Server Error: OperationalError: boom; look into " +
			"NetBox's log": &rest.ServerError{Request: request, Status: http.StatusInternalServerError,
			Exception: "OperationalError", Detail: "boom"},
		`NetBox answered "No." to GET https://netbox.example.com/api/extras/tags/; the token's user needs the ` +
			`permission view on Extras: Tag`: &rest.ForbiddenError{Detail: "No.", Request: rest.Request{
			Method: "GET", URL: "https://netbox.example.com/api/extras/tags/"}},
		`NetBox answered "No." to GET https://netbox.example.com/api/status/; the token's user lacks the permission ` +
			`for this request`: &rest.ForbiddenError{Request: request, Detail: "No."},
		"NetBox gave no complete answer within 1 min; if it takes as long again, find out why NetBox is " +
			"slow": context.DeadlineExceeded,
		`the branch "pr-1" of the NetBox at https://netbox.example.com has the status "new", and did not become ` +
			"ready in time; wait until the branch is ready; if it stays new, check that NetBox's " +
			"background worker (netbox rqworker) is running": &rest.InterruptedError{Last: &rest.BranchError{
			ServerURL: "https://netbox.example.com",
			Branch:    "pr-1", Reason: rest.BranchNotReady, Status: "new"}, End: context.DeadlineExceeded},
		"anything else": errors.New("anything else"),
	} {
		if got := Explain(err, time.Minute); got != want {
			t.Errorf("got %s\nwant\n%s", got, want)
		}
	}
	unverified := &netbox.UnverifiedError{Write: lost, Read: lost}
	if got := Explain(unverified, time.Minute); got != unverified.Error()+"; the next sync finds out" {
		t.Errorf("got %s", got)
	}
}
