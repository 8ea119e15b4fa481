package netboxtest

import (
	"net/http"
	"strings"
)

// serveObject answers on one object's path.
func (c *call) serveObject(m *model, key string) answer {
	if !c.who.mayView(m) || c.method != http.MethodGet && !c.who.admin {
		return forbidden()
	}
	id, numeric := parseID(key)
	if !numeric {
		return detail(http.StatusNotFound, "Not found.")
	}
	stored := c.store.table(m)[id]
	if stored == nil || !c.who.sees(m, stored) {
		return detail(http.StatusNotFound, "No "+m.name+" matches the given query.")
	}
	if c.method == http.MethodGet {
		return c.one(m, stored, http.StatusOK)
	}
	body, refused := c.bodyJSON()
	if refused != nil {
		return *refused
	}
	if !c.matches(stored) {
		return preconditionFailed(etag(stored.updated))
	}
	if c.method == http.MethodDelete {
		return c.remove(m, stored, body)
	}
	ch, errs := c.changedRow(m, stored, body, c.method == http.MethodPut)
	if errs != nil {
		return ok(http.StatusBadRequest, errs)
	}
	return c.one(m, c.replace(m, ch), http.StatusOK)
}

// one renders an object, which the published plugin may break after the write.
func (c *call) one(m *model, o *object, status int) answer {
	if c.breaks(m, c.view) {
		return displayURLError()
	}
	a := ok(status, c.render(m, o, c.base, c.view))
	a.etag = etag(o.updated)
	if status == http.StatusCreated && c.view.has("url") {
		a.location = c.base + pluginPath + m.endpoint + "/" + formatID(o.id) + "/"
	}
	return a
}

// matches says whether the request's If-Match, if any, names the stored state.
// Weak tags compare equal to strong ones.
func (c *call) matches(o *object) bool {
	header := strings.TrimSpace(c.r.Header.Get("If-Match"))
	if header == "" || header == "*" {
		return true
	}
	current := strings.TrimPrefix(etag(o.updated), "W/")
	for tag := range strings.SplitSeq(header, ",") {
		if strings.TrimPrefix(strings.TrimSpace(tag), "W/") == current {
			return true
		}
	}
	return false
}

// remove deletes an object. The published plugin breaks while it renders the
// deleted object, whatever the query's omit, and the deletion is rolled back.
func (c *call) remove(m *model, o *object, body any) answer {
	data, errs := dictionary(body)
	if errs == nil {
		errs = refusal{}
	}
	message := c.changelogMessage(data, errs)
	if len(errs) > 0 {
		return ok(http.StatusBadRequest, errs)
	}
	if c.published && m.brokenURL {
		return displayURLError()
	}
	c.delete(m, o, message)
	return answer{status: http.StatusNoContent}
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
	delete(c.store.table(m), o.id)
	c.logRemoval(gone, message)
}
