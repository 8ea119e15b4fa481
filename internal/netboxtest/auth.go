package netboxtest

import (
	"net/http"
	"strings"
)

// identity is who a token belongs to.
type identity struct {
	user      string
	admin     bool // everything; else the rights of LimitedToken
	noChanges bool // but the change log
}

// authenticate returns the caller, or the 403 that NetBox answers: it never
// uses 401.
func (s *Server) authenticate(r *http.Request) (identity, *answer) {
	refuse := func(text string) (identity, *answer) {
		a := detail(http.StatusForbidden, text)
		return identity{}, &a
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

// mayView says whether a caller may view objects of a model at all.
func (who identity) mayView(m *model) bool { return who.admin || m.endpoint == fabricEndpoint }

// sees says whether a caller's permission covers one object. What it does not
// cover does not exist for the caller.
func (who identity) sees(m *model, o *object) bool {
	return who.admin || m.endpoint == fabricEndpoint && strings.HasPrefix(stringOf(o.all()["name"]), LimitedPrefix)
}
