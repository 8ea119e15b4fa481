package fabricsync

import (
	"context"
	"errors"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netbox"
)

// pending are objects that wait to be written together.
type pending struct {
	objects []netbox.ObjectWrite
	write   func(context.Context, int64, []netbox.ObjectWrite) (netbox.Stored, error)
	done    *int // what counts those that were written; nil for what does not count
	blocked bool // NetBox refuses such writes as a whole
}

// pendings are the writes of a kind, by why they are made.
type pendings struct {
	created, recreated, updated, rewritten pending
	noted                                  pending // objects whose spec has become empty
}

func newPendings(objects *netbox.Objects, result *KindResult) pendings {
	return pendings{
		created:   pending{write: objects.Create, done: &result.Created},
		recreated: pending{write: objects.Create, done: &result.Repaired},
		updated:   pending{write: objects.Update, done: &result.Updated},
		rewritten: pending{write: objects.Update, done: &result.Repaired},
		noted:     pending{write: objects.Update},
	}
}

// queue adds an object to those that wait. Without the lock it asks for it.
func (k *kindSync) queue(ctx context.Context, p *pending, write netbox.ObjectWrite) error {
	if k.run.lock == nil && !k.run.options.DryRun {
		return errLockNeeded
	}
	p.objects = append(p.objects, write)
	if len(p.objects) < netbox.ObjectBatch {
		return nil
	}
	return k.send(ctx, p)
}

// flush writes what still waits.
func (k *kindSync) flush(ctx context.Context) error {
	for _, p := range []*pending{
		&k.pending.created, &k.pending.recreated, &k.pending.updated, &k.pending.rewritten, &k.pending.noted,
	} {
		if err := k.send(ctx, p); err != nil {
			return err
		}
	}
	return nil
}

// send writes a batch and counts what became of it. Its error leaves nothing
// else to try.
func (k *kindSync) send(ctx context.Context, p *pending) error {
	objects := p.objects
	p.objects = nil // rather than reused, so that the specs can be freed
	if len(objects) == 0 {
		return nil
	}
	if k.run.options.DryRun {
		p.count(len(objects))
		return nil
	}
	if err := k.run.lock.fresh(ctx); err != nil {
		return err
	}
	var stored netbox.Stored
	var err error
	if !p.blocked {
		stored, err = p.write(ctx, k.run.id, objects)
	}
	p.count(stored.Done)
	if p.done != nil {
		k.failed(len(objects)-stored.Done, stored.Failed)
	}
	if err == nil || (p.done == nil && !isFatal(err) && ctx.Err() == nil) {
		return nil
	}
	p.blocked = true
	return k.netboxFailed(ctx, err)
}

func (p *pending) count(n int) {
	if p.done != nil {
		*p.done += n
	}
}

// failed counts n objects that were not stored. Those whose names NetBox refuses are
// not storable, by a rule that only it knows.
func (k *kindSync) failed(n int, failures []netbox.ObjectFailure) {
	for _, failure := range failures {
		refused, ok := errors.AsType[*netbox.InvalidError](failure.Err)
		if ok && len(refused.Fields["name"]) > 0 {
			k.badName(failure.Name, refused.Fields["name"][0])
			n--
			continue
		}
		if len(k.result.Failures) < maxFailures {
			k.result.Failures = append(k.result.Failures, cut(k.run.options.NetBox.Mask(failure.Error()), maxReason))
		}
	}
	k.result.Failed += n
}
