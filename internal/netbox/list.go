package netbox

import (
	"context"
	"fmt"
	"iter"
	"math"
	"net/http"
	"net/url"
	"strconv"
)

// pageSize is the most that NetBox gives at once by default (MAX_PAGE_SIZE, which an
// administrator may lower).
const pageSize = 1000

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

// pages yields the pages of the list, one after the other.
func (f *Fabrics) pages(ctx context.Context) iter.Seq2[[]*Read, error] {
	return func(yield func([]*Read, error) bool) {
		p := &pager{Fabrics: f}
		for start := int64(0); ; {
			reads, part, err := p.read(ctx, start)
			if err != nil {
				yield(nil, err)
				return
			}
			if !yield(reads, nil) || part.last == lastID {
				return
			}
			start = part.last + 1
		}
	}
}

// stretch is a part of the list by the ids that lie in it.
type stretch struct{ first, last int64 }

// lastID ends the stretch that goes to the end of the list.
const lastID = math.MaxInt64

// pager reads pages of the list. It asks by cursor, which cannot miss or repeat an
// object while others come and go. A NetBox without cursors (< 4.6) answers with a
// count: then it is asked for pages by offset in the order of ids, each
// overlapping the one before by an object, so that a shift is noticed.
type pager struct {
	*Fabrics
	far      extent // so far
	err      error  // why there is no page after the last one
	byOffset bool
	offset   int
	last     int64 // by offset, no fabric past this id has been seen
}

// read returns a page and what it covers: by cursor, the fabrics from an id on, and
// by offset those that follow on the page before.
func (p *pager) read(ctx context.Context, start int64) ([]*Read, stretch, error) {
	if p.err == nil {
		p.err = p.far.more()
	}
	if p.err != nil {
		return nil, stretch{}, p.err
	}
	reads, part, err := p.turn(ctx, start)
	p.far.objects += len(reads)
	return reads, part, err
}

// turn asks for a page in the way that this NetBox knows.
func (p *pager) turn(ctx context.Context, start int64) ([]*Read, stretch, error) {
	if p.byOffset {
		return p.readByOffset(ctx)
	}
	got, err := p.page(ctx, url.Values{"start": {strconv.FormatInt(start, 10)}})
	switch {
	case err != nil:
		return nil, stretch{}, err
	case start == 0 && got.Count != nil && got.Next == nil: // it is the only page
		return got.reads, stretch{0, lastID}, nil
	case start == 0 && got.Count != nil:
		p.byOffset = true
		return p.readByOffset(ctx)
	}
	return got.reads, p.byCursor(got, start), nil
}

// byCursor tells what a page covers. That there is no way on from it is the error of
// the page after it.
func (p *pager) byCursor(got *readPage, start int64) stretch {
	if got.Next == nil {
		return stretch{start, lastID}
	}
	last := start
	if n := len(got.reads); n > 0 {
		last = max(last, got.reads[n-1].Fabric.ID)
	}
	// The link may name a host that is not the configured one: only its position
	// counts.
	link, err := url.Parse(*got.Next)
	var next int64
	if err == nil {
		next, err = strconv.ParseInt(link.Query().Get("start"), 10, 64)
	}
	if err != nil || next <= last {
		p.err = &PagingError{fmt.Sprintf("the link to the next page does not lead on from id %d", last)}
		return stretch{start, last}
	}
	return stretch{start, next - 1}
}

func (p *pager) readByOffset(ctx context.Context) ([]*Read, stretch, error) {
	got, err := p.page(ctx, url.Values{"ordering": {"id"}, "offset": {strconv.Itoa(p.offset)}})
	if err != nil {
		return nil, stretch{}, err
	}
	reads, part := got.reads, stretch{first: p.last}
	if p.offset > 0 {
		if len(reads) == 0 || reads[0].Fabric.ID != p.last {
			return nil, stretch{}, &PagingError{"fabrics were removed while the list was being read; run it again"}
		}
		reads = reads[1:]
	}
	for _, r := range reads {
		if r.Fabric.ID <= p.last {
			return nil, stretch{}, &PagingError{fmt.Sprintf("the list is not in the order of ids at id %d", r.Fabric.ID)}
		}
		p.last = r.Fabric.ID
	}
	if part.last = p.last; got.Next == nil {
		part.last = lastID
	} else if len(reads) == 0 {
		p.err = &PagingError{"a page is empty although another is to follow"}
	}
	p.offset += len(got.reads) - 1
	return reads, part, nil
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

// PagingError is a list that cannot be read to its end.
type PagingError struct{ Problem string }

func (e *PagingError) Error() string { return "NetBox's list cannot be read to its end: " + e.Problem }
