package netbox

import (
	"time"

	"golang.org/x/text/unicode/norm"
)

// pagesOnTrust is how many pages a walk may read for reads by id as if many more
// were to come. Each further page takes one that has come since the first: those of
// a few fabrics among many would otherwise cost a page each.
const pagesOnTrust = 4

// walk is the list as far as it has been read. Its pages are read one at a time,
// when somebody waits for what is on them.
type walk struct {
	pager  *pager
	began  time.Time
	writes int // of the reads that it is for, when it began

	byID    map[int64]*Read
	byName  map[string]*Read
	parts   []stretch // that were read
	full    int64     // fabrics on a page that another follows; 0 when none has been read
	pages   int       // asked for
	came    int       // reads since the first page
	reading bool      // a page is under way
	slow    bool      // a page takes long: reads by id go alone where they are not served yet
	failed  bool      // there will be no other page
	trouble error     // why the page that is under way has to be asked for again; nil for nothing
	changed chan struct{}
}

// wanted is a fabric by its id, which is positive, or by its name where that is 0.
type wanted struct {
	id   int64
	name string
}

// find returns a fabric, or where the page begins that may have it. Over is when
// there is nothing more to read for it.
func (w *walk) find(q wanted) (read *Read, start int64, over bool) {
	if q.id != 0 {
		if read = w.byID[q.id]; read != nil {
			return read, 0, true
		}
		_, over = w.part(q.id)
		return nil, w.pageOf(q.id), over
	}
	if read = w.byName[norm.NFC.String(q.name)]; read != nil {
		return read, 0, true
	}
	for part, ok := w.part(0); ok; part, ok = w.part(start) {
		if part.last == lastID {
			return nil, 0, true
		}
		start = part.last + 1
	}
	return nil, start, false
}

// part returns the stretch that was read and has an id.
func (w *walk) part(id int64) (stretch, bool) {
	for _, part := range w.parts {
		if part.first <= id && id <= part.last {
			return part, true
		}
	}
	return stretch{}, false
}

// pageOf returns where the page is to begin that surely has a fabric, since a page
// may have that many. It follows on what was read, at a whole number of pages, so
// that pages which leave out what nobody wants do not overlap with others later. An
// administrator may have lowered what a page has: the first one shows it.
func (w *walk) pageOf(id int64) int64 {
	if len(w.parts) == 0 {
		return 0 // in most NetBoxes, it is the only page
	}
	before := int64(0)
	for _, part := range w.parts {
		if part.last < id {
			before = max(before, part.last)
		}
	}
	size := int64(pageSize)
	if w.full > 0 {
		size = min(size, w.full)
	}
	return before + 1 + (id-before-1)/size*size
}

// add takes a page.
func (w *walk) add(reads []*Read, part stretch) {
	for _, r := range reads {
		w.byID[r.Fabric.ID] = r
		w.byName[norm.NFC.String(r.Fabric.Name)] = r
	}
	w.parts = append(w.parts, part)
	if part.last != lastID {
		w.full = max(w.full, int64(len(reads)))
	}
}

// worth tells whether a read by id is to wait for a page.
func (w *walk) worth() bool {
	return !w.slow && (w.reading || w.pages < pagesOnTrust+w.came)
}

// wake tells those who wait to look again.
func (w *walk) wake() {
	close(w.changed)
	w.changed = make(chan struct{})
}
