package fabricsync

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/cluster"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netbox"
)

// Outcome is how a sync ended.
type Outcome string

// The outcomes. Only the first two are stored in NetBox's record.
const (
	Synced      Outcome = "synced"      // all that NetBox can store was stored
	Failed      Outcome = "failed"      // the message says why
	Planned     Outcome = "planned"     // a dry run: the counts say what a sync would do
	NotDue      Outcome = "not_due"     // a sync is not due yet
	Busy        Outcome = "busy"        // another sync of the fabric is running
	Skipped     Outcome = "skipped"     // not configured, or switched off
	Refused     Outcome = "refused"     // NetBox hides the cluster's token
	Superseded  Outcome = "superseded"  // another client changed or locked the fabric during the sync
	Interrupted Outcome = "interrupted" // it was stopped, or its time limit passed before it began
)

// Result is what a sync did.
type Result struct {
	FabricID   int64
	Run        string // id of this sync: in its log, and in NetBox's change log
	Fabric     string // name; "" when the record could not be read
	Outcome    Outcome
	Message    string        // one line on the outcome; "" when all went well
	Warnings   []string      // one line each, also when the outcome is good
	Status     fabric.Status // derived from Record; "" when there is none
	StartedAt  time.Time     // NetBox's time; zero when nothing was begun
	FinishedAt time.Time     // NetBox's time
	Record     *netbox.Read  // the newest version that was read, with the token; nil when none was
	RecordAt   time.Time     // local time at which Record was read
	Kinds      []KindResult  // those that were reached, in the order of fabric.Kinds
	Class      cluster.Class // what is wrong with the cluster; "" when nothing is
	// LockUnknown reports that the sync ended while it locked the fabric, and could not
	// find out whether it is locked. Such a lock goes stale.
	LockUnknown bool
}

// ListedAll reports whether all objects of the cluster are known.
func (r *Result) ListedAll() bool {
	return len(r.Kinds) == len(fabric.Kinds()) && !slices.ContainsFunc(r.Kinds,
		func(k KindResult) bool { return !k.Listed })
}

// Totals returns the sums of the counts of all kinds.
func (r *Result) Totals() KindResult {
	var sum KindResult
	for i := range r.Kinds {
		k := &r.Kinds[i]
		sum.InCluster += k.InCluster
		sum.Created += k.Created
		sum.Updated += k.Updated
		sum.Repaired += k.Repaired
		sum.Unchanged += k.Unchanged
		sum.NotStorable += k.NotStorable
		sum.Failed += k.Failed
		sum.Deleted += k.Deleted
		sum.Kept += k.Kept
	}
	return sum
}

// KindResult is what a sync did with one kind. InCluster is the sum of the six
// counts that follow, unless the kind has an Error.
type KindResult struct {
	Kind        fabric.Kind
	Listed      bool // the cluster's list was read completely
	Absent      bool // the cluster does not serve the kind; it is Listed, with no objects
	InCluster   int
	Created     int
	Updated     int
	Repaired    int // edited or deleted in NetBox, and restored
	Unchanged   int
	NotStorable int // NetBox refuses the empty spec, or the name
	Failed      int
	Deleted     int // gone from the cluster, and deleted in NetBox
	Kept        int // in NetBox, not in the cluster's namespace, and left there

	Error      string        // why the kind as a whole failed, or was not read completely
	Class      cluster.Class // of Error, if it is the cluster's
	PruneError string        // why objects that have gone were not deleted
	Failures   []string      // the first objects that NetBox did not store, with its reasons
	// NotStorableNames are the first objects that are not storable, as in "name: why".
	NotStorableNames []string
}

// Step is a part of a sync.
type Step string

// The steps, in their usual order.
const (
	StepWait    Step = "wait"    // for another sync of the fabric
	StepConnect Step = "connect" // the cluster answered
	StepLock    Step = "lock"    // the fabric is locked, because something must be written
	StepKind    Step = "kind"    // a kind is done
	StepPrune   Step = "prune"   // objects that have gone were deleted
	StepRecord  Step = "record"  // the outcome is stored
)

// Progress is a step that a sync has made.
type Progress struct {
	Step    Step
	Message string      // one line
	Kind    *KindResult // of StepKind
	Number  int         // of StepKind: 1 to Of
	Of      int         // of StepKind: how many kinds there are
}

// CredentialsError means that NetBox hides the fabric's kubernetes_token from this client,
// and the options have no other token.
type CredentialsError struct{}

func (e *CredentialsError) Error() string {
	return "NetBox does not show the fabric's kubernetes_token, because the NetBox plugin was changed to hide it; " +
		"sync this fabric with the hedgehog_fabric_sync resource and its kubernetes_token_wo"
}

// TimeoutError is the cause of a context that limits a sync; callers set it. It names the
// setting, so that the record and the report say what to raise.
type TimeoutError struct {
	After   time.Duration
	Setting string // such as --timeout
}

func (e *TimeoutError) Error() string {
	return fmt.Sprintf("the sync did not finish within the %s that %s allows; raise %[2]s, or find out what is slow",
		fabric.Humanize(e.After), e.Setting)
}

// Unwrap makes it a [context.DeadlineExceeded].
func (e *TimeoutError) Unwrap() error { return context.DeadlineExceeded }

// SupersededError means that another client changed the fabric, or another sync locked it,
// during the sync. The sync left the record as it was then.
type SupersededError struct{ Reason string }

func (e *SupersededError) Error() string { return e.Reason }
