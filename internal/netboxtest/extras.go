package netboxtest

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode"
)

// resolveExtras finds a route below /api/extras/.
func resolveExtras(rest string) *route {
	endpoint, key, _ := strings.Cut(strings.TrimSuffix(rest, "/"), "/")
	key, action, _ := strings.Cut(key, "/")
	if strings.HasSuffix(rest, "//") {
		return nil
	}
	lists := map[string]func(*call) answer{
		"tags": (*call).serveTags, "custom-fields": (*call).serveCustomFields,
		"custom-field-choice-sets": (*call).serveChoiceSets,
	}
	ones := map[string]func(*call, int64) answer{
		"tags": (*call).serveTag, "custom-fields": (*call).serveCustomField,
		"custom-field-choice-sets": (*call).serveChoiceSet,
	}
	switch {
	case lists[endpoint] == nil || action != "":
		return nil
	case key == "":
		return &route{allow: allowList, methods: []string{"GET", "POST"}, handle: lists[endpoint]}
	}
	return &route{allow: allowObject, methods: []string{"GET", "PATCH", "DELETE"}, handle: byID(key,
		ones[endpoint])}
}

func byID(key string, handle func(*call, int64) answer) func(*call) answer {
	return func(c *call) answer {
		id, numeric := parseID(key)
		if !numeric {
			return detail(http.StatusNotFound, "Not found.")
		}
		return handle(c, id)
	}
}

// filtered reports whether a row passes NetBox's filters of these columns. The values of a
// parameter are alternatives.
func filtered(q url.Values, columns map[string]string) bool {
	for name, value := range columns {
		if wanted := q[name]; len(wanted) > 0 && !slices.Contains(wanted, value) {
			return false
		}
	}
	return true
}

// page is an offset page of rendered rows.
func (c *call) page(rows []any) answer {
	q := c.r.URL.Query()
	page, links := offsetPage(rows, q, c.limitOf(q))
	return ok(http.StatusOK, map[string]any{
		"count": len(rows), "next": c.link(links.next), "previous": c.link(links.previous),
		"results": append([]any{}, page...),
	})
}

// shown removes the keys from a body that this NetBox does not have or that the request omits.
func (c *call) shown(endpoint string, body map[string]any, v view) map[string]any {
	for _, name := range c.profile.unknown[endpoint] {
		delete(body, name)
	}
	for name := range body {
		if !v.has(name) {
			delete(body, name)
		}
	}
	return body
}

func notSlug(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsNumber(r) && r != '_' && r != '-'
}
