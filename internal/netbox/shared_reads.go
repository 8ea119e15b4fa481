package netbox

import (
	"context"
	"sync"
	"time"

	"golang.org/x/text/unicode/norm"
)

const (
	// singleReads is how many reads in a row are single requests. The next one
	// begins a walk over the list, which serves those that follow.
	singleReads = 3
	// readsPause is the pause between two reads that ends the row, and with it the
	// use of a walk: what comes later wants a newer answer.
	readsPause = 5 * time.Second
	// walkLife is how long a walk serves at most, from its beginning.
	walkLife = 60 * time.Second
	// walkPatience is how long a read waits for the next page before it goes alone.
	walkPatience = 5 * time.Second
)

// sharedReads lets one walk over the list of fabrics serve many reads that come
// one after the other or at once, as when Terraform refreshes a thousand
// fabrics. It belongs to one client, and holds nothing of a fabric that this
// client has begun to write.
type sharedReads struct {
	now func() time.Time // time.Now, but for tests

	mu      sync.Mutex
	inRow   int       // reads since the last pause
	last    time.Time // of the newest read
	walk    *walk     // the newest; nil before the first
	written map[int64]bool
}

// walk is a list that is being read, or was.
type walk struct {
	began   time.Time
	byID    map[int64]*Read
	byName  map[string]*Read
	changed chan struct{} // closed when a page has come, and when the walk has ended
	ended   bool
	failed  bool // ended before its end, or too slow: reads go alone
}

// write tells that a fabric is about to be written: from now on it is always
// read by itself.
func (s *sharedReads) write(id int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.written == nil {
		s.written = map[int64]bool{}
	}
	s.written[id] = true
}

// join counts a read and returns the walk that is to serve it; nil for none.
// begin starts a walk.
func (s *sharedReads) join(id int64, begin func(*walk)) *walk {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.written[id] {
		return nil
	}
	now := s.now()
	if now.Sub(s.last) > readsPause {
		s.inRow, s.walk = 0, nil
	}
	s.inRow++
	s.last = now
	if w := s.usable(now); w != nil {
		return w.serving()
	}
	if s.inRow <= singleReads {
		return nil
	}
	return s.start(now, begin)
}

// joinByName is join for a read that takes a walk in any case. It joins only one
// that has just begun, so that its answer is never older than the question.
func (s *sharedReads) joinByName(begin func(*walk)) *walk {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	if w := s.walk; w != nil && !w.ended && !w.failed && len(w.byID) == 0 {
		return w
	}
	return s.start(now, begin)
}

func (s *sharedReads) usable(now time.Time) *walk {
	if s.walk == nil || now.Sub(s.walk.began) > walkLife {
		return nil
	}
	return s.walk
}

func (w *walk) serving() *walk {
	if w.failed {
		return nil
	}
	return w
}

func (s *sharedReads) start(now time.Time, begin func(*walk)) *walk {
	w := &walk{began: now, byID: map[int64]*Read{}, byName: map[string]*Read{}, changed: make(chan struct{})}
	s.walk = w
	go begin(w)
	return w
}

// add takes the fabrics of a page; end ends the walk.
func (s *sharedReads) add(w *walk, reads []*Read) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range reads {
		w.byID[r.Fabric.ID] = r
		w.byName[norm.NFC.String(r.Fabric.Name)] = r
	}
	close(w.changed)
	w.changed = make(chan struct{})
}

func (s *sharedReads) end(w *walk, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w.ended, w.failed = true, w.failed || err != nil
	close(w.changed)
}

// find returns what a walk has of a fabric, waiting for the pages to come. It
// returns nil where the fabric is to be read by itself: it is not in the list,
// was written meanwhile, or the list failed or is slow.
func (s *sharedReads) find(ctx context.Context, w *walk, pick func(*walk) *Read) *Read {
	patience := time.NewTimer(walkPatience)
	defer patience.Stop()
	for {
		read, changed, over := s.look(w, pick)
		if over {
			return read
		}
		select {
		case <-changed:
			patience.Reset(walkPatience)
		case <-patience.C:
			s.giveUp(w)
			return nil
		case <-ctx.Done():
			return nil
		}
	}
}

func (s *sharedReads) look(w *walk, pick func(*walk) *Read) (read *Read, changed <-chan struct{}, over bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := pick(w)
	if r == nil {
		return nil, w.changed, w.ended || w.failed
	}
	if s.written[r.Fabric.ID] {
		return nil, nil, true
	}
	served := *r // whoever gets it may change it
	return &served, nil, true
}

func (s *sharedReads) giveUp(w *walk) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w.failed = true
}

// ReadByName is [Fabrics.FindByName] for reads that come together: they share a
// walk over the list.
func (f *Fabrics) ReadByName(ctx context.Context, name string) (*Read, error) {
	if err := f.client.Check(ctx); err != nil {
		return nil, err
	}
	reads := &f.client.reads
	if w := reads.joinByName(f.beginWalk(ctx)); w != nil {
		if read := reads.find(ctx, w, func(w *walk) *Read { return w.byName[norm.NFC.String(name)] }); read != nil {
			return read, nil
		}
	}
	return f.findByName(ctx, name)
}

// shared returns a fabric from a walk, or nil.
func (f *Fabrics) shared(ctx context.Context, id int64) *Read {
	reads := &f.client.reads
	w := reads.join(id, f.beginWalk(ctx))
	if w == nil {
		return nil
	}
	return reads.find(ctx, w, func(w *walk) *Read { return w.byID[id] })
}

// beginWalk returns what reads the list for all who wait for it: the end of one of
// them does not end it.
func (f *Fabrics) beginWalk(ctx context.Context) func(*walk) {
	return func(w *walk) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), walkLife)
		defer cancel()
		f.client.reads.end(w, f.walkInto(ctx, w))
	}
}

func (f *Fabrics) walkInto(ctx context.Context, w *walk) error {
	for reads, err := range f.pages(ctx) {
		if err != nil {
			return err
		}
		f.client.reads.add(w, reads)
	}
	return nil
}
