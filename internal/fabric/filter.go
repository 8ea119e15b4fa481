package fabric

import (
	"regexp"
	"slices"
	"time"
)

// Filter selects fabrics. The NetBox plugin ignores filters, so a program that lists fabrics
// applies this one. A nil filter selects all fabrics. An empty one selects none, except for
// Tags.
type Filter struct {
	Name               *regexp.Regexp // must match the name's normal form, see [NormalText]
	Lifecycles         []string       // a fabric must have one of these
	SyncStatuses       []string       // a fabric must have one of these sync statuses
	ConnectionStatuses []string       // a fabric must have one of these
	Tags               []string       // names; a fabric must have all of these
}

// Matches reports whether a fabric passes every filter, at the time now.
func (f *Filter) Matches(x *Fabric, now time.Time) bool {
	return f.Selects(x) &&
		oneOf(f.SyncStatuses, string(SyncStatus(x.Facts(), now).Status)) &&
		oneOf(f.ConnectionStatuses, x.ConnectionStatus)
}

// Selects reports whether a fabric passes the filters that select fabrics to check: name,
// lifecycle and tags. The other filters depend on the fabric's condition.
func (f *Filter) Selects(x *Fabric) bool {
	return (f.Name == nil || f.Name.MatchString(NormalText(x.Name))) &&
		oneOf(f.Lifecycles, x.Lifecycle) &&
		!slices.ContainsFunc(f.Tags, func(tag string) bool { return !x.hasTag(tag) })
}

func oneOf(allowed []string, value string) bool {
	return allowed == nil || slices.Contains(allowed, value)
}

func (f *Fabric) hasTag(name string) bool {
	return slices.ContainsFunc(f.Tags, func(t Tag) bool { return SameText(t.Name, name) })
}

// StatusNames returns the names of all sync statuses, in the order of [Statuses].
func StatusNames() []string {
	names := make([]string, 0, len(Statuses()))
	for _, s := range Statuses() {
		names = append(names, string(s))
	}
	return names
}
