package statuscmd

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/cli"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netbox"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

const noDateWarning = "NetBox's answers have no Date header, perhaps because a proxy removes it: the ages use this " +
	"machine's clock"

// snapshot is what NetBox said about the named fabrics, or about all.
type snapshot struct {
	fabrics  []*netbox.Scheduled
	missing  []fabric.Selector        // named fabrics that NetBox does not show
	names    []string                 // of all fabrics, if some are named
	branch   string                   // that NetBox was read in; "" for main
	received time.Time                // local time of the end
	warnings []string                 // about NetBox as a whole
	health   map[int64]*fabric.Health // by the fabric's id; nil without --health
}

// timeoutError means that NetBox was still answering when --timeout was over.
type timeoutError struct{ after time.Duration }

func (e *timeoutError) Error() string {
	return fmt.Sprintf("NetBox gave no complete answer within %s; raise --timeout, or find out why NetBox is slow",
		fabric.Humanize(e.after))
}

// read reads the fabrics from NetBox.
func (r *run) read(ctx context.Context) (*snapshot, error) {
	ctx, cancel := context.WithTimeout(ctx, r.options.timeout)
	defer cancel()
	s, named := &snapshot{}, r.options.fabrics
	byRecord := map[*fabric.Fabric]*netbox.Scheduled{}
	var found []*fabric.Fabric
	localClock := false
	for read, err := range r.netbox.Fabrics().ForStatus(ctx) {
		if err != nil {
			return nil, r.lateOr(ctx, err)
		}
		localClock = localClock || read.LocalClock
		if named != nil {
			s.names = append(s.names, read.Fabric.Name)
		}
		if named.Has(&read.Fabric) {
			found, byRecord[&read.Fabric] = append(found, &read.Fabric), read
		}
	}
	s.received, s.branch = r.program.now(), r.branch()
	s.warnings = r.warnings(localClock)
	found = named.Narrowed(found)
	s.missing = named.Missing(found)
	for _, f := range found {
		s.fabrics = append(s.fabrics, byRecord[f])
	}
	if r.options.health {
		r.readHealth(ctx, s)
	}
	return s, nil
}

// lateOr returns a [*timeoutError] for an error that --timeout caused, and other errors as
// they are. If requests had failed and were retried, NetBox is not slow: it returns the last
// failure.
func (r *run) lateOr(ctx context.Context, err error) error {
	if ctx.Err() == nil || !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	if retried, ok := errors.AsType[*rest.InterruptedError](err); ok {
		return retried.Last
	}
	return &timeoutError{r.options.timeout}
}

// branch returns the name of the branch that NetBox is read in, or its schema id if the
// name is not known, or "" for main.
func (r *run) branch() string {
	configured, _ := r.netbox.InBranch()
	return cmp.Or(r.netbox.Branch().Name, configured)
}

// warnings returns what a user should know about NetBox as a whole. It warns of an untested
// NetBox only once.
func (r *run) warnings(localClock bool) (all []string) {
	if found := r.netbox.TakeUntested(); found != nil {
		all = append(all, fmt.Sprintf("NetBox is version %s, newer than the tested versions (up to %s); look for a "+
			"newer version of this program", found.Version, found.Newest))
	}
	if localClock {
		all = append(all, noDateWarning)
	}
	return all
}

// notFound returns the message for a named fabric that NetBox does not show.
func (s *snapshot) notFound(one fabric.Selector) string {
	if one.Name == "" {
		return fmt.Sprintf("NetBox shows no fabric with the id %d", one.ID)
	}
	return fmt.Sprintf("NetBox shows no fabric named %q%s", one.Name, cli.DidYouMean("", one.Name, s.names))
}

// view is a snapshot at a certain time. What it shows follows from the facts and the time.
type view struct {
	options   *options
	branch    string
	entries   []*entry // those that need attention first
	missing   []fabric.Selector
	unchecked string              // why no fabric was checked; "" if one was
	mask      func(string) string // replaces secrets
}

// entry is a fabric at the time of a view.
type entry struct {
	fabric          *fabric.Fabric
	now             time.Time // by NetBox's clock
	derived         fabric.DerivedStatus
	timer           fabric.Timer
	inconsistencies []string
	page            string         // its URL in NetBox's web interface
	health          *fabric.Health // nil if its cluster was not asked
	failing         bool           // has what --fail-on lists
}

func (e *entry) inconsistent() bool { return len(e.inconsistencies) > 0 }

// viewAt returns the view of a snapshot at a local time.
func (r *run) viewAt(s *snapshot, at time.Time) *view {
	v := &view{
		options: r.options, branch: s.branch, missing: s.missing, unchecked: r.options.unchecked(s),
		mask: r.netbox.Mask,
	}
	for _, read := range s.fabrics {
		now := read.ObservedAt.Add(at.Sub(s.received))
		if r.options.filter.Matches(&read.Fabric, now) {
			v.entries = append(v.entries, r.entry(&read.Fabric, now, s.health[read.Fabric.ID]))
		}
	}
	slices.SortFunc(v.entries, func(a, b *entry) int {
		return cmp.Or(cmp.Compare(a.place(), b.place()), strings.Compare(a.fabric.Name, b.fabric.Name),
			cmp.Compare(a.fabric.ID, b.fabric.ID))
	})
	return v
}

// unchecked returns why no fabric was checked, or "" if one was. A filter by sync status or
// connection status may match no fabric.
func (o *options) unchecked(s *snapshot) string {
	switch {
	case len(s.missing) > 0: // which is said for each
		return ""
	case len(s.fabrics) == 0:
		return "nothing was checked: " + cli.NoFabrics
	case slices.ContainsFunc(s.fabrics, func(one *netbox.Scheduled) bool { return o.filter.Selects(&one.Fabric) }):
		return ""
	}
	var filters []string
	if o.filter.Name != nil {
		filters = append(filters, fmt.Sprintf("--name-regex %q", o.filter.Name))
	}
	if o.filter.Lifecycles != nil {
		filters = append(filters, "--status "+strings.Join(o.filter.Lifecycles, ","))
	}
	for _, tag := range o.filter.Tags {
		filters = append(filters, fmt.Sprintf("--tag %q", tag))
	}
	what := "no fabric"
	if o.fabrics != nil {
		what = "none of the named fabrics"
	}
	return fmt.Sprintf("nothing was checked: %s passes %s; check the filters", what, strings.Join(filters, " and "))
}

func (r *run) entry(f *fabric.Fabric, now time.Time, health *fabric.Health) *entry {
	e := &entry{
		fabric: f, now: now, derived: fabric.SyncStatus(f.Facts(), now), timer: fabric.SyncTimer(f.Facts(), now),
		inconsistencies: f.Inconsistencies(now), page: r.netbox.FabricPage(f.ID),
		health: health,
	}
	e.failing = slices.Contains(r.options.failOn, string(e.derived.Status)) ||
		e.inconsistent() && slices.Contains(r.options.failOn, failOnInconsistent) ||
		e.unhealthy() && slices.Contains(r.options.failOn, failOnUnhealthy)
	return e
}

// place returns an entry's place: errors first, then fabrics that are out of sync,
// inconsistent or unhealthy, then the others by the urgency of their status.
func (e *entry) place() int {
	place := e.derived.Status.Urgency()
	if e.inconsistent() || e.unhealthy() {
		return min(place, fabric.StatusOutOfSync.Urgency())
	}
	return place
}

// code returns the exit code.
func (v *view) code() int {
	if len(v.missing) > 0 || slices.ContainsFunc(v.entries, func(e *entry) bool { return e.failing }) {
		return cli.ExitFailure
	}
	if v.unchecked != "" || slices.Contains(v.options.failOn, failOnUnhealthy) &&
		slices.ContainsFunc(v.entries, (*entry).healthUnknown) {
		return cli.ExitUnknown
	}
	return cli.ExitSuccess
}
