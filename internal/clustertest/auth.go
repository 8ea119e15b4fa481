package clustertest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

// user is the user that a token belongs to.
type user struct {
	name  string
	admin bool
	lists []fabric.Kind // the kinds that the user may list, in every namespace

	namespaces bool // may check whether a namespace exists
}

func (u user) mayList(kind fabric.Kind) bool { return u.admin || slices.Contains(u.lists, kind) }

var anonymous = user{name: "system:anonymous"}

func defaultUsers() map[string]user {
	return map[string]user{
		AdminToken:   {name: "admin", admin: true},
		FullToken:    {name: "full", lists: fabric.Kinds()},
		HealthToken:  {name: "health", lists: servedKinds()},
		PartialToken: {name: "partial", lists: PartialKinds()},
		NobodyToken:  {name: "nobody"},
	}
}

// SetToken adds a token that may list the given kinds, or changes an existing one.
func (s *Server) SetToken(token string, lists ...fabric.Kind) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.users[token] = user{name: "someone", lists: lists}
}

// AllowNamespaces permits a token to check whether a namespace exists. Most fabrics' tokens may
// not.
func (s *Server) AllowNamespaces(token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	who := s.users[token]
	who.namespaces = true
	s.users[token] = who
}

// RevokeToken makes a token invalid.
func (s *Server) RevokeToken(token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.users, token)
}

// authenticate returns the user of a request, and whether its token is known.
func (s *Server) authenticate(r *http.Request) (user, bool) {
	header := r.Header.Get("Authorization")
	if header == "" {
		return anonymous, true
	}
	token, bearer := strings.CutPrefix(header, "Bearer ")
	found, known := s.users[token]
	return found, bearer && known
}

// forbid answers as Kubernetes does if RBAC permits nothing.
func forbid(w http.ResponseWriter, who user, verb string, kind fabric.Kind, namespace string) {
	Refuse(w, http.StatusForbidden, "Forbidden", fmt.Sprintf(
		`%s.%s is forbidden: User %q cannot %s resource %q in API group %q in the namespace %q`,
		kind.Resource, kind.Group, who.name, verb, kind.Resource, kind.Group, namespace))
}
