package netboxtest

import (
	"encoding/json"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"time"
)

// AddFabric stores a fabric without validation, so that it can have values like older data, and
// returns its id. fields has the keys of the API's body; missing keys get NetBox's defaults.
// "tags" are ids, slugs or names as strings, or {"slug": …}. "custom_fields" and
// "custom_field_data" are raw values by key. "created" and "last_updated" are times; a nil
// "last_updated" is null. Only AddFabric accepts "id". It panics on an unknown key.
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

// AddObjects stores n objects of an endpoint without validation, and returns the first id; the
// other ids follow. fields returns the fields of object i in AddFabric's form, without tags and
// custom fields. It is called whenever the object is read and must always return the same
// values. This way a test can have hundreds of thousands of objects.
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

// made returns the values of a row with these fields.
func (s *Server) made(m *model, fields map[string]any) map[string]any {
	o := &object{values: m.initialValues()}
	s.force(m, o, fields)
	return o.values
}

// UpdateFabric changes a fabric without validation, as another client or a sync would, and
// updates last_updated. The keys are those of AddFabric. It panics if there is no such fabric.
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

// DeleteFabric deletes a fabric and all its imported objects, even with the published plugin,
// whose DELETE fails. A missing id is not an error.
func (s *Server) DeleteFabric(id int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.deleteFabric(id)
}

// Fabric returns a stored fabric as encoding/json would decode the API's body, with numbers as
// float64. It has no display_url.
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

// FabricByName is like Fabric, by exact name.
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

// Fabrics returns all stored fabrics, in the form of Fabric and the order of ids.
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

// force writes values to a row without validation.
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

// plainJSON converts a Go value to the form of decoded bodies: json.Number for numbers, NetBox's
// form for times.
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
