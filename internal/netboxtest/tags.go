package netboxtest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"
)

// tag is one of NetBox's tags.
type tag struct {
	id                       int64
	name, slug, color, about string
	weight                   json.Number
	created, updated         time.Time
}

const (
	tagType         = "extras.tag"
	defaultTagColor = "9e9e9e"
)

func newTag() tag { return tag{color: defaultTagColor, weight: "1000"} }

// AddTag stores a tag without validation and returns its id.
func (s *Server) AddTag(name, slug string) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := newTag()
	t.name, t.slug = name, slug
	return s.addTag(t).id
}

func (s *Server) addTag(t tag) *tag {
	s.store.lastTag++
	t.id = s.store.lastTag
	t.created = s.clock.stamp(time.Time{})
	t.updated = s.clock.stamp(t.created)
	s.store.tags[t.id] = &t
	return &t
}

// sortedTags returns all tags, by name.
func (st *store) sortedTags() []*tag {
	return slices.SortedFunc(maps.Values(st.tags), func(a, b *tag) int { return cmp.Compare(a.name, b.name) })
}

// brief returns a tag's brief form, as in other objects.
func (t *tag) brief(base string) map[string]any {
	return map[string]any{
		"id": t.id, "url": base + "/api/extras/tags/" + formatID(t.id) + "/",
		"display_url": base + "/extras/tags/" + formatID(t.id) + "/",
		"display":     t.name, "name": t.name, "slug": t.slug, "color": t.color,
	}
}

// renderTags returns an object's tags, by name.
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
	for _, table := range c.store.tables {
		for _, o := range table.rows {
			tagged += btoi(slices.Contains(o.tags, t.id))
		}
	}
	body["description"], body["weight"], body["object_types"] = t.about, t.weight, []any{}
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
		if !present || !c.view.has(key) || i > 0 && !c.profile.partTags {
			continue
		}
		given[i] = true
		ids, message := c.store.findTags(v)
		if message != "" {
			errs.add(key, message)
		}
		lists[i] = ids
	}
	if given[0] && (given[1] || given[2]) { // the text is not recorded
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

// findTags reads a list of references to tags. It returns a message about the first reference
// that names no tag.
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
		return 0, noSuchAttributes(attributes)
	}
	id, numeric := parseID(stringOf(reference))
	if !numeric || stringOf(reference) == "" {
		return 0, noReference(reference)
	}
	if st.tags[id] == nil {
		return 0, noSuchID(id)
	}
	return id, ""
}

// noSuchAttributes returns NetBox's message about a reference that names no object.
func noSuchAttributes(attributes map[string]any) string {
	return "Related object not found using the provided attributes: " + pyRepr(attributes)
}

func noSuchID(id int64) string {
	return "Related object not found using the provided numeric ID: " + formatID(id)
}

func noReference(v any) string {
	return "Related objects must be referenced by numeric ID or by dictionary of attributes. " +
		"Received an unrecognized value: " + pyString(v)
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

// forcedTags reads the tags given to AddFabric, which may also be slugs and names.
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
