package netbox

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

const (
	// singleReads is how many refreshes are single requests before a page of the list is
	// read: for a few fabrics among many, a page is not worth it.
	singleReads = 3
	// spareRequests is how many requests for pages are allowed beyond those that pages have
	// saved. So wherever the fabrics are in the list, sharing never costs much more than
	// single requests.
	spareRequests = 4
	// pageLife is how long pages are kept after the first one was read.
	pageLife = time.Minute
)

// sharedRefreshes serves the refreshes of a plan from pages of the list. Terraform
// refreshes each of a thousand fabrics separately. Each fabric of a page serves one refresh
// and is then freed. A fabric that this client has begun to write is not served.
type sharedRefreshes struct {
	after func(time.Duration, func()) // time.AfterFunc, except in tests

	mu      sync.Mutex
	alone   int // refreshes that were single requests from the start
	asked   int // requests for pages
	served  int // refreshes served from pages
	written map[int64]bool
	pages   *cachedPages // nil for none
	useless bool         // the list cannot be read
}

// cachedPages are the pages of one list scan, without the fabrics that were already served.
type cachedPages struct {
	scan  *rest.Scan[*Read]
	spans []rest.Span // read spans
	full  int64       // fabrics on a page that is not the last; 0 if none was read
	reads map[int64]*Read
}

// exclude records that a fabric is about to be written. From now on, it is read separately.
func (s *sharedRefreshes) exclude(id int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.written == nil {
		s.written = map[int64]bool{}
	}
	s.written[id] = true
}

// lookUp returns a fabric from a page. Otherwise, it reports whether a page that may have
// it is worth a request.
func (s *sharedRefreshes) lookUp(id int64) (read *Read, worth bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.written[id] || id < 1 {
		return nil, false
	}
	if s.pages != nil {
		if read = s.pages.reads[id]; read != nil {
			delete(s.pages.reads, id)
			s.served++
			return read, false
		}
		if s.pages.cover(id) {
			return nil, false // it is not in the list, or was served before
		}
	}
	if s.alone < singleReads {
		s.alone++
		return nil, false
	}
	return nil, s.affordable()
}

// affordable reports whether a page is worth its request.
func (s *sharedRefreshes) affordable() bool { return !s.useless && s.asked < s.served+spareRequests }

// read reads the page that may have a fabric.
func (s *sharedRefreshes) read(ctx context.Context, newScan func() *rest.Scan[*Read], id int64) {
	pages, start := s.begin(newScan, id)
	if pages == nil {
		return
	}
	before := pages.scan.Requests
	reads, span, err := pages.scan.PageOnce(ctx, start)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked += pages.scan.Requests - before
	if err != nil {
		s.useless = !pages.scan.Size.Smaller(err)
		return
	}
	pages.add(reads, span)
}

// begin returns the pages to add to, and the start of the page that may have a fabric.
func (s *sharedRefreshes) begin(newScan func() *rest.Scan[*Read], id int64) (pages *cachedPages, start int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.affordable() || s.pages != nil && s.pages.cover(id) {
		return nil, 0
	}
	if s.pages == nil {
		pages := &cachedPages{scan: newScan(), reads: map[int64]*Read{}}
		s.pages = pages
		s.after(pageLife, func() { s.drop(pages) })
	}
	return s.pages, s.pages.startFor(id)
}

func (s *sharedRefreshes) drop(pages *cachedPages) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pages == pages {
		s.pages = nil
	}
}

func (p *cachedPages) cover(id int64) bool {
	return slices.ContainsFunc(p.spans, func(s rest.Span) bool { return s.Has(id) })
}

// startFor returns the start of a page that certainly has a fabric, since a page may have
// that many. It is a whole number of pages away from what was read, so that pages don't
// overlap later. An administrator may have lowered the page size: the first page shows it.
func (p *cachedPages) startFor(id int64) int64 {
	if len(p.spans) == 0 {
		return 0 // most NetBoxes have only one page
	}
	before := int64(0)
	for _, span := range p.spans {
		if span.Last < id {
			before = max(before, span.Last)
		}
	}
	size := int64(p.scan.Size)
	if p.full > 0 {
		size = min(size, p.full)
	}
	return before + 1 + (id-before-1)/size*size
}

func (p *cachedPages) add(reads []*Read, span rest.Span) {
	for _, r := range reads {
		p.reads[r.Fabric.ID] = r
	}
	p.spans = append(p.spans, span)
	if span.Last != rest.LastID {
		p.full = max(p.full, int64(len(reads)))
	}
}
