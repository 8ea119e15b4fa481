// Package fabricsync copies the inventory of a fabric's Kubernetes cluster into
// NetBox and records the outcome there. It is the one engine behind everything
// that syncs a fabric.
//
// A sync compares first, and writes nothing but its outcome where nothing differs. Only
// one engine writes a fabric's objects: the stored sync status "syncing" is a lock that
// is taken before the first of them, that its holder renews every minute, and that is
// stale when it has not been for three. What a sync writes to the fabric's own record
// never goes over a change that somebody else has made meanwhile.
package fabricsync

import (
	"context"
	"iter"
	"log/slog"
	"strings"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/cluster"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netbox"
)

// Cluster is what a sync needs of a fabric's cluster.
type Cluster interface {
	// List ends with its first error, which means that the list is not complete: a
	// [*cluster.AbsentKindError] is a kind that the cluster does not serve.
	List(ctx context.Context, kind fabric.Kind) iter.Seq2[*cluster.Object, error]
	// NamespaceMissing reports whether the cluster says that the namespace does not exist.
	NamespaceMissing(ctx context.Context) (bool, error)
	Close()
}

// Credentials are used instead of those that NetBox stores for a fabric.
type Credentials struct {
	Token  string // secret; "" means the stored one
	CACert string // PEM; "" means the stored one
}

// Prune is what becomes of objects in NetBox that have gone from the cluster.
type Prune string

// Choices of Prune.
const (
	Keep   Prune = "keep" // as the plugin's own sync does
	Delete Prune = "delete"
)

// Options say how to sync.
type Options struct {
	NetBox      *netbox.Client
	Connect     func(cluster.Config) (Cluster, error) // nil means cluster.New
	Credentials *Credentials                          // nil means those that NetBox stores
	// do not verify the cluster's certificate; somebody's explicit choice
	Insecure  bool
	UserAgent string // towards the cluster

	// Known is the newest version of the fabric's record, where somebody has it, and
	// KnownAt the local time at which it was seen: a sync then begins without reading
	// the record. A version that is not the newest costs time, and nothing else.
	Known   *netbox.Read
	KnownAt time.Time

	Prune      Prune      // "" means Keep
	PruneLimit PruneLimit // of what Delete removes; zero means DefaultPruneLimit
	OnlyIfDue  bool       // leave a fabric alone whose timer does not ask for a sync
	DryRun     bool       // write nothing
	// WaitForMark waits, as long as the context allows, for another sync of the
	// fabric to end. Otherwise the outcome is Busy at once.
	WaitForMark bool

	Run      string         // id of this sync; "" means that Run makes one with NewRunID
	Progress func(Progress) // called from one goroutine; nil is allowed
	Clock    Clock          // nil means the machine's
	Logger   *slog.Logger   // nil means none
}

// Clock tells the local time, of which only durations count: the times that are
// stored and compared are NetBox's.
type Clock interface {
	Now() time.Time
	After(d time.Duration) <-chan time.Time
}

type systemClock struct{}

func (systemClock) Now() time.Time                         { return time.Now() }
func (systemClock) After(d time.Duration) <-chan time.Time { return time.After(d) }

func (o Options) complete() Options {
	if o.Connect == nil {
		o.Connect = func(config cluster.Config) (Cluster, error) {
			c, err := cluster.New(config)
			if err != nil {
				return nil, err
			}
			return c, nil
		}
	}
	if o.Prune == "" {
		o.Prune = Keep
	}
	if o.PruneLimit == (PruneLimit{}) {
		o.PruneLimit = DefaultPruneLimit()
	}
	if o.Progress == nil {
		o.Progress = func(Progress) {}
	}
	if o.Clock == nil {
		o.Clock = systemClock{}
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Run == "" {
		o.Run = NewRunID()
	}
	o.Logger = o.Logger.With("run", o.Run)
	if o.Credentials != nil {
		o.NetBox.KeepSecret(o.Credentials.Token)
	}
	if o.Known != nil { // it may have been read long ago
		o.NetBox.KeepSecret(o.Known.Fabric.KubernetesToken)
	}
	return o
}

// config says how to reach the cluster of a fabric.
func (o *Options) config(f *fabric.Fabric) cluster.Config {
	c := cluster.Config{
		Server: f.KubernetesServer, Token: f.KubernetesToken, CACert: f.KubernetesCACert,
		Insecure: o.Insecure, Namespace: namespaceOf(f), UserAgent: o.UserAgent,
	}
	if o.Credentials != nil && o.Credentials.Token != "" {
		c.Token = o.Credentials.Token
	}
	if o.Credentials != nil && o.Credentials.CACert != "" {
		c.CACert = o.Credentials.CACert
	}
	return c
}

// namespaceOf is the namespace whose objects are the fabric's.
func namespaceOf(f *fabric.Fabric) string {
	if fabric.Blank(f.KubernetesNamespace) { // NetBox takes none such, but older data may hold it
		return fabric.DefaultNamespace
	}
	return fabric.Trim(f.KubernetesNamespace)
}

// Run syncs a fabric. The result is never nil and tells the outcome, also beside
// an error. A cluster that cannot be used is an outcome and no error, and so is a
// sync whose deadline passed; an error is a fabric that is not to be synced
// ([*fabric.SyncRefusedError]) or cannot be ([*CredentialsError]), a sync that was
// stopped, or overtaken by somebody's change ([*SupersededError]), or a NetBox that
// could not be read or written, so that it may not tell the outcome.
func Run(ctx context.Context, o Options, fabricID int64) (*Result, error) {
	o = o.complete()
	ctx = withRunID(ctx, o.Run)
	r := &run{options: o, id: fabricID, result: &Result{FabricID: fabricID, Run: o.Run}}
	err := r.run(ctx)
	if err != nil {
		why := r.line(err.Error())
		switch {
		case r.result.Message == "":
			r.result.Message = why
		case !strings.Contains(r.result.Message, why): // what went wrong last is not to hide what did before
			r.result.Message = r.line(r.result.Message + "; " + why)
		}
	}
	r.options.Logger.InfoContext(ctx, "sync ended", "fabric_id", fabricID, "outcome", r.result.Outcome, "message",
		r.result.Message)
	return r.result, err
}
