package netboxtest

import (
	"encoding/json"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"time"
)

// AddFabric stores a fabric without asking the validation, so that it can hold
// what older data holds, and returns its id. Keys are those of the API's body;
// what is missing has NetBox's default. "tags" are ids, or slugs or names as
// strings or {"slug": …}; "custom_fields" and "custom_field_data" are raw values
// by key; "created" and "last_updated" are times, the latter nil for null; "id" is for AddFabric only.
// An unknown key panics.
func (s *Server) AddFabric(fields map[string]any) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.models[fabricEndpoint]
	created := s.clock.stamp(time.Time{})
	o := &object{id: s.store.nextID(m), created: created, updated: s.clock.stamp(created),
		values: m.initialValues(), custom: s.store.customDefaults(m.objectType)}
	s.force(m, o, fields)
	s.store.lastID[m.endpoint] = max(s.store.lastID[m.endpoint], o.id)
	s.store.table(m).put(o)
	return o.id
}

// AddObjects stores n objects of an endpoint without asking the validation, and returns
// the id of the first; the others follow. fields gives the fields of the i-th, as
// AddFabric takes them, but no tags and no custom fields. It is called whenever the
// object is read, and has to give the same each time: so that a test can have hundreds
// of thousands of objects.
func (s *Server) AddObjects(endpoint string, n int, fields func(i int) map[string]any) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.models[endpoint]
	first := s.store.lastID[endpoint] + 1
	for i := range n {
		created := s.clock.stamp(time.Time{})
		o := &object{id: s.store.nextID(m), created: created, updated: s.clock.stamp(created), custom: map[string]any{}}
		o.made = func() map[string]any { return s.made(m, fields(i)) }
		s.store.table(m).put(o)
	}
	return first
}

// made is the values of a row that has these fields.
func (s *Server) made(m *model, fields map[string]any) map[string]any {
	o := &object{values: m.initialValues()}
	s.force(m, o, fields)
	return o.values
}

// UpdateFabric changes a fabric without asking the validation, as another
// client or a sync on the server would, and moves last_updated. Keys are those
// of AddFabric. It panics if there is no such fabric.
func (s *Server) UpdateFabric(id int64, fields map[string]any) {
	s.UpdateObject(fabricEndpoint, id, fields)
}

// UpdateObject changes an object of an endpoint as UpdateFabric does a fabric.
func (s *Server) UpdateObject(endpoint string, id int64, fields map[string]any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.models[endpoint]
	old := s.store.table(m).get(id)
	if old == nil {
		panic(fmt.Sprintf("stand-in NetBox: no object %d of %s", id, endpoint))
	}
	o := old.clone()
	o.updated = s.clock.stamp(old.updated)
	s.force(m, o, fields)
	o.id = id
	s.store.table(m).put(o)
}

// DeleteFabric removes a fabric and every resource in it, also while the
// published plugin's DELETE is broken. An absent id is no error.
func (s *Server) DeleteFabric(id int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.deleteFabric(id)
}

// Fabric is a stored fabric as encoding/json would decode the API's body of it:
// numbers are float64. It has no display_url.
func (s *Server) Fabric(id int64) (map[string]any, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.models[fabricEndpoint]
	o := s.store.table(m).get(id)
	if o == nil {
		return nil, false
	}
	return s.decoded(m, o), true
}

// FabricByName is Fabric by its exact name.
func (s *Server) FabricByName(name string) (map[string]any, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.models[fabricEndpoint]
	for _, o := range s.store.rows(m) {
		if o.all()["name"] == name {
			return s.decoded(m, o), true
		}
	}
	return nil, false
}

// Fabrics are all stored fabrics, as Fabric gives them, in the order of ids.
func (s *Server) Fabrics() []map[string]any {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.models[fabricEndpoint]
	list := []map[string]any{}
	for _, o := range s.store.rows(m) {
		list = append(list, s.decoded(m, o))
	}
	return list
}

func (s *Server) decoded(m *model, o *object) map[string]any {
	body := s.render(m, o, s.URL(), view{omit: map[string]bool{"display_url": true}})
	var v map[string]any
	if err := json.Unmarshal(encodeJSON(body), &v); err != nil {
		panic(fmt.Sprintf("stand-in NetBox: %v", err))
	}
	return v
}

// force puts values into a row as they are.
func (s *Server) force(m *model, o *object, fields map[string]any) {
	for key, value := range fields {
		switch key {
		case "id":
			o.id, _ = idOf(plainJSON(value))
		case "tags":
			o.tags = s.store.forcedTags(value)
		case "custom_fields", "custom_field_data":
			data, _ := plainJSON(value).(map[string]any)
			maps.Copy(o.custom, data)
		case "created":
			o.created = forcedTime(value)
		case "last_updated":
			o.updated = time.Time{} // NetBox's null
			if value != nil {
				o.updated = forcedTime(value)
			}
		default:
			f := m.field(key)
			if f == nil {
				panic(fmt.Sprintf("stand-in NetBox: %s has no field %q", m.name, key))
			}
			o.values[key] = plainJSON(value)
			if t, valid := parseDatetime(stringOf(value)); f.kind == datetimeKind && valid {
				o.values[key] = isoZ(t)
			}
		}
	}
}

// plainJSON brings a Go value into the form in which bodies are decoded:
// json.Number for numbers, NetBox's form for times.
func plainJSON(v any) any {
	switch v := v.(type) {
	case nil, string, bool, json.Number:
		return v
	case int:
		return json.Number(strconv.Itoa(v))
	case int64:
		return json.Number(formatID(v))
	case time.Time:
		return isoZ(v)
	case *time.Time:
		if v != nil {
			return isoZ(*v)
		}
	}
	plain, err := decodeJSON(encodeJSON(v))
	if err != nil {
		panic(fmt.Sprintf("stand-in NetBox: %v", err))
	}
	return plain
}

func forcedTime(v any) time.Time {
	if t, isTime := v.(time.Time); isTime {
		return t.UTC().Truncate(time.Microsecond)
	}
	t, err := time.Parse(time.RFC3339Nano, stringOf(v))
	if err != nil {
		panic(fmt.Sprintf("stand-in NetBox: %v", err))
	}
	return t.UTC().Truncate(time.Microsecond)
}

func lower(s string) string { return strings.ToLower(s) }
