package netboxtest

import "net/http"

// plainKind is a kind of object that requests can only make: what counts is its effect.
// The answers follow a NetBox 4.7.3, and what 4.4 does otherwise is from its source; none
// is recorded. No entry of the changelog is made.
type plainKind struct {
	objectType string
	// create stores what has the effect, and returns the body of the answer.
	create func(c *call, data map[string]any, errs refusal) map[string]any
}

// plainKinds are the kinds by the path of their lists below /api/.
func plainKinds() map[string]plainKind {
	return map[string]plainKind{
		"users/users/":        {"users.user", (*call).createUser},
		"users/permissions/":  {"users.objectpermission", (*call).createPermission},
		"users/tokens/":       {"users.token", (*call).createToken},
		"extras/webhooks/":    {"extras.webhook", (*call).createWebhook},
		"extras/event-rules/": {"extras.eventrule", (*call).createEventRule},
	}
}

func (k plainKind) route() *route {
	return &route{allow: allowList, methods: []string{"POST"}, handle: func(c *call) answer {
		if !c.may(k.objectType) {
			return forbidden()
		}
		data, refused := c.bodyObject()
		if refused != nil {
			return *refused
		}
		errs := refusal{}
		c.store.lastPlain++
		body := k.create(c, data, errs)
		if len(errs) > 0 {
			return ok(http.StatusBadRequest, errs)
		}
		body["id"], body["url"] = c.store.lastPlain, c.base+c.r.URL.Path+formatID(c.store.lastPlain)+"/"
		return ok(http.StatusCreated, body)
	}}
}
