package netboxtest

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// tag is one of NetBox's tags.
type tag struct {
	id                       int64
	name, slug, color, about string
	created, updated         time.Time
}

const defaultTagColor = "9e9e9e"

// AddTag stores a tag without asking the validation and returns its id.
func (s *Server) AddTag(name, slug string) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.addTag(tag{name: name, slug: slug, color: defaultTagColor}).id
}

func (s *Server) addTag(t tag) *tag {
	s.store.lastTag++
	t.id = s.store.lastTag
	t.created = s.clock.stamp(time.Time{})
	t.updated = s.clock.stamp(t.created)
	s.store.tags[t.id] = &t
	return &t
}

// sortedTags are all tags by name.
func (st *store) sortedTags() []*tag {
	return slices.SortedFunc(maps.Values(st.tags), func(a, b *tag) int { return cmp.Compare(a.name, b.name) })
}

// brief is a tag as part of another object.
func (t *tag) brief(base string) map[string]any {
	return map[string]any{
		"id": t.id, "url": base + "/api/extras/tags/" + formatID(t.id) + "/",
		"display_url": base + "/extras/tags/" + formatID(t.id) + "/",
		"display":     t.name, "name": t.name, "slug": t.slug, "color": t.color,
	}
}

// renderTags are an object's tags by name.
func (st *store) renderTags(ids []int64, base string) []any {
	list := []any{}
	if len(ids) == 0 {
		return list
	}
	for _, t := range st.sortedTags() {
		if slices.Contains(ids, t.id) {
			list = append(list, t.brief(base))
		}
	}
	return list
}

func (c *call) renderTag(t *tag) map[string]any {
	body := t.brief(c.base)
	tagged := 0
	for _, table := range c.store.objects {
		for _, o := range table {
			tagged += btoi(slices.Contains(o.tags, t.id))
		}
	}
	body["description"], body["weight"], body["object_types"] = t.about, 1000, []any{}
	body["tagged_items"] = tagged
	body["created"], body["last_updated"] = isoZ(t.created), isoZ(t.updated)
	return body
}

// applyTags writes tags, add_tags and remove_tags.
func (c *call) applyTags(o *object, data map[string]any, errs refusal) {
	var lists [3][]int64
	given := [3]bool{}
	for i, key := range []string{"tags", "add_tags", "remove_tags"} {
		v, present := data[key]
		if !present || !c.view.has(key) {
			continue
		}
		given[i] = true
		ids, message := c.store.findTags(v)
		if message != "" {
			errs.add(key, message)
		}
		lists[i] = ids
	}
	if given[0] && (given[1] || given[2]) { // the wording is not recorded
		errs.add("non_field_errors", "tags cannot be combined with add_tags or remove_tags.")
		return
	}
	if given[0] {
		o.tags = lists[0]
	}
	o.tags = append(slices.Clone(o.tags), lists[1]...)
	o.tags = slices.DeleteFunc(o.tags, func(id int64) bool { return slices.Contains(lists[2], id) })
	slices.Sort(o.tags)
	o.tags = slices.Compact(o.tags)
}

// findTags reads a list of references to tags, or says what is wrong with the
// first that names none.
func (st *store) findTags(v any) (ids []int64, message string) {
	if v == nil {
		return nil, msgNull
	}
	list, isList := v.([]any)
	if !isList {
		return nil, fmt.Sprintf(`Expected a list of items but got type "%s".`, pyType(v))
	}
	for _, reference := range list {
		id, message := st.findTag(reference)
		if message != "" {
			return nil, message
		}
		ids = append(ids, id)
	}
	return ids, ""
}

func (st *store) findTag(reference any) (int64, string) {
	if attributes, isObject := reference.(map[string]any); isObject {
		for _, t := range st.sortedTags() {
			if t.matches(attributes) {
				return t.id, ""
			}
		}
		return 0, "Related object not found using the provided attributes: " + pyRepr(attributes)
	}
	id, numeric := parseID(stringOf(reference))
	if !numeric || stringOf(reference) == "" {
		return 0, "Related objects must be referenced by numeric ID or by dictionary of attributes. " +
			"Received an unrecognized value: " + pyString(reference)
	}
	if st.tags[id] == nil {
		return 0, "Related object not found using the provided numeric ID: " + formatID(id)
	}
	return id, ""
}

func (t *tag) matches(attributes map[string]any) bool {
	columns := map[string]string{"id": formatID(t.id), "name": t.name, "slug": t.slug, "color": t.color}
	for key, value := range attributes {
		if column, known := columns[key]; !known || column != stringOf(value) {
			return false
		}
	}
	return len(attributes) > 0
}

// forcedTags reads the tags given to AddFabric: also slugs and names.
func (st *store) forcedTags(v any) []int64 {
	var ids []int64
	references, _ := plainJSON(v).([]any)
	for _, reference := range references {
		id, message := st.findTag(reference)
		if name, isString := reference.(string); isString {
			for _, t := range st.sortedTags() {
				if t.slug == name || t.name == name {
					id, message = t.id, ""
				}
			}
		}
		if message != "" {
			panic("stand-in NetBox: " + message)
		}
		ids = append(ids, id)
	}
	return ids
}

// serveTags answers on the list of tags.
func (c *call) serveTags() answer {
	if !c.who.admin {
		return forbidden()
	}
	if c.method == http.MethodPost {
		return c.createTag()
	}
	rows := []any{}
	for _, t := range c.store.sortedTags() {
		columns := map[string]string{"id": formatID(t.id), "name": t.name, "slug": t.slug}
		if filtered(c.r.URL.Query(), columns) {
			rows = append(rows, c.shown(c.renderTag(t)))
		}
	}
	return c.page(rows)
}

func (c *call) serveTag(id int64) answer {
	if !c.who.admin {
		return forbidden()
	}
	t := c.store.tags[id]
	if t == nil {
		return detail(http.StatusNotFound, "No Tag matches the given query.")
	}
	a := ok(http.StatusOK, c.shown(c.renderTag(t)))
	a.etag = etag(t.updated)
	return a
}

func (c *call) createTag() answer {
	body, refused := c.bodyJSON()
	if refused != nil {
		return *refused
	}
	data, errs := dictionary(body)
	if errs != nil {
		return ok(http.StatusBadRequest, errs)
	}
	t := tag{color: defaultTagColor}
	errs = refusal{}
	for _, column := range []struct {
		rule  field
		value *string
	}{
		{field{name: "name", required: true, max: 100}, &t.name},
		{field{name: "slug", required: true, max: 100}, &t.slug},
		{field{name: "color", max: 6}, &t.color},
		{field{name: "description", blank: true, max: 200}, &t.about},
	} {
		c.tagColumn(column.rule, data, column.value, errs)
	}
	if len(errs) > 0 {
		return ok(http.StatusBadRequest, errs)
	}
	created := c.addTag(t)
	a := ok(http.StatusCreated, c.shown(c.renderTag(created)))
	a.etag = etag(created.updated)
	a.location = c.base + "/api/extras/tags/" + formatID(created.id) + "/"
	return a
}

func (c *call) tagColumn(rule field, data map[string]any, into *string, errs refusal) {
	given, present := data[rule.name]
	if !present {
		if rule.required {
			errs.add(rule.name, msgRequired)
		}
		return
	}
	value, messages := rule.check(given)
	errs.add(rule.name, messages...)
	*into = stringOf(value)
	if !rule.required || len(messages) > 0 {
		return
	}
	for _, t := range c.store.tags {
		if rule.name == "name" && t.name == *into || rule.name == "slug" && t.slug == *into {
			errs.add(rule.name, "tag with this "+rule.name+" already exists.")
		}
	}
	if rule.name == "slug" && strings.ContainsFunc(*into, notSlug) {
		errs.add(rule.name, `Enter a valid "slug" consisting of Unicode letters, numbers, underscores, or hyphens.`)
	}
}
