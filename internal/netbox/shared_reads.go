package netbox

import (
	"context"
	"sync"
	"time"
)

const (
	// singleReads is how many reads by id in a row are single requests. The next one
	// begins a walk over the list, which serves those that follow.
	singleReads = 3
	// readsPause is the pause between two reads that ends the row, and with it the
	// use of a walk: what comes later wants a newer answer.
	readsPause = 5 * time.Second
	// walkLife is how long a walk serves at most, from its beginning. Where it fails
	// or is slow, reads by id begin no other for as long.
	walkLife = 60 * time.Second
	// walkPatience is how long reads by id wait for a page before they go alone; and
	// longer where single reads are slow as well, as long as so many of them take.
	walkPatience = 5 * time.Second
	walkWorth    = 50
	// walkLimit is how long they wait at most.
	walkLimit = 20 * time.Second
)

// sharedReads lets one walk over the list of fabrics serve many reads that come
// one after the other or at once, as when Terraform refreshes a thousand
// fabrics. It belongs to one client, and holds nothing of a fabric that this
// client has begun to write.
type sharedReads struct {
	now   func() time.Time                     // time.Now, but for tests
	after func(time.Duration) <-chan time.Time // time.After, but for tests

	mu    sync.Mutex
	inRow int       // reads by id since the last pause
	last  time.Time // of the newest read, when it came or was served
	walk  *walk     // the newest; nil before the first
	alone time.Time // until then reads by id begin no walk
	own   map[int64]bool
	// slowest is the longest that a single read has taken.
	slowest time.Duration
	// writes counts what this client has begun to write, and has ended writing: a
	// walk of another count does not know what became of it.
	writes int
}

// writing tells that fabrics are about to be written, those of these ids: from now
// on they are always read by themselves. The function that it returns tells that
// they are.
func (s *sharedReads) writing(ids ...int64) (ended func()) {
	s.mark(ids...)
	return func() { s.mark() }
}

// written tells of a fabric that a write has made.
func (s *sharedReads) written(id int64) { s.mark(id) }

func (s *sharedReads) mark(ids ...int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.own == nil {
		s.own = map[int64]bool{}
	}
	for _, id := range ids {
		s.own[id] = true
	}
	s.writes++
}

// join counts a read by id and returns the walk that is to serve it; nil for none.
func (s *sharedReads) join(f *Fabrics, id int64) *walk {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.own[id] || id < 1 {
		return nil
	}
	now := s.arrive()
	s.inRow++
	if w := s.joined(now); w != nil {
		return w
	}
	if s.inRow <= singleReads || now.Before(s.alone) {
		return nil
	}
	return s.begin(f, now)
}

// joinByName is join for a read that takes a walk in any case. Names move with
// writes: it joins only a walk that began after this client's newest.
func (s *sharedReads) joinByName(f *Fabrics) *walk {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.arrive()
	if w := s.joined(now); w != nil && w.writes == s.writes {
		return w
	}
	return s.begin(f, now)
}

// arrive notes a read, and ends the row after a pause.
func (s *sharedReads) arrive() time.Time {
	now := s.now()
	if now.Sub(s.last) > readsPause {
		s.inRow, s.walk = 0, nil
	}
	s.last = now
	return now
}

// joined returns the walk that serves now, and counts a read that comes to it.
func (s *sharedReads) joined(now time.Time) *walk {
	w := s.walk
	if w == nil || now.Sub(w.began) > walkLife {
		return nil
	}
	if len(w.parts) > 0 {
		w.came++
	}
	return w
}

func (s *sharedReads) begin(f *Fabrics, now time.Time) *walk {
	s.walk = &walk{
		pager: &pager{Fabrics: f}, began: now, writes: s.writes,
		byID: map[int64]*Read{}, byName: map[string]*Read{}, changed: make(chan struct{}),
	}
	return s.walk
}

// serve returns what a walk has of a fabric, waiting for the page that may have it.
// It returns nil where the fabric is to be read by itself: it is not in the list,
// is this client's to write, or the list fails, is slow or not worth it.
func (s *sharedReads) serve(ctx context.Context, w *walk, q wanted) (*Read, error) {
	for {
		read, changed := s.look(ctx, w, q)
		if changed == nil {
			return read, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, s.interrupted(ctx, w)
		}
	}
}

func (s *sharedReads) interrupted(ctx context.Context, w *walk) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if w.trouble == nil {
		return ctx.Err()
	}
	return interrupted(ctx, w.trouble)
}

// look returns what a walk has of a fabric, or what is closed when there is more.
// Neither, when the fabric is to be read by itself.
func (s *sharedReads) look(ctx context.Context, w *walk, q wanted) (*Read, <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	read, start, over := w.find(q)
	s.last = s.now() // the row goes on, however long it has waited
	switch {
	case read != nil && !s.own[read.Fabric.ID]:
		served := *read // whoever gets it may change it
		return &served, nil
	case over, w.failed, q.id != 0 && !w.worth():
		return nil, nil
	}
	if !w.reading {
		w.reading = true
		w.pages++
		go s.readPage(ctx, w, start)
	}
	return nil, w.changed
}

// readPage reads a page for all who wait for it: the end of one of them does not
// end it.
func (s *sharedReads) readPage(ctx context.Context, w *walk, start int64) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), walkLife)
	defer cancel()
	come := make(chan struct{})
	go func() {
		for waited, wait := time.Duration(0), walkPatience; wait > 0; wait = s.patience() - waited {
			select {
			case <-come:
				return
			case <-s.after(wait):
				waited += wait
			}
		}
		s.giveUp(w)
	}()
	reads, part, err := w.pager.read(hearing(ctx, func(err error) { s.hear(w, err) }), start)
	close(come)
	s.turn(w, reads, part, err)
}

// patience is how long reads by id wait for a page, as far as single reads have told.
func (s *sharedReads) patience() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return min(max(walkPatience, walkWorth*s.slowest), walkLimit)
}

// single notes how long a read took that went alone.
func (s *sharedReads) single(began time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.slowest = max(s.slowest, s.now().Sub(began))
}

func (s *sharedReads) hear(w *walk, trouble error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w.trouble = trouble
}

// giveUp lets the reads by id go alone that wait for a page.
func (s *sharedReads) giveUp(w *walk) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w.slow, s.alone = true, w.began.Add(walkLife)
	w.wake()
}

// turn takes what came of a page.
func (s *sharedReads) turn(w *walk, reads []*Read, part stretch, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w.reading, w.trouble = false, nil
	if err != nil {
		w.failed, s.alone = true, w.began.Add(walkLife)
	} else {
		w.add(reads, part)
	}
	w.wake()
}

// ReadByID is [Fabrics.Get] for reads that come together: they share a walk over
// the list. The answer may be up to a minute old, unless this client has begun to
// write the fabric.
func (f *Fabrics) ReadByID(ctx context.Context, id int64) (*Read, error) {
	if err := f.client.Check(ctx); err != nil {
		return nil, err
	}
	reads := &f.client.reads
	if w := reads.join(f, id); w != nil {
		if read, err := reads.serve(ctx, w, wanted{id: id}); read != nil || err != nil {
			return read, err
		}
	}
	defer reads.single(reads.now())
	return f.get(ctx, id)
}

// ReadByName is [Fabrics.FindByName] for reads that come together: they share a
// walk over the list. The answer may be up to a minute old, unless this client has
// begun to write any fabric since.
func (f *Fabrics) ReadByName(ctx context.Context, name string) (*Read, error) {
	if err := f.client.Check(ctx); err != nil {
		return nil, err
	}
	reads := &f.client.reads
	if read, err := reads.serve(ctx, reads.joinByName(f), wanted{name: name}); read != nil || err != nil {
		return read, err
	}
	return f.findByName(ctx, name)
}
