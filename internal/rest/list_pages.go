package rest

import (
	"context"
	"fmt"
	"iter"
	"net/url"
	"strconv"
)

// Order is an order in which a list can be read.
type Order[T any] struct {
	Ordering string // value of the parameter ordering
	// Follows reports whether a comes after b.
	Follows func(a, b *T) bool
	ID      func(*T) int64
}

// maxIdlePages is how many pages in a row may have no new records.
const maxIdlePages = 20

// Pages returns a list page by page, in a given order. Each page leaves out what the pages
// before it had. The first has at most so many records.
//
// It is for lists that cannot be read by cursor. Pages by offset shift. If records are
// added before the position, pages repeat earlier ones. If records before the position are
// removed, others would be missed. So each page overlaps the previous one by a record. If
// that record is no longer in its place, Pages looks for it nearer to the start.
func (l *List[T]) Pages(ctx context.Context, order Order[T], first PageSize) iter.Seq2[*Page[T], error] {
	return func(yield func(*Page[T], error) bool) {
		var last *T // last record that was read
		limit, idle, reduced := first, 0, false
		for offset, size := 0, 0; ; {
			page, err := l.Page(ctx, order.position(offset), limit)
			if limit.Smaller(err) {
				reduced = true
				continue
			}
			if err == nil {
				err = order.check(page.Records)
			}
			if err != nil {
				yield(nil, err)
				return
			}
			if offset > 0 && (len(page.Records) == 0 || order.Follows(&page.Records[0], last)) {
				offset = max(0, offset-(size+1)/2)
				continue
			}
			if size = len(page.Records); !reduced {
				limit = MaxPageSize
			}
			for last != nil && len(page.Records) > 0 && !order.Follows(&page.Records[0], last) {
				page.Records = page.Records[1:]
			}
			if idle++; len(page.Records) > 0 {
				newest := page.Records[len(page.Records)-1]
				idle, last = 0, &newest
			}
			switch {
			case !yield(page, nil), page.IsLast():
				return
			case idle > maxIdlePages, idle > 0 && size < 2:
				yield(nil, &PagingError{"a page has no link to the next one, although the list has more"})
				return
			}
			offset += size - 1
		}
	}
}

func (o Order[T]) position(offset int) url.Values {
	position := url.Values{"ordering": {o.Ordering}}
	if offset > 0 {
		position.Set("offset", strconv.Itoa(offset))
	}
	return position
}

func (o Order[T]) check(records []T) error {
	for i := 1; i < len(records); i++ {
		if !o.Follows(&records[i], &records[i-1]) {
			return &PagingError{fmt.Sprintf("the list is not in the order %s at id %d", o.Ordering, o.ID(&records[i]))}
		}
	}
	return nil
}

// All returns a whole list, read by offset.
func (l *List[T]) All(ctx context.Context) ([]T, error) {
	var all []T
	size := MaxPageSize
	for far := (extent{}); ; {
		if err := far.more(); err != nil {
			return nil, fmt.Errorf("%s: %w", l.Path, err)
		}
		page, err := l.Page(ctx, url.Values{"offset": {strconv.Itoa(far.records)}}, size)
		switch {
		case size.Smaller(err):
			continue
		case err != nil:
			return nil, err
		}
		all = append(all, page.Records...)
		far.records = len(all)
		switch {
		case page.IsLast():
			return all, nil
		case len(page.Records) == 0:
			return nil, fmt.Errorf("%s: %w", l.Path,
				&PagingError{"a page is empty, although the list has more"})
		}
	}
}
