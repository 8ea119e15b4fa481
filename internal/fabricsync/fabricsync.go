// Package fabricsync copies the objects of a fabric's Kubernetes cluster into NetBox and
// records the outcome there. The resource, the action and the sync command all call it.
//
// A sync compares first. If nothing differs, it writes only its outcome. Otherwise, it
// locks the fabric before it writes the first object, so that only one engine writes a
// fabric's objects at a time. The lock is the stored sync status "syncing". Its holder
// renews it every minute. After three minutes without a renewal the lock is stale, and
// another sync may lock the fabric. A sync never overwrites changes that another client has
// meanwhile made to the fabric's own record.
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

// Cluster is what a sync needs of a fabric's cluster. [cluster.Cluster] implements it.
type Cluster interface {
	// List returns the objects of a kind. It ends with its first error, which means that
	// the list is not complete. A [*cluster.AbsentKindError] is a kind that the cluster
	// does not serve.
	List(ctx context.Context, kind fabric.Kind) iter.Seq2[*cluster.Object, error]
	// NamespaceMissing reports whether the cluster says that the namespace does not exist.
	NamespaceMissing(ctx context.Context) (bool, error)
	Close()
}

// Credentials are used instead of those that NetBox stores for a fabric.
type Credentials struct {
	Token  string // secret; a blank one means the stored one
	CACert string // PEM; a blank one means the stored one
}

// Prune says what happens to objects in NetBox that no longer exist in the cluster.
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
	Insecure    bool                                  // do not verify the cluster's certificate
	UserAgent   string                                // sent to the cluster

	// Known is a version of the fabric's record that the caller has, and KnownAt the local
	// time at which it was read. The sync then begins without reading the record. If it is
	// not the newest version, the sync takes longer, and its outcome is the same.
	Known   *netbox.Read
	KnownAt time.Time

	Prune      Prune      // "" means Keep
	PruneLimit PruneLimit // of what Delete removes; zero means DefaultPruneLimit
	OnlyIfDue  bool       // do nothing if the fabric's interval has not passed yet
	DryRun     bool       // write nothing
	// WaitForLock waits for another sync of the fabric to end, as long as the context
	// allows. Without it, the outcome is immediately Busy.
	WaitForLock bool

	Run      string         // id of this sync; "" means that Run makes one with NewRunID
	Progress func(Progress) // called from one goroutine; nil is allowed
	Clock    Clock          // nil means the machine's
	Logger   *slog.Logger   // nil means none
}

// Clock is the local clock. Only durations are taken from it: the times that are stored
// and compared are NetBox's.
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

// config returns how to reach the cluster of a fabric.
func (o *Options) config(f *fabric.Fabric) cluster.Config {
	c := cluster.Config{
		Server: f.KubernetesServer, Token: f.KubernetesToken, CACert: f.KubernetesCACert,
		Insecure: o.Insecure, Namespace: namespaceOf(f), UserAgent: o.UserAgent,
	}
	if o.hasToken() {
		c.Token = o.Credentials.Token
	}
	if o.Credentials != nil && !fabric.Blank(o.Credentials.CACert) {
		c.CACert = o.Credentials.CACert
	}
	return c
}

// hasToken reports whether the options have a token for the cluster.
func (o *Options) hasToken() bool { return o.Credentials != nil && !fabric.Blank(o.Credentials.Token) }

// namespaceOf returns the namespace whose objects are the fabric's.
func namespaceOf(f *fabric.Fabric) string {
	if fabric.Blank(f.KubernetesNamespace) { // NetBox no longer accepts a blank one, but older data may have it
		return fabric.DefaultNamespace
	}
	return fabric.Trim(f.KubernetesNamespace)
}

// Run syncs a fabric. The result is never nil, and has the outcome even if there is an error.
//
// A cluster that cannot be used is an outcome and not an error, and so is a sync whose
// deadline passed. The errors are:
//   - [*fabric.NotSyncableError]: the fabric must not be synced
//   - [*CredentialsError]: there is no token for its cluster
//   - [*SupersededError]: another client changed the fabric, or another sync locked it
//   - [context.Canceled]: the sync was stopped
//   - any other: NetBox could not be read or written, so its record may not show the outcome
func Run(ctx context.Context, o Options, fabricID int64) (*Result, error) {
	o = o.complete()
	ctx = withRunID(ctx, o.Run)
	r := &run{options: o, id: fabricID, result: &Result{FabricID: fabricID, Run: o.Run}}
	err := r.run(ctx)
	if err != nil {
		why := r.recordText(err.Error())
		switch {
		case r.result.Message == "":
			r.result.Message = why
		case !strings.Contains(r.result.Message, why): // the last failure must not hide the first one
			r.result.Message = r.recordText(r.result.Message + "; " + why)
		}
	}
	r.options.Logger.InfoContext(ctx, "sync ended", "fabric_id", fabricID, "outcome", r.result.Outcome, "message",
		r.result.Message)
	return r.result, err
}
