package netbox

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

const (
	// singleReads is how many refreshes are single requests before a page of the list
	// is read: a few fabrics among many are not worth one.
	singleReads = 3
	// spareRequests is how many requests for pages there may be beyond those that
	// pages have saved. So however the fabrics lie in the list, sharing never costs
	// much more than single requests do.
	spareRequests = 4
	// pageLife is how long pages are kept after the first one was read.
	pageLife = time.Minute
)

// sharedRefreshes lets pages of the list serve the refreshes of a plan, in which Terraform
// reads each of a thousand fabrics by itself. Each fabric of a page serves one refresh
// and leaves the memory with it. Nothing is served that this client has begun to write.
type sharedRefreshes struct {
	after func(time.Duration, func()) // time.AfterFunc, but for tests

	mu      sync.Mutex
	alone   int // refreshes that were single requests from the beginning
	asked   int // requests for pages
	served  int // refreshes that pages have served
	written map[int64]bool
	pages   *cachedPages // nil for none
	useless bool         // the list cannot be read
}

// cachedPages are the pages of one scan, without the fabrics that
// were asked for already.
type cachedPages struct {
	scan  *rest.Scan[*Read]
	spans []rest.Span // that were read
	full  int64       // fabrics on a page that another follows; 0 when none has been read
	reads map[int64]*Read
}

// exclude notes that a fabric is about to be written: from now on it is read by itself.
func (s *sharedRefreshes) exclude(id int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.written == nil {
		s.written = map[int64]bool{}
	}
	s.written[id] = true
}

// lookUp returns a fabric that a page has. Otherwise it reports whether a page may have
// it that is worth a request.
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

// begin returns the pages to add to, and where the page begins that may have a fabric.
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

// startFor returns where a page begins that surely has a fabric, since a page may have
// that many. It follows what was read at a whole number of pages, so that pages which
// leave out what is not asked for do not overlap with others later. An administrator may
// have lowered what a page has: the first one shows it.
func (p *cachedPages) startFor(id int64) int64 {
	if len(p.spans) == 0 {
		return 0 // in most NetBoxes, it is the only page
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
