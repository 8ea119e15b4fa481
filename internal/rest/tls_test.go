package rest

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/testserver"
)

// authority issues certificates. Its own certificate is in a file.
type authority struct {
	*testserver.Authority
	file string
}

func newAuthority(t *testing.T) authority {
	t.Helper()
	a, err := testserver.NewAuthority("Test authority")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, []byte(a.PEM()), 0o600); err != nil {
		t.Fatal(err)
	}
	return authority{a, file}
}

// issue issues a server certificate for 127.0.0.1. change may modify it.
func (a authority) issue(t *testing.T, change func(*x509.Certificate)) tls.Certificate {
	t.Helper()
	certificate, err := a.Issue(change)
	if err != nil {
		t.Fatal(err)
	}
	return certificate
}

// secureServer answers with a record, over TLS as configured.
func secureServer(t *testing.T, config *tls.Config) (url string, requests *atomic.Int64) {
	t.Helper()
	requests = &atomic.Int64{}
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		requests.Add(1)
		answerJSON(w, http.StatusOK, `{"id": 1010, "name": "bravo"}`)
	}))
	s.TLS = config
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	return s.URL, requests
}

func caFile(file string) func(*Config) { return func(c *Config) { c.CACertFile = file } }

func insecure(c *Config) { c.InsecureTLS = true }

func TestTLS_ownAuthorityIsTrusted(t *testing.T) {
	a := newAuthority(t)
	url, _ := secureServer(t, &tls.Config{Certificates: []tls.Certificate{a.issue(t, nil)}})
	if read := mustGet(t, newClient(t, url, withoutCheck, caFile(a.file)), 1); read.Name != "bravo" {
		t.Errorf("got %+v", read)
	}
}

func TestTLS_badCertificatesAreRefusedUnlessNotVerified(t *testing.T) {
	a := newAuthority(t)
	for name, test := range map[string]struct {
		file   string
		change func(*x509.Certificate)
		want   string
	}{
		"unknown authority": {want: "unknown authority"},
		"other authority":   {file: newAuthority(t).file, want: "unknown authority"},
		"expired": {file: a.file, want: "expired", change: func(c *x509.Certificate) {
			c.NotAfter = time.Now().Add(-time.Minute)
		}},
		"not valid yet": {file: a.file, want: "not yet valid", change: func(c *x509.Certificate) {
			c.NotBefore = time.Now().Add(time.Minute)
		}},
		"another address": {file: a.file, want: "valid for 192.0.2.1, not 127.0.0.1",
			change: func(c *x509.Certificate) { c.IPAddresses = []net.IP{net.IPv4(192, 0, 2, 1)} }},
		"another name": {file: a.file, want: "127.0.0.1", change: func(c *x509.Certificate) {
			c.IPAddresses, c.DNSNames = nil, []string{"netbox.example.com"}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			url, requests := secureServer(t, &tls.Config{Certificates: []tls.Certificate{a.issue(t, test.change)}})
			var tries atomic.Int64
			_, err := get(t.Context(), newClient(t, url, withoutCheck, caFile(test.file), counting(&tries)), 1)
			wantError[*TransportError](t, err)
			_, unverified := errors.AsType[*tls.CertificateVerificationError](err)
			if !unverified || !strings.Contains(err.Error(), test.want) || tries.Load() != 1 ||
				requests.Load() != 0 {
				t.Errorf("got %v after %d attempts, %d requests", err, tries.Load(), requests.Load())
			}
			if read := mustGet(t, newClient(t, url, withoutCheck, caFile(test.file), insecure),
				1); read.Name != "bravo" {
				t.Errorf("got %+v", read)
			}
		})
	}
}

func TestTLS_before12IsRefused(t *testing.T) {
	a := newAuthority(t)
	url, requests := secureServer(t, &tls.Config{
		Certificates: []tls.Certificate{a.issue(t, nil)}, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11,
	})
	var tries atomic.Int64
	_, err := get(t.Context(), newClient(t, url, withoutCheck, insecure, counting(&tries)), 1)
	wantError[*TransportError](t, err)
	if !strings.Contains(err.Error(), "protocol version") || tries.Load() != 1 || requests.Load() != 0 {
		t.Errorf("got %v after %d attempts", err, tries.Load())
	}
}
