package netboxtest

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode"
)

// resolveExtras finds a route below /api/extras/.
func (s *Server) resolveExtras(rest string) *route {
	endpoint, key, _ := strings.Cut(strings.TrimSuffix(rest, "/"), "/")
	list := func(h func(*call) answer, methods ...string) *route {
		return &route{allow: allowList, methods: append(methods, "GET"), handle: h}
	}
	one := func(h func(*call, int64) answer) *route {
		return &route{allow: allowObject, methods: []string{"GET"}, handle: func(c *call) answer {
			id, numeric := parseID(key)
			if !numeric {
				return detail(http.StatusNotFound, "Not found.")
			}
			return h(c, id)
		}}
	}
	if strings.Contains(key, "/") || strings.HasSuffix(rest, "//") {
		return nil
	}
	switch {
	case endpoint == "tags" && key == "":
		return list((*call).serveTags, "POST")
	case endpoint == "tags":
		return one((*call).serveTag)
	case endpoint == "custom-fields" && key == "":
		return list((*call).serveCustomFields)
	case endpoint == "custom-fields":
		return one((*call).serveCustomField)
	case endpoint == "custom-field-choice-sets" && key == "":
		return list((*call).serveChoiceSets)
	case endpoint == "custom-field-choice-sets":
		return one((*call).serveChoiceSet)
	}
	return nil
}

// filtered says whether a row passes the filters that NetBox has for these
// columns: the values of one parameter are alternatives.
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
	page, links := offsetPage(rows, c.r.URL.Query())
	return ok(http.StatusOK, map[string]any{
		"count": len(rows), "next": c.link(links.next), "previous": c.link(links.previous),
		"results": append([]any{}, page...),
	})
}

// shown leaves out of a body what the request does not want.
func (c *call) shown(body map[string]any) map[string]any {
	for name := range body {
		if !c.view.has(name) {
			delete(body, name)
		}
	}
	return body
}

func notSlug(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsNumber(r) && r != '_' && r != '-'
}
