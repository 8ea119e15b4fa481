package netboxtest

import (
	"cmp"
	"net/url"
	"strings"
)

// view is the keys of a body that a request selects. A write can change only these keys.
type view struct {
	fields map[string]bool // nil: all
	omit   map[string]bool
}

// viewOf reads fields and omit. If both are present, NetBox obeys only fields; from its source.
func viewOf(q url.Values, p *profile) view {
	switch {
	case q.Get("fields") != "":
		return view{fields: names(q["fields"])}
	case q.Get("omit") != "" && p.omit:
		return view{omit: names(q["omit"])}
	}
	return view{}
}

func names(values []string) map[string]bool {
	set := map[string]bool{}
	for _, value := range values {
		for name := range strings.SplitSeq(value, ",") {
			set[name] = true
		}
	}
	return set
}

func (v view) has(name string) bool {
	if v.fields != nil {
		return v.fields[name]
	}
	return !v.omit[name]
}

// breaks reports whether rendering an object of the model in this view raises the
// published plugin's exception.
func (s *Server) breaks(m *model, v view) bool {
	return s.published && m.brokenURL && v.has("display_url")
}

// render returns an object's body.
func (s *Server) render(m *model, o *object, base string, v view) map[string]any {
	body := map[string]any{}
	put := func(name string, value func() any) {
		if v.has(name) {
			body[name] = value()
		}
	}
	path := "plugins/hedgehog/" + m.endpoint + "/" + formatID(o.id) + "/"
	page := "plugins/hedgehog/" + cmp.Or(m.page, m.endpoint) + "/" + formatID(o.id) + "/"
	put("id", func() any { return o.id })
	put("tags", func() any { return s.store.renderTags(o.tags, base) })
	put("custom_fields", func() any { return s.renderCustom(m.objectType, o.custom, base) })
	put("url", func() any { return base + "/api/" + path })
	if m.hasURL && s.published && !m.brokenURL {
		put("display_url", func() any { return base + "/" + page })
	}
	put("display", func() any { return m.label(&s.store, o) })
	put("created", func() any { return isoZ(o.created) })
	put("last_updated", func() any {
		if o.updated.IsZero() {
			return nil
		}
		return isoZ(o.updated)
	})
	put("custom_field_data", func() any { return o.custom })
	values := o.all()
	for _, f := range m.fields {
		put(f.name, func() any { return values[f.name] })
	}
	return body
}
