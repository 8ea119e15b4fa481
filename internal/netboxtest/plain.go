package netboxtest

import (
	"maps"
	"net/http"
	"slices"
	"strings"
)

// plainKind is a kind of object that requests can create, read and delete for its effect. The
// answers follow NetBox 4.7.3, and the differences of 4.4 are from its source; none is
// recorded. There are no entries in the changelog.
type plainKind struct {
	objectType, name string
	// create stores an object and its effect. It returns the body of the answer, and a function
	// that removes the effect.
	create func(c *call, data map[string]any, errs refusal) (body map[string]any, remove func())
}

// plainObject is an object of such a kind.
type plainObject struct {
	id     int64
	body   map[string]any
	remove func()
}

const tokensPath = "users/tokens/"

// plainKinds are the kinds by the path of their lists below /api/.
func plainKinds() map[string]plainKind {
	return map[string]plainKind{
		"users/users/":        {"users.user", "User", (*call).createUser},
		"users/permissions/":  {"users.objectpermission", "ObjectPermission", (*call).createPermission},
		tokensPath:            {"users.token", "Token", (*call).createToken},
		"extras/webhooks/":    {"extras.webhook", "Webhook", (*call).createWebhook},
		"extras/event-rules/": {"extras.eventrule", "EventRule", (*call).createEventRule},
	}
}

// resolvePlain returns the route of a path below /api/, or nil if it is not one of a plain kind.
func resolvePlain(path string) *route {
	for list, kind := range plainKinds() {
		key, found := strings.CutPrefix(path, list)
		switch key = strings.TrimSuffix(key, "/"); {
		case !found || strings.Contains(key, "/"):
		case key == "":
			return &route{allow: allowList, methods: []string{"GET", "POST"}, handle: func(c *call) answer {
				return c.servePlainList(list, kind)
			}}
		default:
			return &route{allow: allowObject, methods: []string{"GET", "DELETE"}, handle: byID(key,
				func(c *call, id int64) answer { return c.servePlain(list, kind, id) })}
		}
	}
	return nil
}

func (c *call) servePlainList(list string, kind plainKind) answer {
	if !c.may(kind.objectType) {
		return forbidden()
	}
	if c.method == http.MethodGet {
		rows := []any{}
		for _, o := range c.store.plain[list] {
			rows = append(rows, o.body)
		}
		return c.page(rows)
	}
	data, refused := c.bodyObject()
	if refused != nil {
		return *refused
	}
	errs := refusal{}
	c.store.lastPlain++
	id := c.store.lastPlain
	body, remove := kind.create(c, data, errs)
	if len(errs) > 0 {
		return ok(http.StatusBadRequest, errs)
	}
	body["id"], body["url"] = id, c.base+c.r.URL.Path+formatID(id)+"/"
	kept := maps.Clone(body)
	delete(kept, "token") // only the answer to its creation shows it
	c.store.plain[list] = append(c.store.plain[list], plainObject{id, kept, remove})
	return ok(http.StatusCreated, body)
}

func (c *call) servePlain(list string, kind plainKind, id int64) answer {
	if !c.may(kind.objectType) {
		return forbidden()
	}
	at := slices.IndexFunc(c.store.plain[list], func(o plainObject) bool { return o.id == id })
	if at < 0 {
		return detail(http.StatusNotFound, "No "+kind.name+" matches the given query.")
	}
	o := c.store.plain[list][at]
	if c.method == http.MethodGet {
		return ok(http.StatusOK, o.body)
	}
	c.store.plain[list] = slices.Delete(c.store.plain[list], at, at+1)
	o.remove()
	return answer{status: http.StatusNoContent}
}
