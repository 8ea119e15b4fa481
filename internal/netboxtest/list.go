package netboxtest

import (
	"cmp"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Page sizes of a NetBox in its default configuration.
const (
	defaultLimit    = 50
	defaultMaxLimit = 1000
)

// list answers a GET on a list. It supports the query parameters of paging, ordering and the
// view, and those of the server's ObjectFilter.
func (c *call) list(m *model) answer {
	q := c.r.URL.Query()
	if q.Has("start") && m.ordering != "" && c.profile.cursors {
		return c.cursorPage(m, c.seen(m, c.store.rows(m)), q)
	}
	order := m.orderingOf(q.Get("ordering"))
	if len(order) == 0 {
		return unorderedError()
	}
	rows, refused := c.filteredRows(m, q, order)
	if refused != nil {
		return *refused
	}
	rows = c.seen(m, rows)
	page, links := offsetPage(rows, q, c.limitOf(q))
	if len(page) > 0 && c.breaks(m, c.view) {
		return displayURLError(m)
	}
	return ok(http.StatusOK, map[string]any{
		"count":    len(rows),
		"next":     c.link(links.next),
		"previous": c.link(links.previous),
		"results":  c.renderAll(m, page),
	})
}

// seen returns the rows that the caller may view.
func (c *call) seen(m *model, rows []*object) []*object {
	if c.who.admin {
		return rows
	}
	return slices.DeleteFunc(slices.Clone(rows), func(o *object) bool { return !c.sees(m, o) })
}

func (c *call) renderAll(m *model, rows []*object) []any {
	bodies := []any{}
	for _, o := range rows {
		bodies = append(bodies, c.render(m, o, c.base, c.view))
	}
	return bodies
}

// link returns an absolute URL of this path with another query, or nil if the query is nil.
func (c *call) link(q url.Values) any {
	if q == nil {
		return nil
	}
	return baseOf(c.r) + c.r.URL.Path + "?" + q.Encode()
}

// cursorPage returns a page from ?start=<lowest id>. It has no count and no link to the previous
// page. A full page always has a link to the next page, even if that is empty.
func (c *call) cursorPage(m *model, rows []*object, q url.Values) answer {
	if q.Get("ordering") != "" {
		return ok(http.StatusBadRequest, []string{"Ordering cannot be specified in conjunction with cursor-based " +
			"pagination."})
	}
	if q.Has("offset") { // the text is not recorded
		return ok(http.StatusBadRequest, []string{"Offset cannot be specified in conjunction with cursor-based " +
			"pagination."})
	}
	start, err := strconv.ParseInt(q.Get("start"), 10, 64)
	if err != nil || start < 0 { // the text is not recorded
		return ok(http.StatusBadRequest, []string{"Invalid start parameter: must be a non-negative integer."})
	}
	limit := c.limitOf(q)
	from, _ := slices.BinarySearchFunc(rows, start, func(o *object, id int64) int { return compareIDs(o.id, id) })
	rows = rows[from:]
	var next url.Values
	if len(rows) >= limit {
		rows = rows[:limit]
		next = with(q, "limit", limit)
		next.Set("start", formatID(rows[limit-1].id+1))
	}
	if len(rows) > 0 && c.breaks(m, c.view) {
		return displayURLError(m)
	}
	return ok(http.StatusOK, map[string]any{
		"count": nil, "next": c.link(next), "previous": nil, "results": c.renderAll(m, rows),
	})
}

// limitOf returns how many objects a page has at most.
func (s *Server) limitOf(q url.Values) int {
	limit, err := strconv.Atoi(q.Get("limit"))
	switch {
	case err != nil || limit < 0:
		return min(defaultLimit, s.maxLimit)
	case limit == 0 || limit > s.maxLimit:
		return s.maxLimit
	}
	return limit
}

type pageLinks struct{ next, previous url.Values }

func offsetPage[T any](rows []T, q url.Values, limit int) ([]T, pageLinks) {
	offset, err := strconv.Atoi(q.Get("offset"))
	if err != nil || offset < 0 {
		offset = 0
	}
	var links pageLinks
	if offset+limit < len(rows) {
		links.next = with(q, "limit", limit)
		links.next.Set("offset", strconv.Itoa(offset+limit))
	}
	if offset > 0 {
		links.previous = with(q, "limit", limit)
		links.previous.Del("offset")
		if offset > limit {
			links.previous.Set("offset", strconv.Itoa(offset-limit))
		}
	}
	from := min(offset, len(rows))
	return rows[from:min(from+limit, len(rows))], links
}

func with(q url.Values, key string, n int) url.Values {
	c := url.Values{}
	for k, v := range q {
		c[k] = slices.Clone(v)
	}
	c.Set(key, strconv.Itoa(n))
	return c
}

// orderingOf reads ?ordering= and ignores unknown names. The default is the model's.
func (m *model) orderingOf(param string) []string {
	var order []string
	for name := range strings.SplitSeq(param, ",") {
		bare := strings.TrimPrefix(strings.TrimSpace(name), "-")
		if slices.Contains([]string{"id", "created", "last_updated"}, bare) || m.field(bare) != nil {
			order = append(order, strings.TrimSpace(name))
		}
	}
	if len(order) == 0 && m.ordering != "" {
		order = []string{m.ordering}
	}
	return order
}

// sortRows sorts rows by these columns and then by their ids.
func sortRows(rows []*object, order []string) {
	slices.SortFunc(rows, func(a, b *object) int { return compareRows(a, b, order) })
}

func compareRows(a, b *object, order []string) int {
	for _, name := range order {
		bare, descending := strings.CutPrefix(name, "-")
		n := compareColumn(a, b, bare)
		if n != 0 && descending {
			return -n
		}
		if n != 0 {
			return n
		}
	}
	return compareIDs(a.id, b.id)
}

func compareIDs(a, b int64) int { return cmp.Compare(a, b) }

func compareColumn(a, b *object, name string) int {
	switch name {
	case "id":
		return compareIDs(a.id, b.id)
	case "fabric":
		return compareIDs(a.fabric, b.fabric)
	case "created":
		return a.created.Compare(b.created)
	case "last_updated":
		if a.updated.IsZero() || b.updated.IsZero() {
			return cmp.Compare(btoi(a.updated.IsZero()), btoi(b.updated.IsZero()))
		}
		return a.updated.Compare(b.updated)
	}
	x, y := a.all()[name], b.all()[name]
	if x == nil || y == nil { // the database puts nulls last
		return cmp.Compare(btoi(x == nil), btoi(y == nil))
	}
	if n, isNumber := x.(json.Number); isNumber {
		m, _ := y.(json.Number)
		left, _ := n.Float64()
		right, _ := m.Float64()
		return cmp.Compare(left, right)
	}
	return cmp.Compare(pyString(x), pyString(y))
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}
