package netbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"math"
	"net/url"
	"strconv"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

// maxPageSize is the most that NetBox gives at once by default (MAX_PAGE_SIZE, which an
// administrator may lower).
const maxPageSize pageSize = 1000

// Where a list counts as one without an end: far beyond any NetBox, and still
// fitting into memory.
const (
	maxListed    = 100_000 // objects
	maxListPages = 1_000
)

// extent is how far a list has been read.
type extent struct{ pages, objects int }

// more counts another page. Its error says that the list does not seem to end.
func (e *extent) more() error {
	if e.pages++; e.pages > maxListPages || e.objects >= maxListed {
		return &PagingError{fmt.Sprintf("it has not ended after %d objects on %d pages", e.objects, e.pages-1)}
	}
	return nil
}

// pageSize is how many objects a list is asked for at once.
type pageSize int64

// smaller reports whether a page may work that has fewer objects: this one failed
// because its answer was too large. The pages that follow are smaller as well.
func (n *pageSize) smaller(err error) bool {
	if _, large := errors.AsType[*rest.TooLargeError](err); !large || *n <= 1 {
		return false
	}
	*n = max(1, *n/4) // few requests lead from 1,000 objects to one
	return true
}

func (n pageSize) String() string { return strconv.FormatInt(int64(n), 10) }

// All returns all fabrics that the token may see, in the order of their ids. It ends
// with the first error.
func (f *Fabrics) All(ctx context.Context) iter.Seq2[*Read, error] {
	return inForm(ctx, f.client, wholeRecords)
}

// Timed is what decides when a fabric is synced.
type Timed struct {
	// Fabric has no credentials, tags, custom fields, counts or description: they are
	// not read, and make nearly all of a list's size and time.
	Fabric     fabric.Fabric
	ObservedAt time.Time // as in Read
	LocalClock bool      // as in Read
}

// Timers returns all fabrics that the token may see, in the order of their ids, with
// what decides when they are synced. It ends with the first error.
func (f *Fabrics) Timers(ctx context.Context) iter.Seq2[*Timed, error] {
	return inForm(ctx, f.client, timers)
}

// inForm returns all fabrics in a form.
func inForm[T any](ctx context.Context, c *Client, form recordForm[T]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		if err := c.Check(ctx); err != nil {
			yield(none, err)
			return
		}
		s := newScan(c, form)
		for start := int64(0); ; {
			found, part, err := s.page(ctx, start)
			if err != nil {
				yield(none, err)
				return
			}
			for _, one := range found {
				if !yield(one, nil) {
					return
				}
			}
			if part.last == lastID {
				return
			}
			start = part.last + 1
		}
	}
}

// recordForm is what a scan asks for of each fabric, and what it makes of it.
type recordForm[T any] struct {
	fields string // those to ask for; "" for all
	read   func(c *Client, a *rest.Answer, record json.RawMessage) (T, error)
	id     func(T) int64
}

var wholeRecords = recordForm[*Read]{
	read: func(c *Client, a *rest.Answer, raw json.RawMessage) (*Read, error) {
		var record fabricRecord
		if err := record.UnmarshalJSON(raw); err != nil {
			return nil, err
		}
		return c.newRead(record, a), nil
	},
	id: func(r *Read) int64 { return r.Fabric.ID },
}

var timers = recordForm[*Timed]{
	fields: timerFields,
	read: func(_ *Client, a *rest.Answer, raw json.RawMessage) (*Timed, error) {
		d, err := rest.ReadFields(raw)
		if err != nil {
			return nil, err
		}
		t := &Timed{}
		if readTimerFields(d, &t.Fabric); d.Err() != nil {
			return nil, d.Err()
		}
		t.ObservedAt, t.LocalClock = a.Observed()
		return t, nil
	},
	id: func(t *Timed) int64 { return t.Fabric.ID },
}

// named is a fabric's id with its name.
type named struct {
	ID   int64
	Name string
}

var idsWithNames = recordForm[named]{
	fields: "id,name",
	read: func(_ *Client, _ *rest.Answer, raw json.RawMessage) (named, error) {
		d, err := rest.ReadFields(raw)
		if err != nil {
			return named{}, err
		}
		return named{d.Integer("id", rest.Required), d.Text("name", rest.Required)}, d.Err()
	},
	id: func(n named) int64 { return n.ID },
}

// stretch is a part of the list by the ids that lie in it.
type stretch struct{ first, last int64 }

// lastID ends the stretch that goes to the end of the list.
const lastID = math.MaxInt64

// scan reads the list of fabrics page by page. It asks by cursor, which cannot miss
// or repeat a fabric while others come and go. A NetBox without cursors (< 4.6)
// answers with a count: then it is asked for pages by offset in the order of ids, each
// overlapping the one before by a fabric, so that a shift is noticed.
type scan[T any] struct {
	client   *Client
	form     recordForm[T]
	size     pageSize
	far      extent
	requests int
	err      error // why there is no page after the last one

	cursorless bool
	offset     int
	last       int64 // by offset, no fabric past this id has been seen
	count      int64
	overlaps   bool // the next page by offset begins with the last fabric of the one before
}

func newScan[T any](c *Client, form recordForm[T]) *scan[T] {
	return &scan[T]{client: c, form: form, size: maxPageSize}
}

// page returns the fabrics of a page and what it covers: by cursor those from an id
// on, and by offset those that follow the page before. An answer that is too large is
// asked for again in smaller pages.
func (s *scan[T]) page(ctx context.Context, start int64) ([]T, stretch, error) {
	for {
		found, part, err := s.ask(ctx, start)
		if !s.size.smaller(err) {
			return found, part, err
		}
	}
}

// ask makes one request for a page, or two where it shows that there are no cursors.
func (s *scan[T]) ask(ctx context.Context, start int64) ([]T, stretch, error) {
	if s.err == nil {
		s.err = s.far.more()
	}
	if s.err != nil {
		return nil, stretch{}, s.err
	}
	if s.cursorless {
		return s.byOffset(ctx)
	}
	got, err := s.get(ctx, url.Values{"start": {strconv.FormatInt(start, 10)}})
	switch {
	case err != nil:
		return nil, stretch{}, err
	case got.count == nil:
		return got.found, s.byCursor(got, start), nil
	case got.next == nil && start == 0: // it is the only page
		return got.found, stretch{0, lastID}, nil
	}
	s.cursorless = true
	return s.byOffset(ctx)
}

// byCursor returns what a page covers. That there is no way on from it is the error of
// the page after it.
func (s *scan[T]) byCursor(got *listPage[T], start int64) stretch {
	if got.next == nil {
		return stretch{start, lastID}
	}
	last := start
	if n := len(got.found); n > 0 {
		last = max(last, s.form.id(got.found[n-1]))
	}
	// The link may name a host that is not the configured one: only its position
	// counts.
	link, err := url.Parse(*got.next)
	var next int64
	if err == nil {
		next, err = strconv.ParseInt(link.Query().Get("start"), 10, 64)
	}
	if err != nil || next <= last {
		s.err = &PagingError{fmt.Sprintf("the link to the next page does not lead on from id %d", last)}
		return stretch{start, last}
	}
	return stretch{start, next - 1}
}

func (s *scan[T]) byOffset(ctx context.Context) ([]T, stretch, error) {
	got, err := s.get(ctx, url.Values{"ordering": {"id"}, "offset": {strconv.Itoa(s.offset)}})
	if err != nil {
		return nil, stretch{}, err
	}
	found, part := got.found, stretch{first: s.last + 1}
	fewer := got.count != nil && *got.count < s.count
	switch {
	case s.overlaps && (len(found) == 0 || s.form.id(found[0]) != s.last), !s.overlaps && fewer:
		return nil, stretch{}, &PagingError{"fabrics were removed while the list was being read; run it again"}
	case s.overlaps:
		found = found[1:]
	}
	for _, f := range found {
		if s.form.id(f) <= s.last {
			return nil, stretch{}, &PagingError{fmt.Sprintf("the list is not in the order of ids at id %d",
				s.form.id(f))}
		}
		s.last = s.form.id(f)
	}
	if part.last = s.last; got.next == nil {
		part.last = lastID
	} else if len(found) == 0 {
		s.err = &PagingError{"a page is empty although another is to follow"}
	}
	if got.count != nil {
		s.count = *got.count
	}
	s.overlaps = len(got.found) > 1 // a page of one has no room for it
	s.offset += max(1, len(got.found)-1)
	return found, part, nil
}

// listPage is one page of the list.
type listPage[T any] struct {
	count *int64
	next  *string
	found []T
}

func (s *scan[T]) get(ctx context.Context, position url.Values) (*listPage[T], error) {
	query := withoutDisplayURL()
	query.Set("limit", s.size.String())
	if s.form.fields != "" {
		query.Set("fields", s.form.fields)
	}
	for k, v := range position {
		query[k] = v
	}
	s.requests++
	a, err := s.client.rest.Get(ctx, fabricsPath, query)
	if err != nil {
		return nil, err
	}
	var body jsonPage
	if err := a.Decode(&body); err != nil {
		return nil, err
	}
	p := &listPage[T]{count: body.count, next: body.next, found: make([]T, len(body.results))}
	for i, raw := range body.results {
		if p.found[i], err = s.form.read(s.client, a, raw); err != nil {
			return nil, a.Unexpected(err.Error())
		}
		body.results[i] = nil // it is no longer needed, and a page may be large
	}
	s.far.objects += len(p.found)
	return p, nil
}

// jsonPage is a page whose objects are not decoded yet.
type jsonPage struct {
	count   *int64
	next    *string
	results []json.RawMessage
}

// UnmarshalJSON implements json.Unmarshaler, so that a field error keeps its type.
func (p *jsonPage) UnmarshalJSON(raw []byte) error {
	d, err := rest.ReadFields(raw)
	if err != nil {
		return err
	}
	d.Into("count", &p.count, rest.Optional)
	d.Into("next", &p.next, rest.Optional)
	d.Into("results", &p.results, rest.Required)
	return d.Err()
}

// PagingError is a list that cannot be read to its end.
type PagingError struct{ Problem string }

func (e *PagingError) Error() string { return "NetBox's list cannot be read to its end: " + e.Problem }
