package rest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// PagingError means that a list cannot be read completely.
type PagingError struct{ Problem string }

func (e *PagingError) Error() string { return "NetBox's list cannot be read completely: " + e.Problem }

// MaxPageSize is the largest page that NetBox returns by default (MAX_PAGE_SIZE, which an
// administrator may lower).
const MaxPageSize PageSize = 1000

// PageSize is how many records a request for a list asks for.
type PageSize int64

// Smaller reports whether a page failed because its answer was too large, so that a smaller
// page may work. It then makes this and the following pages smaller.
func (n *PageSize) Smaller(err error) bool {
	if _, large := errors.AsType[*TooLargeError](err); !large || *n <= 1 {
		return false
	}
	*n = max(1, *n/4) // it takes few requests from 1,000 records to one
	return true
}

func (n PageSize) String() string { return strconv.FormatInt(int64(n), 10) }

// From these sizes on, a list counts as endless. They are far beyond any NetBox and still
// fit into memory.
const (
	maxListed    = 100_000 // records
	maxListPages = 1_000
)

// extent is how much of a list has been read.
type extent struct{ pages, records int }

// more counts another page. Its error means that the list does not seem to end.
func (e *extent) more() error {
	if e.pages++; e.pages > maxListPages || e.records >= maxListed {
		return &PagingError{fmt.Sprintf("it has not ended after %d objects on %d pages", e.records, e.pages-1)}
	}
	return nil
}

// List is a list of NetBox's API, to be read page by page: with [List.Scan] if its records
// have ids in order, and with [List.Pages] in any order.
type List[T any] struct {
	Client *Client
	Path   string
	Query  url.Values // of each request, without the page's position
	// Decode decodes a record. The memory of the record is reused afterwards. The error is
	// a [*FieldError] or a JSON error.
	Decode  func(a *Answer, record []byte) (T, error)
	outside bool // see Message
}

// Page is one page of a list.
type Page[T any] struct {
	Records []T
	Count   *int64    // of the whole list, if NetBox says it
	Date    time.Time // of the answer, by NetBox's clock; zero if it has none
	next    *string   // the link to the next page
}

// IsLast reports whether this is the last page.
func (p *Page[T]) IsLast() bool { return p.next == nil }

// Page reads one page.
func (l *List[T]) Page(ctx context.Context, position url.Values, size PageSize) (*Page[T], error) {
	query := url.Values{"limit": {size.String()}}
	maps.Copy(query, l.Query)
	maps.Copy(query, position)
	a, err := l.Client.Do(ctx, &Message{Method: http.MethodGet, Path: l.Path, Query: query, outside: l.outside})
	if err != nil {
		return nil, err
	}
	page := &Page[T]{}
	page.Date, _ = a.Date()
	err = a.DecodeWith(func(body []byte) error {
		return page.read(body, func(record []byte) (T, error) { return l.Decode(a, record) })
	})
	if err != nil {
		return nil, err
	}
	return page, nil
}

// read decodes a page, one record after the other, so that at most one is in memory in
// addition to the answer and the decoded records.
func (p *Page[T]) read(body []byte, decode func([]byte) (T, error)) error {
	d := json.NewDecoder(bytes.NewReader(body))
	switch start, err := d.Token(); {
	case err != nil:
		return err
	case start != json.Delim('{'):
		return &FieldError{WholeRecord, "is not a JSON object"}
	}
	listed := false
	fields := Fields{raw: map[string]json.RawMessage{}}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return err
		}
		if key == "results" {
			listed = true
			if err := p.readRecords(d, decode); err != nil {
				return err
			}
			continue
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return err
		}
		if name, ok := key.(string); ok {
			fields.raw[name] = value
		}
	}
	if _, err := d.Token(); err != nil {
		return err
	}
	var count int64
	if fields.Into("count", &count, Optional) {
		p.Count = &count
	}
	var next string
	if fields.Into("next", &next, Optional) {
		p.next = &next
	}
	if !listed {
		fields.Fail("results", "is missing")
	}
	return fields.Err()
}

func (p *Page[T]) readRecords(d *json.Decoder, decode func([]byte) (T, error)) error {
	switch start, err := d.Token(); {
	case err != nil:
		return err
	case start != json.Delim('['):
		return &FieldError{"results", "is not a list"}
	}
	var raw json.RawMessage // its memory is reused for each record
	for d.More() {
		if err := d.Decode(&raw); err != nil {
			return err
		}
		record, err := decode(raw)
		if err != nil {
			return err
		}
		p.Records = append(p.Records, record)
	}
	_, err := d.Token()
	return err
}
