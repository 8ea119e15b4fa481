package netboxtest

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"
)

// ObjectFilter is how the plugin filters its lists of resources.
type ObjectFilter string

const (
	// NoFilter is the published plugin: every filter is ignored.
	NoFilter ObjectFilter = ""
	// FilterFields is a plugin with filterset_fields = ['fabric'] on its view sets: ?fabric=<id>
	// filters. The last one counts.
	FilterFields ObjectFilter = "fields"
	// FilterSet is a plugin with a NetBoxModelFilterSet: it filters by ?fabric_id=<id>, and by
	// name, namespace, id and last_updated with NetBox's lookups.
	FilterSet ObjectFilter = "filterset"
)

// filteredRows returns the rows of a list in its order, or the refusal of a filter's value.
func (c *call) filteredRows(m *model, q url.Values, order []string) ([]*object, *answer) {
	table := c.store.table(m)
	switch {
	case m.field("fabric") == nil:
		return table.sorted(order...), nil
	case c.filter == FilterFields:
		return c.filterByFields(table, q, order)
	case c.filter == FilterSet:
		return c.filterBySet(table, q, order)
	}
	return table.sorted(order...), nil
}

func (c *call) filterByFields(table *table, q url.Values, order []string) ([]*object, *answer) {
	given := q["fabric"]
	if len(given) == 0 || given[len(given)-1] == "" {
		return table.sorted(order...), nil
	}
	id, numeric := parseID(given[len(given)-1])
	if !numeric || c.store.table(c.models[fabricEndpoint]).get(id) == nil {
		return nil, badFilter("fabric", "Select a valid choice. That choice is not one of the available choices.")
	}
	return inOrder(slices.Clone(table.inFabric(id)), order), nil
}

func (c *call) filterBySet(table *table, q url.Values, order []string) ([]*object, *answer) {
	rows := table.sorted(order...)
	if given := q["fabric_id"]; len(given) > 0 {
		rows = nil
		for _, text := range given {
			id, numeric := parseID(text)
			switch {
			case !numeric || text == "":
				return nil, badFilter("fabric_id", fmt.Sprintf("“%s” is not a valid value.", text))
			case c.store.table(c.models[fabricEndpoint]).get(id) == nil:
				return nil, badFilter("fabric_id", fmt.Sprintf("Select a valid choice. %s is not one of the "+
					"available choices.", text))
			}
			rows = append(rows, table.inFabric(id)...)
		}
		rows = slices.Compact(inOrder(rows, order))
	}
	for _, column := range []string{"id", "name", "namespace"} {
		if wanted := q[column]; len(wanted) > 0 {
			rows = keep(rows, func(o *object) bool { return slices.Contains(wanted, o.column(column)) })
		}
	}
	return filterByTime(rows, q)
}

// lookups are NetBox's comparisons of a time, by their suffix.
var lookups = map[string]func(n int) bool{
	"__gte": func(n int) bool { return n >= 0 }, "__gt": func(n int) bool { return n > 0 },
	"__lte": func(n int) bool { return n <= 0 }, "__lt": func(n int) bool { return n < 0 },
}

func filterByTime(rows []*object, q url.Values) ([]*object, *answer) {
	for lookup, holds := range lookups {
		if !q.Has("last_updated" + lookup) {
			continue
		}
		limit, valid := parseDatetime(q.Get("last_updated" + lookup))
		if !valid {
			return nil, badFilter("last_updated"+lookup, msgBadFilterTime)
		}
		rows = keep(rows, func(o *object) bool { return !o.updated.IsZero() && holds(o.updated.Compare(limit)) })
	}
	return rows, nil
}

const msgBadFilterTime = "Enter a valid date/time."

func badFilter(name, message string) *answer {
	a := ok(http.StatusBadRequest, map[string]any{name: []string{message}})
	return &a
}

func inOrder(rows []*object, order []string) []*object {
	sortRows(rows, order)
	return rows
}

// keep returns the rows for which wanted returns true, in a new list.
func keep[T any](rows []T, wanted func(T) bool) []T {
	return slices.DeleteFunc(slices.Clone(rows), func(row T) bool { return !wanted(row) })
}

// column returns a column's value in the form that a filter compares.
func (o *object) column(name string) string {
	if name == "id" {
		return formatID(o.id)
	}
	return stringOf(o.all()[name])
}

// numberLookups reports whether a number passes the filters that NetBox has for it.
func numberLookups(q url.Values, name string, value int64) (bool, *answer) {
	for lookup, holds := range lookups {
		for _, text := range q[name+lookup] {
			limit, err := strconv.ParseInt(text, 10, 64)
			if err != nil {
				return false, badFilter(name+lookup, "Enter a whole number.")
			}
			if !holds(cmp.Compare(value, limit)) {
				return false, nil
			}
		}
	}
	for _, text := range q[name] {
		if _, err := strconv.ParseInt(text, 10, 64); err != nil {
			return false, badFilter(name, "Enter a whole number.")
		}
	}
	return true, nil
}

// timeRange reports whether a time lies between <name>_after and <name>_before.
func timeRange(q url.Values, name string, value time.Time) (bool, *answer) {
	for suffix, sign := range map[string]int{"_after": 1, "_before": -1} {
		text := q.Get(name + suffix)
		if text == "" {
			continue
		}
		limit, valid := parseDatetime(text)
		if !valid {
			return false, badFilter(name, msgBadFilterTime)
		}
		if value.Compare(limit)*sign < 0 {
			return false, nil
		}
	}
	return true, nil
}
