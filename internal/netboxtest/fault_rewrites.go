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

// Rewrite changes the JSON of an answer: f gets it decoded, with json.Number for
// numbers, and returns what to send. NetBox has handled the request. An answer
// without JSON stays as it is.
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

// Set puts these values into the object that is answered with, or into every
// object of the list: wrong types, unknown values, nulls, numbers as json.Number.
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

// objectsIn are the objects of an answer: its own, a page's or a bulk answer's.
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

// NextRepeats is a page whose next link leads to itself.
func NextRepeats() Kind {
	return Rewrite("repeated next link", func(r *http.Request, body any) any {
		if page, isObject := body.(map[string]any); isObject {
			page["next"] = baseOf(r) + r.URL.RequestURI()
		}
		return body
	})
}

// NextForever is a list without an end: after the last page come more, whose
// objects are those of the first page under ids that grow.
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

// further is a page's query moved on, beyond the last object.
func further(q url.Values, by int) url.Values {
	key := "offset"
	if q.Has("start") {
		key = "start"
	}
	at, _ := strconv.ParseInt(q.Get(key), 10, 64)
	q.Set(key, strconv.FormatInt(at+max(int64(by), 1)*1_000_000, 10))
	return q
}

// shifted are objects with their ids and names moved on.
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
