package netbox

import (
	"context"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"strconv"
)

// pageSize is the most that NetBox gives at once by default (MAX_PAGE_SIZE).
const pageSize = 1000

// maxListPages is where a list counts as one without an end.
const maxListPages = 1000

// All walks over all fabrics that the token may see, in the order of their ids.
// It ends with the first error.
func (f *Fabrics) All(ctx context.Context) iter.Seq2[*Read, error] {
	return func(yield func(*Read, error) bool) {
		if err := f.client.Check(ctx); err != nil {
			yield(nil, err)
			return
		}
		f.walk(ctx)(yield)
	}
}

// walk yields the fabrics of all pages.
func (f *Fabrics) walk(ctx context.Context) iter.Seq2[*Read, error] {
	return func(yield func(*Read, error) bool) {
		for reads, err := range f.pages(ctx) {
			if err != nil {
				yield(nil, err)
				return
			}
			for _, r := range reads {
				if !yield(r, nil) {
					return
				}
			}
		}
	}
}

// pages asks for pages by cursor, which cannot miss or repeat an object while
// others come and go. A NetBox without cursors (< 4.6) answers with a count:
// then it is asked for pages by offset in the order of ids, each overlapping
// the one before by an object, so that a shift is noticed.
func (f *Fabrics) pages(ctx context.Context) iter.Seq2[[]*Read, error] {
	return func(take func([]*Read, error) bool) {
		pages := 0
		yield := func(reads []*Read, err error) bool {
			if pages++; err == nil && pages > maxListPages {
				take(nil, &PagingError{fmt.Sprintf("it has not ended after %d pages", maxListPages)})
				return false
			}
			return take(reads, err)
		}
		first, err := f.page(ctx, url.Values{"start": {"0"}})
		if err != nil {
			yield(nil, err)
			return
		}
		switch {
		case first.Count == nil:
			f.pagesByCursor(ctx, first, yield)
		case first.Next == nil: // it is the only page
			yield(first.reads, nil)
		default:
			f.pagesByOffset(ctx, yield)
		}
	}
}

// readPage is a page with its fabrics taken out of it.
type readPage struct {
	page
	reads []*Read
}

func (f *Fabrics) page(ctx context.Context, position url.Values) (*readPage, error) {
	query := withoutDisplayURL()
	query.Set("limit", strconv.Itoa(pageSize))
	for k, v := range position {
		query[k] = v
	}
	a, err := f.client.send(ctx, http.MethodGet, fabricsPath, query, nil, nil)
	if err != nil {
		return nil, err
	}
	p := &readPage{}
	if err := f.client.decode(a, &p.page); err != nil {
		return nil, err
	}
	p.reads = make([]*Read, len(p.Results))
	for i, record := range p.Results {
		p.reads[i] = f.client.newRead(record, a, "")
	}
	return p, nil
}

func (f *Fabrics) pagesByCursor(ctx context.Context, p *readPage, yield func([]*Read, error) bool) {
	last := int64(0) // no fabric past this id has been seen
	for {
		if !yield(p.reads, nil) || p.Next == nil {
			return
		}
		if n := len(p.reads); n > 0 {
			last = max(last, p.reads[n-1].Fabric.ID)
		}
		// The link may name a host that is not the configured one: only its
		// position counts.
		next, err := url.Parse(*p.Next)
		var start int64
		if err == nil {
			start, err = strconv.ParseInt(next.Query().Get("start"), 10, 64)
		}
		if err != nil || start <= last {
			yield(nil, &PagingError{fmt.Sprintf("the link to the next page does not lead on from id %d", last)})
			return
		}
		last = start
		if p, err = f.page(ctx, url.Values{"start": {strconv.FormatInt(start, 10)}}); err != nil {
			yield(nil, err)
			return
		}
	}
}

func (f *Fabrics) pagesByOffset(ctx context.Context, yield func([]*Read, error) bool) {
	var last int64
	for offset := 0; ; {
		p, err := f.page(ctx, url.Values{"ordering": {"id"}, "offset": {strconv.Itoa(offset)}})
		if err != nil {
			yield(nil, err)
			return
		}
		reads := p.reads
		if offset > 0 {
			if len(reads) == 0 || reads[0].Fabric.ID != last {
				yield(nil, &PagingError{"fabrics were removed while the list was being read; run it again"})
				return
			}
			reads = reads[1:]
		}
		for _, r := range reads {
			if r.Fabric.ID <= last {
				yield(nil, &PagingError{fmt.Sprintf("the list is not in the order of ids at id %d", r.Fabric.ID)})
				return
			}
			last = r.Fabric.ID
		}
		if !yield(reads, nil) || p.Next == nil {
			return
		}
		if len(reads) == 0 {
			yield(nil, &PagingError{"a page is empty although another is to follow"})
			return
		}
		offset += len(p.reads) - 1
	}
}

// PagingError is a list that cannot be read to its end.
type PagingError struct{ Problem string }

func (e *PagingError) Error() string { return "the list of fabrics cannot be read: " + e.Problem }
