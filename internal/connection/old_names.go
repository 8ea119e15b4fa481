package connection

import (
	"context"
	"net/http"
)

// Names that internal/netbox still uses.
const (
	Late       = TimedOut
	Untrusted  = UntrustedCertificate
	OtherHost  = OtherHostCertificate
	Expired    = ExpiredCertificate
	SpeaksHTTP = PlainHTTP
	SpeaksTLS  = TLSExpected
)

// ErrSpeaksTLS is [ErrTLSExpected].
var ErrSpeaksTLS = ErrTLSExpected

// DirectTLS is part of [NewTransport].
func DirectTLS(t *http.Transport) {
	t.DialTLSContext = newTLSDialer(t.DialContext, t.TLSClientConfig).connect
}

// Secure is [ExpectsTLS].
func Secure(ctx context.Context, transport *http.Transport, request *http.Request) bool {
	return ExpectsTLS(ctx, transport, request)
}
