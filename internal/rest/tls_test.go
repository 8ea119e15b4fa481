package rest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// authority is a certificate authority of its own, and the PEM file of it.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	file        string
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Test authority"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	key := newKey(t)
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return &authority{template, key, file}
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// issue makes a server's certificate for 127.0.0.1, unless change says otherwise.
func (a *authority) issue(t *testing.T, change func(*x509.Certificate)) tls.Certificate {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "netbox"},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore:   time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	if change != nil {
		change(template)
	}
	key := newKey(t)
	der, err := x509.CreateCertificate(rand.Reader, template, a.certificate, key.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
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
		t.Errorf("%+v", read)
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
			var verify *tls.CertificateVerificationError
			if !errors.As(err, &verify) || !strings.Contains(err.Error(), test.want) || tries.Load() != 1 ||
				requests.Load() != 0 {
				t.Errorf("%v after %d attempts, %d requests", err, tries.Load(), requests.Load())
			}
			if read := mustGet(t, newClient(t, url, withoutCheck, caFile(test.file), insecure),
				1); read.Name != "bravo" {
				t.Errorf("%+v", read)
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
		t.Errorf("%v after %d attempts", err, tries.Load())
	}
}

func TestTLS_plainServerIsNamedAndFinal(t *testing.T) {
	s := startServer(t, func(http.ResponseWriter, *http.Request) {})
	var tries atomic.Int64
	_, err := get(t.Context(), newClient(t, strings.Replace(s.URL, "http:", "https:", 1), counting(&tries)), 1)
	wantError[*TransportError](t, err)
	if !strings.Contains(err.Error(), "HTTP response to HTTPS client") || tries.Load() != 1 {
		t.Errorf("%v after %d attempts", err, tries.Load())
	}
}
