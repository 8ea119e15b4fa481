package netbox

import (
	"context"
	"slices"
	"sync"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

// nameIndex maps the names of fabrics to ids. It is never trusted alone: the record is read
// and its name compared, and find searches the list for a missing name. So an outdated
// index does no harm.
//
// It reads ids and names from the list, page by page, and starts again at the end. A name
// does not exist if a complete round after the question has not shown it.
type nameIndex struct {
	mu       sync.Mutex
	ids      map[string][]int64 // by the names' normal forms
	names    map[int64]string   // as NetBox spells them
	scan     *rest.Scan[named]
	at       position
	begun    int  // requested pages
	reading  bool // the newest page is being read
	failures int  // failed pages: the next page starts a round
}

// position is where the next page of a [nameIndex] begins.
type position struct {
	round int
	start int64
}

// past reports whether every page was read between two positions.
func (p position) past(from position) bool {
	return p.round > from.round+1 || p.round == from.round+1 && p.start >= from.start
}

// find returns the fabric with a name, or 0 if there is none. An exact match is preferred over one
// that differs in its normal form. The latter counts only if no exact match can be missing.
func (x *nameIndex) find(name string, all bool) (int64, error) {
	ids := x.ids[fabric.NormalText(name)]
	for _, id := range ids {
		if x.names[id] == name {
			return id, nil
		}
	}
	switch {
	case len(ids) == 0 || !all:
		return 0, nil
	case len(ids) > 1:
		return 0, &AmbiguousNameError{Name: name, IDs: slices.Sorted(slices.Values(ids))}
	}
	return ids[0], nil
}

func (x *nameIndex) put(n named) {
	if x.names == nil {
		x.ids, x.names = map[string][]int64{}, map[int64]string{}
	}
	x.remove(n.ID)
	x.names[n.ID] = n.Name
	key := fabric.NormalText(n.Name)
	x.ids[key] = append(x.ids[key], n.ID)
}

func (x *nameIndex) remove(id int64) {
	key := fabric.NormalText(x.names[id])
	if x.ids[key] = slices.DeleteFunc(x.ids[key], func(other int64) bool { return other == id }); len(x.ids[key]) == 0 {
		delete(x.ids, key)
	}
	delete(x.names, id)
}

// readPage reads the next page.
func (x *nameIndex) readPage(ctx context.Context, newScan func() *rest.Scan[named]) error {
	x.mu.Lock()
	if x.scan == nil {
		x.scan = newScan()
	}
	scan, start := x.scan, x.at.start
	x.begun++
	x.reading = true
	x.mu.Unlock()

	found, span, err := scan.Page(ctx, start)

	x.mu.Lock()
	defer x.mu.Unlock()
	x.reading = false
	if err != nil {
		x.scan, x.at = nil, position{round: x.at.round + 1}
		x.failures++
		return err
	}
	for id := range x.names { // fabrics that the page no longer has were deleted
		if span.Has(id) {
			x.remove(id)
		}
	}
	for _, n := range found {
		x.put(n)
	}
	if x.at.start = span.Last + 1; span.Last == rest.LastID {
		x.scan, x.at = nil, position{round: x.at.round + 1}
	}
	return nil
}

// learn records the name of a fabric that this client has written.
func (x *nameIndex) learn(f *fabric.Fabric) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.put(named{f.ID, f.Name})
}

// forget removes a fabric that no longer has its name in the index.
func (x *nameIndex) forget(id int64) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.remove(id)
}

// search looks for a name in a [nameIndex].
type search struct {
	index    *nameIndex
	name     string
	begun    int      // pages requested before the question
	from     position // where the first page after it began, when placed
	placed   bool
	failures int
}

func (x *nameIndex) search(name string) *search {
	x.mu.Lock()
	defer x.mu.Unlock()
	return &search{index: x, name: name, begun: x.begun, failures: x.failures}
}

// result returns the id that the index has now, or 0 if it has none. complete reports whether every
// page was read since the question.
func (s *search) result() (id int64, complete bool, err error) {
	x := s.index
	x.mu.Lock()
	defer x.mu.Unlock()
	if s.failures != x.failures {
		s.failures, s.placed = x.failures, false
	}
	if !s.placed && (!x.reading || x.begun > s.begun) {
		s.from, s.placed = x.at, true
	}
	complete = s.placed && x.at.past(s.from)
	id, err = x.find(s.name, complete)
	return id, complete, err
}

// readPage reads the next page, unless a call that has just ended read what the search needs.
func (s *search) readPage(ctx context.Context, newScan func() *rest.Scan[named]) error {
	if id, complete, err := s.result(); id != 0 || complete || err != nil {
		return nil //nolint:nilerr // the caller gets the result, and so its error
	}
	return s.index.readPage(ctx, newScan)
}

// named is a fabric's id with its name.
type named struct {
	ID   int64
	Name string
}
