package netboxtest

import (
	"net/http"
	"slices"
	"strings"
)

// serveTags serves the list of tags.
func (c *call) serveTags() answer {
	if !c.may(tagType) {
		return forbidden()
	}
	if c.method == http.MethodPost {
		return c.createTag()
	}
	rows := []any{}
	for _, t := range c.store.sortedTags() {
		columns := map[string]string{"id": formatID(t.id), "name": t.name, "slug": t.slug}
		if filtered(c.r.URL.Query(), columns) {
			rows = append(rows, c.shown("tags", c.renderTag(t), c.view))
		}
	}
	return c.page(rows)
}

func (c *call) serveTag(id int64) answer {
	if !c.may(tagType) {
		return forbidden()
	}
	t := c.store.tags[id]
	if t == nil {
		return detail(http.StatusNotFound, "No Tag matches the given query.")
	}
	if c.method == http.MethodGet {
		return c.oneTag(t, http.StatusOK)
	}
	data, refused := c.bodyObject()
	if refused != nil {
		return *refused
	}
	if c.method == http.MethodDelete {
		return c.removeTag(t, data)
	}
	changed := *t
	errs := c.writeTag(&changed, data, false)
	message := c.changelogMessage(data, errs)
	if len(errs) > 0 {
		return ok(http.StatusBadRequest, errs)
	}
	changed.updated = c.clock.stamp(t.updated)
	c.store.tags[id] = &changed
	c.logTag(t, &changed, message)
	return c.oneTag(&changed, http.StatusOK)
}

func (c *call) createTag() answer {
	data, refused := c.bodyObject()
	if refused != nil {
		return *refused
	}
	t := newTag()
	errs := c.writeTag(&t, data, true)
	message := c.changelogMessage(data, errs)
	if len(errs) > 0 {
		return ok(http.StatusBadRequest, errs)
	}
	created := c.addTag(t)
	c.logTag(nil, created, message)
	a := c.oneTag(created, http.StatusCreated)
	a.location = c.base + "/api/extras/tags/" + formatID(created.id) + "/"
	return a
}

// removeTag deletes a tag and removes it from every object. That is not a change of the objects.
func (c *call) removeTag(t *tag, data map[string]any) answer {
	errs := refusal{}
	message := c.changelogMessage(data, errs)
	if len(errs) > 0 {
		return ok(http.StatusBadRequest, errs)
	}
	for _, table := range c.store.tables {
		for _, o := range table.rows {
			if slices.Contains(o.tags, t.id) {
				bare := o.clone()
				bare.tags = slices.DeleteFunc(bare.tags, func(id int64) bool { return id == t.id })
				table.put(bare)
			}
		}
	}
	delete(c.store.tags, t.id)
	c.logTag(t, nil, message)
	return answer{status: http.StatusNoContent}
}

func (c *call) oneTag(t *tag, status int) answer {
	body := c.renderTag(t)
	if status == http.StatusCreated && !c.profile.countsAtOnce {
		delete(body, "tagged_items")
	}
	a := ok(status, c.shown("tags", body, c.view))
	a.etag = c.tagOf(t.updated)
	return a
}

func (c *call) logTag(before, after *tag, message string) {
	named := after
	if after == nil {
		named = before
	}
	c.logEntry(loggedChange{verbose: "tag", before: before.logged(), after: after.logged(), oldTag: before,
		newTag: after, ChangelogEntry: ChangelogEntry{ObjectType: tagType, ObjectID: named.id, ObjectRepr: named.name,
			Message: message}})
}

// logged returns a tag in the form of the changelog.
func (t *tag) logged() map[string]any {
	if t == nil {
		return map[string]any{}
	}
	return map[string]any{"name": t.name, "slug": t.slug, "color": t.color, "description": t.about,
		"weight": t.weight, "object_types": []any{}, "owner": nil}
}

// writeTag validates a body's values and writes them to a tag.
func (c *call) writeTag(t *tag, data map[string]any, creating bool) refusal {
	errs := refusal{}
	for _, column := range []struct {
		rule  field
		value *string
	}{
		{field{name: "name", required: true, max: 100}, &t.name},
		{field{name: "slug", required: true, max: 100}, &t.slug},
		{field{name: "color", max: 6}, &t.color},
		{field{name: "description", blank: true, max: 200}, &t.about},
		{field{name: "weight", kind: integerKind}, (*string)(&t.weight)},
	} {
		given, present := data[column.rule.name]
		if !present {
			if column.rule.required && creating {
				errs.add(column.rule.name, msgRequired)
			}
			continue
		}
		value, messages := column.rule.check(given)
		errs.add(column.rule.name, messages...)
		if len(messages) == 0 {
			*column.value = stringOf(value)
			errs.add(column.rule.name, c.tagConflict(t, column.rule.name)...)
		}
	}
	return errs
}

// tagConflict checks a name or a slug against the other tags.
func (c *call) tagConflict(t *tag, column string) (messages []string) {
	for _, other := range c.store.tags {
		if other.id != t.id && (column == "name" && other.name == t.name || column == "slug" && other.slug == t.slug) {
			messages = append(messages, "tag with this "+column+" already exists.")
		}
	}
	if column == "slug" && strings.ContainsFunc(t.slug, notSlug) {
		messages = append(messages, `Enter a valid "slug" consisting of Unicode letters, numbers, underscores, or `+
			`hyphens.`)
	}
	return messages
}
