package netbox

import (
	"bytes"
	"encoding/json"
	"slices"
)

// canonicalJSON writes JSON in the form of [appendCanonical] without decoding it into
// values. For a page of a thousand objects, the values would be many times its size.
type canonicalJSON struct {
	form    []byte
	rest    []byte // unread JSON
	entries []jsonEntry
	sorted  []byte
}

// jsonEntry is the position of an object's key and value in the canonical form.
type jsonEntry struct {
	start, end int
	key        []byte
}

// content returns the content of NetBox's copy of an object, from valid JSON. Null counts
// as an empty object.
func (c *canonicalJSON) content(parts ...json.RawMessage) Content {
	c.form = c.form[:0]
	for _, part := range parts {
		if string(part) == "null" {
			part = json.RawMessage("{}")
		}
		c.rest = part
		c.value()
	}
	return hashed(c.form)
}

func (c *canonicalJSON) value() {
	c.skipBlanks()
	if len(c.rest) == 0 {
		return
	}
	switch first := c.rest[0]; first {
	case '{':
		c.object()
	case '[':
		c.list()
	case '"':
		c.form = appendText(append(c.form, 's'), c.text())
	case 'n', 't', 'f':
		if c.form = append(c.form, first); first == 'n' {
			c.form[len(c.form)-1] = 'z'
		}
		c.rest = c.rest[min(len(c.rest), map[byte]int{'n': 4, 't': 4, 'f': 5}[first]):]
	default:
		c.form = appendNumber(c.form, c.number())
	}
}

func (c *canonicalJSON) list() {
	c.form = append(c.form, '[')
	for c.more(']') {
		c.value()
	}
	c.form = append(c.form, ']')
}

func (c *canonicalJSON) object() {
	c.form = append(c.form, '{')
	start, outer := len(c.form), len(c.entries)
	for c.more('}') {
		entry := jsonEntry{start: len(c.form), key: c.text()}
		c.form = appendText(append(c.form, 'k'), entry.key)
		c.skipBlanks()
		c.rest = c.rest[min(1, len(c.rest)):] // the colon
		c.value()
		entry.end = len(c.form)
		c.entries = append(c.entries, entry)
	}
	c.sort(c.entries[outer:], start)
	c.entries = c.entries[:outer]
	c.form = append(c.form, '}')
}

// sort sorts an object's entries by key.
func (c *canonicalJSON) sort(entries []jsonEntry, start int) {
	byKey := func(a, b jsonEntry) int { return bytes.Compare(a.key, b.key) }
	if slices.IsSortedFunc(entries, byKey) {
		return
	}
	slices.SortFunc(entries, byKey)
	c.sorted = c.sorted[:0]
	for _, entry := range entries {
		c.sorted = append(c.sorted, c.form[entry.start:entry.end]...)
	}
	copy(c.form[start:], c.sorted)
}

// more moves past a bracket or comma to the next element, or past the end.
func (c *canonicalJSON) more(end byte) bool {
	c.skipBlanks()
	if len(c.rest) > 0 && c.rest[0] != end {
		c.rest = c.rest[1:]
		c.skipBlanks()
	}
	if len(c.rest) == 0 || c.rest[0] == end {
		c.rest = c.rest[min(1, len(c.rest)):]
		return false
	}
	return true
}

// text reads a string.
func (c *canonicalJSON) text() []byte {
	c.skipBlanks()
	end, plain := 1, true
	for end < len(c.rest) && c.rest[end] != '"' {
		if c.rest[end] == '\\' {
			end, plain = end+1, false
		}
		end++
	}
	raw := c.rest[:min(len(c.rest), end+1)]
	c.rest = c.rest[len(raw):]
	if !plain {
		return unquoted(raw)
	}
	return raw[1 : len(raw)-1]
}

func unquoted(raw []byte) []byte {
	var text string
	if json.Unmarshal(raw, &text) != nil {
		return raw
	}
	return []byte(text)
}

// number reads a number.
func (c *canonicalJSON) number() []byte {
	end := 1
	for end < len(c.rest) && !bytes.ContainsRune([]byte(" \t\r\n,]}"), rune(c.rest[end])) {
		end++
	}
	digits := c.rest[:end]
	c.rest = c.rest[end:]
	return digits
}

func (c *canonicalJSON) skipBlanks() { c.rest = bytes.TrimLeft(c.rest, " \t\r\n") }
