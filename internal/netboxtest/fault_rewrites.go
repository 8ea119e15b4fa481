package netboxtest

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"sync"
)

// Rewrite changes the JSON of an answer: f gets the decoded body, with json.Number for numbers,
// and returns the new one. NetBox has handled the request. Answers without JSON don't change.
func Rewrite(name string, f func(r *http.Request, body any) any) Kind {
	return Kind{name: name, strike: func(k *strike) {
		answer := k.handle()
		body, err := decodeJSON(answer.body.Bytes())
		if err != nil {
			answer.send(k.w, nil)
			return
		}
		answer.send(k.w, encodeJSON(f(k.r, body)))
	}}
}

// Set sets values in the answer's object, or in every object of a list: wrong types, unknown
// values, nulls, numbers as json.Number.
func Set(values map[string]any) Kind {
	return Rewrite("other values of "+joined(values), func(_ *http.Request, body any) any {
		for _, object := range objectsIn(body) {
			maps.Copy(object, values)
		}
		return body
	})
}

func joined(values map[string]any) string {
	text := ""
	for _, key := range slices.Sorted(maps.Keys(values)) {
		text += " " + key
	}
	return text[min(1, len(text)):]
}

// objectsIn returns the objects of an answer: a single one, a page's or a bulk answer's.
func objectsIn(body any) []map[string]any {
	page, isObject := body.(map[string]any)
	list, isList := body.([]any)
	if results, isPage := page["results"].([]any); isPage {
		list, isList = results, true
	}
	if !isList && isObject {
		return []map[string]any{page}
	}
	objects := []map[string]any{}
	for _, e := range list {
		if object, isObject := e.(map[string]any); isObject {
			objects = append(objects, object)
		}
	}
	return objects
}

// NextRepeats makes the next link of a page lead to the page itself.
func NextRepeats() Kind {
	return Rewrite("repeated next link", func(r *http.Request, body any) any {
		if page, isObject := body.(map[string]any); isObject {
			page["next"] = baseOf(r) + r.URL.RequestURI()
		}
		return body
	})
}

// NextForever makes a list endless: after the last page, it repeats the objects of the first
// page with increasing ids.
func NextForever() Kind {
	var mu sync.Mutex
	var first []any
	pages := int64(0)
	return Rewrite("endless next links", func(r *http.Request, body any) any {
		page, isObject := body.(map[string]any)
		results, isPage := page["results"].([]any)
		if !isObject || !isPage {
			return body
		}
		mu.Lock()
		defer mu.Unlock()
		if first == nil {
			first = results
		}
		if page["next"] != nil {
			return body
		}
		if len(results) == 0 {
			pages++
			page["results"] = shifted(first, pages*1_000_000)
		}
		page["next"] = baseOf(r) + r.URL.Path + "?" + further(r.URL.Query(), len(first)).Encode()
		return body
	})
}

// further returns a page's query, moved past the last object.
func further(q url.Values, by int) url.Values {
	key := "offset"
	if q.Has("start") {
		key = "start"
	}
	at, _ := strconv.ParseInt(q.Get(key), 10, 64)
	q.Set(key, strconv.FormatInt(at+max(int64(by), 1)*1_000_000, 10))
	return q
}

// shifted returns objects with other ids and names.
func shifted(list []any, by int64) []any {
	moved := []any{}
	for _, e := range list {
		object, _ := e.(map[string]any)
		id, _ := idOf(object["id"])
		object = maps.Clone(object)
		object["id"] = json.Number(formatID(id + by))
		if object["name"] != nil {
			object["name"] = stringOf(object["name"]) + "-" + formatID(id+by)
		}
		moved = append(moved, object)
	}
	return moved
}
