package netboxtest

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// serveObject serves one object's path.
func (c *call) serveObject(m *model, key string) answer {
	if !c.may(m.objectType) {
		return forbidden()
	}
	id, numeric := parseID(key)
	if !numeric {
		return detail(http.StatusNotFound, "Not found.")
	}
	stored := c.store.table(m).get(id)
	if stored == nil || !c.sees(m, stored) {
		return detail(http.StatusNotFound, "No "+m.name+" matches the given query.")
	}
	if c.method == http.MethodGet {
		return c.one(m, stored, http.StatusOK)
	}
	body, refused := c.bodyJSON()
	if refused != nil {
		return *refused
	}
	if !c.matches(stored.version()) {
		return preconditionFailed(etag(stored.version()))
	}
	if c.method == http.MethodDelete {
		return c.remove(m, stored, body)
	}
	ch, errs := c.changedRow(m, stored, body)
	switch {
	case errs != nil:
		return ok(http.StatusBadRequest, errs)
	case c.undone(m):
		return displayURLError(m)
	}
	changed, conflict := c.replace(m, ch)
	if conflict != nil {
		return *conflict
	}
	return c.one(m, changed, http.StatusOK)
}

// undone reports whether every write to the model is rolled back. That is so if this version
// renders events inside of the transaction and the published plugin makes that fail, whatever
// the query omits from the answer.
func (c *call) undone(m *model) bool {
	return c.published && m.brokenURL && !c.profile.lateEvents
}

// one renders an object. With the published plugin it may fail after the write.
func (c *call) one(m *model, o *object, status int) answer {
	if c.breaks(m, c.view) {
		return displayURLError(m)
	}
	a := ok(status, c.render(m, o, c.base, c.view))
	a.etag = c.tagOf(o.version())
	if status == http.StatusCreated && c.view.has("url") {
		a.location = c.base + pluginPath + m.endpoint + "/" + formatID(o.id) + "/"
	}
	return a
}

// tagOf returns the ETag of an object with this last_updated, or "" if this NetBox has no ETags.
func (c *call) tagOf(updated time.Time) string {
	if !c.profile.entityTags {
		return ""
	}
	return etag(updated)
}

// matches reports whether the request's If-Match, if any, is the tag of an object with this
// last_updated. NetBox compares the whole tag with its W/; from its source.
func (c *call) matches(updated time.Time) bool {
	header := strings.TrimSpace(c.r.Header.Get("If-Match"))
	if header == "" || header == "*" || !c.profile.entityTags {
		return true
	}
	for tag := range strings.SplitSeq(header, ",") {
		if strings.TrimSpace(tag) == etag(updated) {
			return true
		}
	}
	return false
}

// remove deletes an object. The published plugin fails while it renders the deleted object,
// whatever the query omits, and the deletion is rolled back.
func (c *call) remove(m *model, o *object, body any) answer {
	data, errs := dictionary(body)
	if errs == nil {
		errs = refusal{}
	}
	message := c.changelogMessage(data, errs)
	if len(errs) > 0 {
		return ok(http.StatusBadRequest, errs)
	}
	if broken := c.unrenderable(m, o); c.published && broken != nil {
		return displayURLError(broken)
	}
	c.delete(m, o, message)
	return answer{status: http.StatusNoContent}
}

// unrenderable returns the first model whose display_url the published plugin breaks, among the
// objects that are deleted with this object and then the object itself.
func (s *Server) unrenderable(m *model, o *object) *model {
	if m.endpoint == fabricEndpoint {
		for _, endpoint := range slices.Sorted(maps.Keys(s.models)) {
			child := s.models[endpoint]
			if child.brokenURL && child != m && len(s.store.table(child).inFabric(o.id)) > 0 {
				return child
			}
		}
	}
	if m.brokenURL {
		return m
	}
	return nil
}

func (c *call) delete(m *model, o *object, message string) {
	if m.endpoint == fabricEndpoint {
		for _, gone := range c.deleteFabric(o.id) {
			if gone.model == m {
				c.logRemoval(gone, message)
			} else {
				c.logRemoval(gone, "")
			}
		}
		return
	}
	gone := removedObject{m, o, m.label(&c.store, o)}
	c.store.table(m).drop(o.id)
	c.logRemoval(gone, message)
}
