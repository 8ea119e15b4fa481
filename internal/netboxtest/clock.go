package netboxtest

import (
	"sync"
	"time"
)

// clock is the server's clock. Its zero value is the machine's clock.
type clock struct {
	mu     sync.Mutex
	frozen time.Time // zero: real time
	last   time.Time // the latest stamp since the clock was set
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.read()
}

func (c *clock) read() time.Time {
	if c.frozen.IsZero() {
		return time.Now().UTC()
	}
	return c.frozen
}

func (c *clock) set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.frozen, c.last = t.UTC(), time.Time{}
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.frozen, c.last = c.read().Add(d), time.Time{}
}

// stamp returns a time for a database row, in whole microseconds. It is later than the given
// time and than every stamp since the clock was set.
func (c *clock) stamp(after time.Time) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := c.read().Truncate(time.Microsecond)
	for _, floor := range []time.Time{c.last, after} {
		if !t.After(floor) {
			t = floor.Add(time.Microsecond)
		}
	}
	c.last = t
	return t
}

// Now returns the server's time, which Date headers and rows have. It is the real time until
// SetNow or Advance is called.
func (s *Server) Now() time.Time { return s.clock.now() }

// SetNow sets the server's clock and stops it; the zero time makes it run again. The stamps of
// later writes still advance by at least a microsecond per write.
func (s *Server) SetNow(t time.Time) { s.clock.set(t) }

// Advance moves the server's clock forward by d and stops it.
func (s *Server) Advance(d time.Duration) { s.clock.advance(d) }

// isoZ returns a time in NetBox's JSON form: UTC, with microseconds only if they are not zero.
func isoZ(t time.Time) string { return isoUTC(t) + "Z" }

// etag returns the ETag of an object, which NetBox makes from its last_updated.
func etag(t time.Time) string { return `W/"` + isoUTC(t) + `+00:00"` }

func isoUTC(t time.Time) string {
	t = t.UTC()
	if t.Nanosecond()/1000 == 0 {
		return t.Format("2006-01-02T15:04:05")
	}
	return t.Format("2006-01-02T15:04:05.000000")
}
