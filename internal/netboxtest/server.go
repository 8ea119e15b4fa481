package netboxtest

import (
	"cmp"
	"crypto/tls"
	"fmt"
	"net/http"
	"strings"
	"sync"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/testserver"
)

// Tokens that a new Server accepts. They are public, and valid only for stand-ins.
const (
	// AdminToken is a v1 token ("Authorization: Token …") that may do everything.
	AdminToken = "0123456789abcdef0123456789abcdef01234567"
	// AdminTokenV2 is a v2 token ("Authorization: Bearer …") that may do everything.
	AdminTokenV2 = "nbt_standin00001.0123456789abcdefghijklmnopqrstuvwxyzABCD"
	// NoChangesToken is a v1 token that may do everything but view the change log.
	NoChangesToken = "fedcba9876543210fedcba987654321001234567"
	// LimitedToken is a v1 token that may only view the fabrics whose names start with
	// LimitedPrefix. For this token, the others do not exist.
	LimitedToken = "76543210fedcba9876543210fedcba9876543210"
	// LimitedPrefix is the prefix of the names of the fabrics that LimitedToken may view.
	LimitedPrefix = "limited-"
)

// Versions that the server reports.
const (
	pythonVersion = "3.12.1"
	pluginName    = "netbox_hedgehog"
	pluginVersion = "0.2.0"
)

// Options are the options of [New].
type Options struct {
	// Version is the version of NetBox; V47 if empty.
	Version Version
	// Claims is the version that /api/status/ reports instead, for a NetBox without recordings.
	Claims string
	// PublishedDisplayURL breaks the display_url of fabrics as the published plugin does: a
	// request that renders one gets a 500. False is the patched plugin, whose bodies have no
	// display_url.
	PublishedDisplayURL bool
	// ObjectFilter is how the lists of resources are filtered by fabric; like the published
	// plugin's if empty.
	ObjectFilter ObjectFilter
	// PathPrefix is the prefix of all paths, such as "/netbox" (NetBox's BASE_PATH).
	PathPrefix string
	// NoPlugin is a NetBox without netbox_hedgehog: the plugin's paths answer with 404 and an
	// HTML page, and /api/status/ does not list it.
	NoPlugin bool
	// Branching is a NetBox with the plugin netbox_branching: requests with the X-NetBox-Branch
	// header read and write a branch. Without the plugin, NetBox ignores the header.
	Branching bool
	// MaxPageSize limits the objects on a page, even if limit is larger (NetBox's
	// MAX_PAGE_SIZE); 1000 if 0.
	MaxPageSize int
	// Language is the default language of answers (NetBox's DEFAULT_LANGUAGE): English if
	// empty, or German.
	Language string
	// Addr is the address to listen on; "127.0.0.1:0" if empty.
	Addr string
	// TLS makes the server use https, only with HTTP/1.1, so that a fault can cut a single
	// request's connection. A testserver.Authority issues certificates for it.
	TLS *tls.Config
	// Seed is the seed for faults with a Probability.
	Seed uint64
}

// Server is a running stand-in. Its methods may be called concurrently, also while it serves
// requests.
type Server struct {
	profile *profile
	prefix  string
	// ownLanguage is Options.Language.
	ownLanguage string
	maxLimit    int
	listener    testserver.Listener
	closing     chan struct{} // closed by Close, to release requests that are held

	clock      clock
	log        requestLog
	middleware testserver.Middleware
	faults     faultBook

	mu        sync.Mutex // guards all below; held while a request is handled
	published bool
	filter    ObjectFilter
	noPlugin  bool
	tokens    map[string]*identity
	models    map[string]*model // by endpoint
	store     store
	branching *branching // nil without the plugin
}

// New starts a server. It returns an error if it cannot listen on the address, or if the
// version is unknown.
func New(o Options) (*Server, error) {
	models := pluginModels()
	profile, err := profileOf(o.Version)
	if err != nil {
		return nil, fmt.Errorf("stand-in NetBox: %w", err)
	}
	profile.claims = cmp.Or(o.Claims, string(profile.version))
	prefix := strings.Trim(o.PathPrefix, "/")
	if prefix != "" {
		prefix = "/" + prefix
	}
	s := &Server{
		profile:     profile,
		prefix:      prefix,
		ownLanguage: o.Language,
		maxLimit:    cmp.Or(o.MaxPageSize, defaultMaxLimit),
		closing:     make(chan struct{}),
		published:   o.PublishedDisplayURL,
		filter:      o.ObjectFilter,
		noPlugin:    o.NoPlugin,
		tokens: map[string]*identity{
			AdminToken:     {user: "admin", admin: true},
			AdminTokenV2:   {user: "admin", admin: true},
			NoChangesToken: {user: "sync", admin: true, noChanges: true},
			LimitedToken: {user: "limited", permissions: []permission{{types: []string{
				models[fabricEndpoint].objectType}, actions: []string{"view"}, prefix: LimitedPrefix}}},
		},
		models: models,
		store:  newStore(models),
	}
	if o.Branching {
		s.branching = newBranching(s.store.schema)
	}
	s.faults.seed = o.Seed
	s.listener.Handler, s.listener.TLS, s.listener.HTTP1 = s.handler(), o.TLS, true
	if err := s.listener.Open(cmp.Or(o.Addr, "127.0.0.1:0")); err != nil {
		return nil, fmt.Errorf("stand-in NetBox: %w", err)
	}
	return s, nil
}

// Close stops the server, cuts every open connection, and releases every request that a fault
// holds.
func (s *Server) Close() {
	s.mu.Lock()
	select {
	case <-s.closing:
	default:
		close(s.closing)
	}
	s.mu.Unlock()
	s.listener.Close()
}

// URL returns the server's base URL with the path prefix and without a trailing slash.
func (s *Server) URL() string {
	return s.listener.URL() + s.prefix
}

// Version returns the server's version of NetBox.
func (s *Server) Version() Version { return s.profile.version }

// SetPublishedDisplayURL changes Options.PublishedDisplayURL.
func (s *Server) SetPublishedDisplayURL(published bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.published = published
}

// SetObjectFilter changes Options.ObjectFilter.
func (s *Server) SetObjectFilter(filter ObjectFilter) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.filter = filter
}

// SetNoPlugin changes Options.NoPlugin. Stored fabrics stay.
func (s *Server) SetNoPlugin(noPlugin bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.noPlugin = noPlugin
}

// Refuse closes the listening socket, so that connections are refused, and cuts open
// connections. Data and log stay. Accept undoes it.
func (s *Server) Refuse() { s.listener.Close() }

// Accept listens again on the same port. It returns an error if another program has taken the
// port.
func (s *Server) Accept() error {
	if err := s.listener.Open(""); err != nil {
		return fmt.Errorf("stand-in NetBox: listen again: %w", err)
	}
	return nil
}

// Intercept adds a middleware around the server, outside of those added before; remove removes
// it. The log has the status that the middleware sends. A middleware that reads a request's
// body must restore it.
func (s *Server) Intercept(mw func(next http.Handler) http.Handler) (remove func()) {
	return s.middleware.Add(mw)
}

func (s *Server) handler() http.Handler {
	return s.record(s.middleware.Around(http.HandlerFunc(s.serve)))
}

// RevokeToken makes a token invalid.
func (s *Server) RevokeToken(token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.tokens, token)
}
