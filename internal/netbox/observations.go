package netbox

import (
	"context"
	"sync"
	"time"
)

// dateLife is how long a Date that was seen counts as NetBox's time.
const dateLife = 5 * time.Second

// observations are what the client has learned from answers.
type observations struct {
	now func() time.Time // time.Now, but for tests

	mu       sync.Mutex
	lastDate time.Time // newest Date header, whole seconds
	dated    time.Time // local time at which its answer was asked for
	etag     bool      // single answers carry an ETag (NetBox >= 4.6)
	version  string    // of NetBox
	stripped bool      // NetBox's status came without the header API-Version
}

// date takes NetBox's time from an answer that was asked for at a local time.
func (o *observations) date(t, asked time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if t.After(o.lastDate) || (t.Equal(o.lastDate) && asked.After(o.dated)) {
		o.lastDate, o.dated = t, asked
	}
}

// newestDate returns the newest Date that was seen, and whether it is still
// NetBox's time, to some seconds.
func (o *observations) newestDate() (date time.Time, fresh bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.lastDate, !o.lastDate.IsZero() && o.now().Sub(o.dated) < dateLife
}

func (o *observations) sawETag() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.etag = true
}

// HasEntityTags reports whether NetBox has shown that it has entity tags.
func (c *Client) HasEntityTags() bool { return c.seen.hasETag() }

func (o *observations) hasETag() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.etag
}

// netboxTime returns a time by NetBox's clock that is seconds old at most: it asks
// where no answer has told it lately. It is zero where NetBox's answers, as they
// come here, tell none.
func (c *Client) netboxTime(ctx context.Context) (time.Time, error) {
	date, fresh := c.seen.newestDate()
	if fresh {
		return date, nil
	}
	if _, err := c.Status(ctx); err != nil {
		return time.Time{}, err
	}
	date, _ = c.seen.newestDate()
	return date, nil
}
