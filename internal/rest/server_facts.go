package rest

import (
	"net/http"
	"sync"
	"time"
)

// dateLife is how long a Date header counts as the server's time.
const dateLife = 5 * time.Second

// serverFacts are what the client has learned about NetBox from its answers.
type serverFacts struct {
	now func() time.Time

	mu       sync.Mutex
	lastDate time.Time         // newest Date header, whole seconds
	dated    time.Time         // local time of its request
	version  string            // of NetBox
	plugins  map[string]string // by name; nil if not asked yet
	stripped bool              // NetBox's status had no header API-Version
}

// learn learns NetBox's time from the header of an answer, whose request was sent at a
// local time. Each answer of NetBox's API has the API-Version header.
func (f *serverFacts) learn(header http.Header, asked time.Time) {
	if t, err := http.ParseTime(header.Get("Date")); err == nil && header.Get("API-Version") != "" {
		f.date(t, asked)
	}
}

func (f *serverFacts) date(t, asked time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if t.After(f.lastDate) || (t.Equal(f.lastDate) && asked.After(f.dated)) {
		f.lastDate, f.dated = t, asked
	}
}

// newestDate returns the newest Date, and whether it is still NetBox's time, within some
// seconds.
func (f *serverFacts) newestDate() (date time.Time, fresh bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.lastDate, !f.lastDate.IsZero() && f.now().Sub(f.dated) < dateLife
}

// setStatus records NetBox's status, and the version of its API from the answer's header.
func (f *serverFacts) setStatus(netbox Status, api string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.version, f.plugins, f.stripped = netbox.NetBoxVersion, netbox.Plugins, api == ""
}

// installed returns the versions of NetBox's plugins, by name, or nil if not known.
func (f *serverFacts) installed() map[string]string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.plugins
}

func (f *serverFacts) netboxVersion() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.version
}

// unversioned reports whether NetBox's answers have no header API-Version.
func (f *serverFacts) unversioned() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.stripped
}

// answered reports whether NetBox has answered, as far as that can be known.
func (f *serverFacts) answered() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.version != "" || !f.lastDate.IsZero()
}
