package rest

import (
	"context"
	"fmt"
	"iter"
	"math"
	"net/url"
	"strconv"
)

// LastID is the end of a [Span] that reaches the end of a list.
const LastID = math.MaxInt64

// Span is a part of a list, by the ids in it.
type Span struct{ First, Last int64 }

// Has reports whether an id is in the span.
func (s Span) Has(id int64) bool { return s.First <= id && id <= s.Last }

// Scan reads a list ordered by id. It reads by cursor, which cannot miss or
// repeat a record while others come and go. NetBox before 4.6 has no cursors and answers
// with a count. Then Scan reads pages by offset in the order of ids, each overlapping the
// previous one by a record, so that it notices a shift.
type Scan[T any] struct {
	Size     PageSize // of the next page
	Requests int      // requests so far

	list *List[T]
	id   func(T) int64
	far  extent
	err  error // why there is no next page

	cursorless bool
	offset     int
	last       int64 // by offset, the largest id seen so far
	count      int64
	overlaps   bool // the next page by offset begins with the last record of this one
}

// Scan returns a list scan. id returns a record's id.
func (l *List[T]) Scan(id func(T) int64) *Scan[T] {
	return &Scan[T]{list: l, id: id, Size: MaxPageSize}
}

// All returns all records, ordered by id. The sequence stops at the first error.
func (s *Scan[T]) All(ctx context.Context) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for start := int64(0); ; {
			records, span, err := s.Page(ctx, start)
			if err != nil {
				var none T
				yield(none, err)
				return
			}
			for _, record := range records {
				if !yield(record, nil) {
					return
				}
			}
			if span.Last == LastID {
				return
			}
			start = span.Last + 1
		}
	}
}

// Page returns the records of a page and the span that it covers: by cursor, from the id
// start on; by offset, after the previous page. If an answer is too large, it asks for
// smaller pages.
func (s *Scan[T]) Page(ctx context.Context, start int64) ([]T, Span, error) {
	for {
		records, span, err := s.PageOnce(ctx, start)
		if !s.Size.Smaller(err) {
			return records, span, err
		}
	}
}

// PageOnce makes one request for a page, or two if the first shows that there are no
// cursors.
func (s *Scan[T]) PageOnce(ctx context.Context, start int64) ([]T, Span, error) {
	if s.err == nil {
		s.err = s.far.more()
	}
	if s.err != nil {
		return nil, Span{}, s.err
	}
	if s.cursorless {
		return s.byOffset(ctx)
	}
	page, err := s.get(ctx, url.Values{"start": {strconv.FormatInt(start, 10)}})
	switch {
	case err != nil:
		return nil, Span{}, err
	case page.Count == nil:
		return page.Records, s.byCursor(page, start), nil
	case page.IsLast() && start == 0: // the only page
		return page.Records, Span{0, LastID}, nil
	}
	s.cursorless = true
	return s.byOffset(ctx)
}

func (s *Scan[T]) get(ctx context.Context, position url.Values) (*Page[T], error) {
	s.Requests++
	page, err := s.list.Page(ctx, position, s.Size)
	if err == nil {
		s.far.records += len(page.Records)
	}
	return page, err
}

// byCursor returns the span of a page. If there is no way to continue, the next page has
// the error.
func (s *Scan[T]) byCursor(page *Page[T], start int64) Span {
	if page.IsLast() {
		return Span{start, LastID}
	}
	last := start
	if n := len(page.Records); n > 0 {
		last = max(last, s.id(page.Records[n-1]))
	}
	// The link may name another host than the configured one. Only its position is used.
	link, err := url.Parse(*page.next)
	var next int64
	if err == nil {
		next, err = strconv.ParseInt(link.Query().Get("start"), 10, 64)
	}
	if err != nil || next <= last {
		s.err = &PagingError{fmt.Sprintf("the link to the next page does not continue after id %d", last)}
		return Span{start, last}
	}
	return Span{start, next - 1}
}

func (s *Scan[T]) byOffset(ctx context.Context) ([]T, Span, error) {
	page, err := s.get(ctx, url.Values{"ordering": {"id"}, "offset": {strconv.Itoa(s.offset)}})
	if err != nil {
		return nil, Span{}, err
	}
	records, span := page.Records, Span{First: s.last + 1}
	fewer := page.Count != nil && *page.Count < s.count
	switch {
	case s.overlaps && (len(records) == 0 || s.id(records[0]) != s.last), !s.overlaps && fewer:
		return nil, Span{}, &PagingError{"objects were removed while the list was being read"}
	case s.overlaps:
		records = records[1:]
	}
	for _, record := range records {
		id := s.id(record)
		if id <= s.last {
			return nil, Span{}, &PagingError{fmt.Sprintf("the list is not in the order of ids at id %d", id)}
		}
		s.last = id
	}
	if span.Last = s.last; page.IsLast() {
		span.Last = LastID
	} else if len(records) == 0 {
		s.err = &PagingError{"a page is empty, although the list has more"}
	}
	if page.Count != nil {
		s.count = *page.Count
	}
	s.overlaps = len(page.Records) > 1 // a page of one record has no room for an overlap
	s.offset += max(1, len(page.Records)-1)
	return records, span, nil
}
