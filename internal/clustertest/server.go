// Package clustertest is an in-memory stand-in for a fabric's Kubernetes API server. It serves
// the twelve kinds and the kinds of a fabric's health, in namespaces, with pages and
// server-side apply. It has tokens with permissions, and access reviews. Tests start and stop
// it, read its log of requests, and make it fail.
package clustertest

import (
	"crypto/tls"
	"fmt"
	"sync"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/testserver"
)

// Tokens that a new Server accepts. They are public, and valid only for stand-ins.
const (
	AdminToken   = "standin-admin-token"   // may do everything
	FullToken    = "standin-full-token"    // may list the twelve kinds
	HealthToken  = "standin-health-token"  // may also list the kinds of a fabric's health
	PartialToken = "standin-partial-token" // may list the kinds of PartialKinds
	NobodyToken  = "standin-nobody-token"  // is known and may do nothing
)

// Version is the version that the server reports.
const Version = "v1.36.3"

// PartialKinds returns the kinds that PartialToken may list: the first seven, those of the
// group vpc.githedgehog.com.
func PartialKinds() []fabric.Kind { return fabric.Kinds()[:7] }

// servedKinds returns the kinds that the server supports.
func servedKinds() []fabric.Kind { return append(fabric.Kinds(), fabric.HealthKinds()...) }

// Options are the options of New.
type Options struct {
	Plain       bool             // without TLS
	Certificate *tls.Certificate // nil means one from the server's own authority, see CA
}

// Server is a running stand-in. Its methods may be called concurrently, also while it serves
// requests.
type Server struct {
	authority  *testserver.Authority
	listener   testserver.Listener
	log        requestLog
	middleware testserver.Middleware

	mu    sync.Mutex // guards the fields below
	users map[string]user
	store store
}

// New starts a server on a free port of loopback.
func New(o Options) (*Server, error) {
	s := &Server{users: defaultUsers(), store: newStore()}
	var err error
	if s.authority, err = testserver.NewAuthority("stand-in cluster"); err != nil {
		return nil, fmt.Errorf("stand-in Kubernetes: %w", err)
	}
	certificate := o.Certificate
	if certificate == nil && !o.Plain {
		issued, err := s.authority.Issue(nil)
		if err != nil {
			return nil, fmt.Errorf("stand-in Kubernetes: %w", err)
		}
		certificate = &issued
	}
	s.listener.Handler = s.handler()
	if certificate != nil {
		s.listener.TLS = &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{*certificate}}
	}
	return s, s.Start()
}

// Start makes a stopped server listen again, at the same address and with the same objects. It
// does nothing if the server runs. It returns an error if it cannot listen.
func (s *Server) Start() error {
	if err := s.listener.Open("127.0.0.1:0"); err != nil {
		return fmt.Errorf("stand-in Kubernetes: %w", err)
	}
	return nil
}

// Stop closes the listener and every connection. The objects stay.
func (s *Server) Stop() { s.listener.Close() }

// Close stops the server.
func (s *Server) Close() { s.Stop() }

// URL returns the server's URL, without a trailing slash.
func (s *Server) URL() string { return s.listener.URL() }

// CA returns the certificate of the server's authority, in PEM.
func (s *Server) CA() string { return s.authority.PEM() }
