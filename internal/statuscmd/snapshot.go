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
)

const noDateWarning = "NetBox's answers have no Date header, perhaps because a proxy removes it: the ages are by the " +
	"clock of this machine"

// snapshot is what NetBox said of the fabrics that are named, or of all.
type snapshot struct {
	fabrics    []*netbox.Scheduled
	missing    []fabric.Selector        // named, and not there
	names      []string                 // of all fabrics, where some are named
	received   time.Time                // local time of the end
	localClock bool                     // NetBox's answers have no time
	health     map[int64]*fabric.Health // by the fabric's id; nil without --health
}

// timeoutError is a NetBox that was still answering when --timeout was over.
type timeoutError struct{ after time.Duration }

func (e *timeoutError) Error() string {
	return fmt.Sprintf("NetBox gave no complete answer within %s; raise --timeout, or find out why NetBox is slow",
		fabric.Humanize(e.after))
}

// read asks NetBox for the fabrics.
func (r *run) read(ctx context.Context) (*snapshot, error) {
	ctx, cancel := context.WithTimeout(ctx, r.options.timeout)
	defer cancel()
	s, named := &snapshot{}, r.options.fabrics
	byRecord := map[*fabric.Fabric]*netbox.Scheduled{}
	var found []*fabric.Fabric
	for read, err := range r.netbox.Fabrics().ForStatus(ctx) {
		if errors.Is(err, context.DeadlineExceeded) && ctx.Err() != nil {
			return nil, &timeoutError{r.options.timeout}
		}
		if err != nil {
			return nil, err
		}
		s.localClock = s.localClock || read.LocalClock
		if named != nil {
			s.names = append(s.names, read.Fabric.Name)
		}
		if named.Has(&read.Fabric) {
			found, byRecord[&read.Fabric] = append(found, &read.Fabric), read
		}
	}
	r.warnUntested()
	s.received = r.program.now()
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

// warnUntested says, once, that NetBox is newer than those that were tested.
func (r *run) warnUntested() {
	if found := r.netbox.TakeUntested(); found != nil {
		r.say("NetBox is version %s, newer than those that were tested (up to %s); look for a newer version of this "+
			"program", found.Version, found.Newest)
	}
}

// notFound says that NetBox does not show a fabric that was named.
func (s *snapshot) notFound(one fabric.Selector) string {
	if one.Name == "" {
		return fmt.Sprintf("NetBox shows no fabric with the id %d", one.ID)
	}
	return fmt.Sprintf("NetBox shows no fabric named %q%s", one.Name, cli.DidYouMean("", one.Name, s.names))
}

// view is a snapshot at a moment: what it shows follows from the facts and the time.
type view struct {
	options *options
	entries []*entry // what needs attention first
	missing []fabric.Selector
	mask    func(string) string // replaces secrets
}

// entry is a fabric at the moment of a view.
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

// viewAt returns what a snapshot shows at a local time.
func (r *run) viewAt(s *snapshot, at time.Time) *view {
	v := &view{options: r.options, missing: s.missing, mask: r.netbox.Mask}
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

func (r *run) entry(f *fabric.Fabric, now time.Time, health *fabric.Health) *entry {
	e := &entry{
		fabric: f, now: now, derived: fabric.SyncStatus(f.Facts(), now), timer: fabric.SyncTimer(f.Facts(), now),
		inconsistencies: f.Inconsistencies(now), page: r.netbox.FabricPage(f.ID),
		health: health,
	}
	e.failing = slices.Contains(r.options.failOn, string(e.derived.Status)) ||
		len(e.inconsistencies) > 0 && slices.Contains(r.options.failOn, failOnInconsistent) ||
		e.unhealthy() && slices.Contains(r.options.failOn, failOnUnhealthy)
	return e
}

// place is an entry's place among the others: errors first, then what is out of sync,
// inconsistent or unhealthy, then the rest by the urgency of its status.
func (e *entry) place() int {
	place := e.derived.Status.Urgency()
	if len(e.inconsistencies) > 0 || e.unhealthy() {
		return min(place, fabric.StatusOutOfSync.Urgency())
	}
	return place
}

// code returns the exit code.
func (v *view) code() int {
	if len(v.missing) > 0 || slices.ContainsFunc(v.entries, func(e *entry) bool { return e.failing }) {
		return cli.ExitFailure
	}
	if slices.Contains(v.options.failOn, failOnUnhealthy) && slices.ContainsFunc(v.entries, (*entry).healthUnknown) {
		return cli.ExitUnknown
	}
	return cli.ExitSuccess
}
