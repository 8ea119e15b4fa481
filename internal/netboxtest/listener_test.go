package netboxtest

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net/http"
	"testing"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/testserver"
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
		t.Errorf("got the error %v, want a refused connection", err)
	}
	for range 2 {
		if err := s.Accept(); err != nil {
			t.Fatal(err)
		}
	}
	if got := do(t, s, "GET", fabricsPath, "").must(t, 200); s.URL() != url || len(got.results()) != 1 ||
		len(s.Requests()) != 2 {
		t.Errorf("got the URL %s, want %s; got %s and the log %v", s.URL(), url, got.raw, s.Requests())
	}
}

func TestTLS_faultsReachTheConnection(t *testing.T) {
	authority, err := testserver.NewAuthority("lab")
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := authority.Issue(nil)
	if err != nil {
		t.Fatal(err)
	}
	s := start(t, Options{TLS: &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}})
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM([]byte(authority.PEM()))
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
		ForceAttemptHTTP2: true}
	t.Cleanup(transport.CloseIdleConnections)
	client := &http.Client{Transport: transport}
	for _, c := range []struct {
		kind Kind
		err  error
	}{{Reset(), ErrReset}, {Hangup(), io.EOF}} {
		h := s.Fault(Fault{Kind: c.kind})
		if _, err := post(t.Context(), t, client, s); !errors.Is(err, c.err) {
			t.Errorf("got the error %v, want %v", err, c.err)
		}
		h.Remove()
	}
}
