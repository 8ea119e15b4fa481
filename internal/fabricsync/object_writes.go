package fabricsync

import (
	"context"
	"errors"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netbox"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

// batch collects objects that are written with one request.
type batch struct {
	objects []netbox.ObjectWrite
	write   func(context.Context, int64, []netbox.ObjectWrite) (netbox.Stored, error)
	done    *int // counts the objects that were written; nil if they are not counted
	blocked bool // NetBox refuses such writes altogether
}

// batches are the writes of a kind, by their reason.
type batches struct {
	created   batch // new in the cluster
	recreated batch // deleted in NetBox
	updated   batch // changed in the cluster
	rewritten batch // edited in NetBox
	outdated  batch // the spec has become empty, which is noted with the object
}

func newBatches(objects *netbox.Objects, result *KindResult) batches {
	return batches{
		created:   batch{write: objects.Create, done: &result.Created},
		recreated: batch{write: objects.Create, done: &result.Repaired},
		updated:   batch{write: objects.Update, done: &result.Updated},
		rewritten: batch{write: objects.Update, done: &result.Repaired},
		outdated:  batch{write: objects.Update},
	}
}

// queue adds an object to a batch, and writes a batch that is full. Without the lock, it
// returns [errLockNeeded].
func (k *kindSync) queue(ctx context.Context, b *batch, write netbox.ObjectWrite) error {
	if k.run.lock == nil && !k.run.options.DryRun {
		return errLockNeeded
	}
	b.objects = append(b.objects, write)
	if len(b.objects) < netbox.ObjectBatch {
		return nil
	}
	return k.send(ctx, b)
}

// flush writes all batches.
func (k *kindSync) flush(ctx context.Context) error {
	for _, b := range []*batch{
		&k.batches.created, &k.batches.recreated, &k.batches.updated, &k.batches.rewritten, &k.batches.outdated,
	} {
		if err := k.send(ctx, b); err != nil {
			return err
		}
	}
	return nil
}

// send writes a batch and counts the outcome. After its error, the next request would
// fail, too.
func (k *kindSync) send(ctx context.Context, b *batch) error {
	objects := b.objects
	b.objects = nil // and not [:0], so that the specs can be freed
	if len(objects) == 0 {
		return nil
	}
	if k.run.options.DryRun {
		b.count(len(objects))
		return nil
	}
	if err := k.run.lock.ensureFresh(ctx); err != nil {
		return err
	}
	var stored netbox.Stored
	var err error
	if !b.blocked {
		stored, err = b.write(ctx, k.run.id, objects)
	}
	b.count(stored.Done)
	if b.done != nil {
		k.addFailed(len(objects)-stored.Done, stored.Failed)
	}
	if err == nil || (b.done == nil && !isFatal(err) && ctx.Err() == nil) {
		return nil
	}
	b.blocked = true
	return k.netboxFailed(ctx, err)
}

func (b *batch) count(n int) {
	if b.done != nil {
		*b.done += n
	}
}

// addFailed counts n objects that were not stored. Objects whose names NetBox refuses
// count as not storable.
func (k *kindSync) addFailed(n int, failures []netbox.ObjectFailure) {
	for _, failure := range failures {
		refused, ok := errors.AsType[*rest.InvalidError](failure.Err)
		if ok && len(refused.Fields["name"]) > 0 {
			k.addBadName(failure.Name, refused.Fields["name"][0])
			n--
			continue
		}
		if len(k.result.Failures) < maxFailures {
			text := truncate(k.run.options.NetBox.Mask(failure.Error()), maxReason)
			k.result.Failures = append(k.result.Failures, text)
		}
	}
	k.result.Failed += n
}
