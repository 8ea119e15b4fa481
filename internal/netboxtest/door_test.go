package netboxtest

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestRefuse_samePortAndDataAfterwards(t *testing.T) {
	s := start(t, Options{})
	s.AddFabric(map[string]any{"name": "alpha"})
	url := s.URL()
	do(t, s, "GET", fabricsPath, "").must(t, 200)
	s.Refuse()
	s.Refuse()
	http.DefaultClient.CloseIdleConnections() // they are cut, which a client may learn only as it uses them
	if _, err := post(t.Context(), t, http.DefaultClient, s); !errors.Is(err, ErrRefused) {
		t.Errorf("error %v, want a refused connection", err)
	}
	for range 2 {
		if err := s.Accept(); err != nil {
			t.Fatal(err)
		}
	}
	if got := do(t, s, "GET", fabricsPath, "").must(t, 200); s.URL() != url || len(got.results()) != 1 ||
		len(s.Requests()) != 2 {
		t.Errorf("URL %s, was %s; body %s; log %v", s.URL(), url, got.raw, s.Requests())
	}
}

func TestAccept_portTakenIsAnError(t *testing.T) {
	s := start(t, Options{})
	s.Refuse()
	other, err := net.Listen("tcp", s.door.hostPort())
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if err := s.Accept(); !errors.Is(err, ErrInUse) {
		t.Errorf("error %v", err)
	}
}

// trusting is a client that trusts an authority and knows the server by a name.
func trusting(t *testing.T, a *Authority, name string) *http.Client {
	t.Helper()
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM([]byte(a.PEM())) {
		t.Fatal("the authority's certificate is none")
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, ServerName: name,
		MinVersion: tls.VersionTLS12}}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

func authority(t *testing.T) *Authority {
	t.Helper()
	a, err := NewAuthority()
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestTLS(t *testing.T) {
	known, unknown := authority(t), authority(t)
	for name, c := range map[string]struct {
		by       *Authority
		until    time.Time
		maximum  uint16
		host     string
		mistrust string // part of the client's error; "" for none
	}{
		"own authority": {by: known, until: time.Now().Add(time.Hour), host: "netbox.example.com"},
		"unknown authority": {by: unknown, until: time.Now().Add(time.Hour), host: "netbox.example.com",
			mistrust: "unknown authority"},
		"another host": {by: known, until: time.Now().Add(time.Hour), host: "other.example.com",
			mistrust: "not other.example.com"},
		"expired": {by: known, until: time.Now().Add(-time.Minute), host: "netbox.example.com",
			mistrust: "expired"},
		"no better than 1.0": {by: known, until: time.Now().Add(time.Hour), maximum: tls.VersionTLS10,
			host: "netbox.example.com", mistrust: "protocol version"},
	} {
		t.Run(name, func(t *testing.T) {
			certificate, err := c.by.Certificate(c.until, "netbox.example.com", "127.0.0.1")
			if err != nil {
				t.Fatal(err)
			}
			s := start(t, Options{TLS: &tls.Config{Certificates: []tls.Certificate{certificate},
				MinVersion: tls.VersionTLS10, MaxVersion: c.maximum}})
			body, err := post(t.Context(), t, trusting(t, known, c.host), s)
			if c.mistrust != "" {
				if err == nil || !strings.Contains(err.Error(), c.mistrust) || len(s.Requests()) != 0 {
					t.Errorf("error %v, want %q; %d requests", err, c.mistrust, len(s.Requests()))
				}
				return
			}
			if err != nil || !strings.Contains(body, `"url":"https://127.0.0.1:`) ||
				!strings.HasPrefix(s.URL(), "https://") {
				t.Errorf("body %s, %v, URL %s", body, err, s.URL())
			}
		})
	}
}

func TestTLS_faultsReachTheConnection(t *testing.T) {
	a := authority(t)
	certificate, err := a.Certificate(time.Now().Add(time.Hour), "127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	s := start(t, Options{TLS: &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}})
	client := trusting(t, a, "127.0.0.1")
	for _, c := range []struct {
		kind Kind
		err  error
	}{{Reset(), ErrReset}, {Hangup(), io.EOF}} {
		h := s.Fault(Fault{Kind: c.kind})
		if _, err := post(t.Context(), t, client, s); !errors.Is(err, c.err) {
			t.Errorf("error %v, want %v", err, c.err)
		}
		h.Remove()
	}
}
