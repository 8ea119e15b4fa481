package netboxtest

import (
	"net/http"
	"slices"
	"strings"
)

// identity is the user that a token belongs to.
type identity struct {
	user        string
	admin       bool // may do everything; others have permissions
	noChanges   bool // may not view the change log
	permissions []permission
}

// permission is an object permission in NetBox.
type permission struct {
	id             int64 // 0 for the one of LimitedToken
	types, actions []string
	prefix         string // of the names of the objects that it covers
}

// authenticate returns the caller, or a 403, which NetBox uses instead of 401.
func (s *Server) authenticate(r *http.Request) (*identity, *answer) {
	refuse := func(text string) (*identity, *answer) {
		a := detail(http.StatusForbidden, text)
		return nil, &a
	}
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	token = strings.TrimSpace(token)
	who, known := s.tokens[token]
	isV2 := strings.HasPrefix(token, "nbt_")
	switch {
	case scheme == "Token" && known && !isV2, scheme == "Bearer" && known && isV2 && s.profile.tokensV2:
		return who, nil
	case scheme == "Token" && !s.profile.tokensV2:
		return refuse("Invalid token")
	case scheme == "Token":
		return refuse("Invalid v1 token")
	case scheme == "Bearer" && s.profile.tokensV2:
		return refuse("Invalid v2 token")
	}
	return refuse("Authentication credentials were not provided.")
}

// action returns the action that a permission must allow for the request.
func (c *call) action() string {
	switch c.method {
	case http.MethodGet:
		return "view"
	case http.MethodPost:
		return "add"
	case http.MethodDelete:
		return "delete"
	}
	return "change"
}

// may reports whether the caller may do the request's action on some objects of a type.
func (c *call) may(objectType string) bool {
	return c.allowed(c.action(), objectType)
}

// allowed reports whether the caller may do an action on some objects of a type.
func (c *call) allowed(action, objectType string) bool {
	if c.who.admin {
		return objectType != changeType || !c.who.noChanges
	}
	return slices.ContainsFunc(c.who.permissions, func(p permission) bool { return p.allows(action, objectType) })
}

// sees reports whether a permission covers an object for the request. For the caller, other
// objects do not exist.
func (c *call) sees(m *model, o *object) bool {
	return c.who.admin || slices.ContainsFunc(c.who.permissions, func(p permission) bool {
		return p.allows(c.action(), m.objectType) && strings.HasPrefix(stringOf(o.all()["name"]), p.prefix)
	})
}

func (p permission) allows(action, objectType string) bool {
	return slices.Contains(p.actions, action) && slices.Contains(p.types, objectType)
}
