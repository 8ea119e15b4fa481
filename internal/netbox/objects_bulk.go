package netbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

const (
	// ObjectBatch is how many objects one bulk request writes. NetBox takes some
	// milliseconds for each, and writes all of them or none.
	ObjectBatch = 200
	// batchBytes limits the body of a request. It is below the usual limits of proxies in
	// front of NetBox.
	batchBytes = 4 << 20
	// maxFutile is how many writes in a row may be lost or fail on the server before a bulk
	// write is given up. One bad object in a batch takes about ten.
	maxFutile = 24
	// lostWeight is how many failed writes a write without an answer counts for: an object
	// is not likely the reason, and each takes as long as a request may take.
	lostWeight = 6
)

// Stored is the result of writing objects.
type Stored struct {
	Done   int             // stored, or removed
	Failed []ObjectFailure // the others, unless the whole write failed
}

// ObjectFailure is an object that NetBox did not store.
type ObjectFailure struct {
	Namespace, Name string
	Err             error
}

func (f ObjectFailure) Error() string { return fmt.Sprintf("%s: %s", f.Name, rest.Reason(f.Err)) }

func (f ObjectFailure) Unwrap() error { return f.Err }

// Create stores new objects of a fabric. Objects that NetBox refuses are in the result, and
// don't stop the others. An error concerns all objects. Then those that are not in the
// result were not stored, as far as is known.
func (o *Objects) Create(ctx context.Context, fabricID int64, objects []ObjectWrite) (Stored, error) {
	return o.write(ctx, http.MethodPost, fabricID, objects)
}

// Update changes stored objects of a fabric. It returns the same results as [Objects.Create].
func (o *Objects) Update(ctx context.Context, fabricID int64, objects []ObjectWrite) (Stored, error) {
	return o.write(ctx, http.MethodPatch, fabricID, objects)
}

// Delete removes objects of a fabric. The published plugin cannot remove some of its kinds:
// the error is then a [*rest.ServerError] with the plugin's fault ([PluginBug]).
func (o *Objects) Delete(ctx context.Context, fabricID int64, objects []StoredObject) (Stored, error) {
	gone := make([]ObjectWrite, len(objects))
	for i, stored := range objects {
		gone[i] = ObjectWrite{ID: stored.ID, Namespace: stored.Namespace, Name: stored.Name}
	}
	return o.write(ctx, http.MethodDelete, fabricID, gone)
}

func (o *Objects) write(ctx context.Context, method string, fabricID int64, objects []ObjectWrite) (Stored, error) {
	if len(objects) == 0 {
		return Stored{}, nil
	}
	if err := o.client.Check(ctx); err != nil {
		return Stored{}, err
	}
	held := o.held()
	defer held.endWrite(fabricID)
	b := &bulk{objects: o, method: method, fabricID: fabricID, held: held}
	for len(objects) > 0 {
		batch, n, err := b.batch(ctx, objects)
		if err == nil {
			err = b.store(ctx, batch, false)
		}
		if err != nil {
			b.fail(b.refusals)
			return b.stored, err
		}
		objects = objects[n:]
	}
	err := b.judgeRefusals(ctx)
	return b.stored, err
}

// bulk is a write of many objects.
type bulk struct {
	objects  *Objects
	method   string
	fabricID int64
	held     *kindInventory // inventory of the kind; nil for none
	stored   Stored
	refusals []bulkItem // refused by NetBox; checked at the end, since they may be as they should be
	futile   int        // weight of the writes in a row that were lost or failed on the server
}

// bulkItem is an object with what is sent for it.
type bulkItem struct {
	*ObjectWrite
	body    json.RawMessage
	refusal error // why NetBox does not store it
}

// batch takes objects for one request, and returns how many it took.
func (b *bulk) batch(ctx context.Context, objects []ObjectWrite) ([]bulkItem, int, error) {
	var batch []bulkItem
	size := 0
	for i := range objects {
		item, err := b.item(ctx, &objects[i])
		if err != nil {
			return nil, 0, err
		}
		if len(batch) == ObjectBatch || (len(batch) > 0 && size+len(item.body) > batchBytes) {
			break
		}
		batch, size = append(batch, item), size+len(item.body)
	}
	return batch, len(batch), nil
}

func (b *bulk) item(ctx context.Context, w *ObjectWrite) (bulkItem, error) {
	body := map[string]any{}
	if b.method != http.MethodDelete {
		body = w.body()
	}
	if b.method == http.MethodPost {
		body["fabric"], body["namespace"], body["name"] = b.fabricID, w.Namespace, w.Name
	} else {
		body["id"] = w.ID
	}
	if message := b.objects.client.changelogMessage(ctx); message != "" {
		body["changelog_message"] = message
	}
	raw, err := json.Marshal(body)
	if err != nil {
		return bulkItem{}, fmt.Errorf("encoding object %q: %w", w.Name, err)
	}
	return bulkItem{ObjectWrite: w, body: raw}, nil
}

// store writes a batch. If objects are refused together, it writes them in smaller batches.
// repeated means that the batch was sent before, with an unknown outcome.
func (b *bulk) store(ctx context.Context, batch []bulkItem, repeated bool) error {
	err := b.send(ctx, batch)
	invalid, isInvalid := errors.AsType[*rest.InvalidError](err)
	switch {
	case err == nil:
		b.stored.Done += len(batch)
		b.futile = 0
		return nil
	case rest.OutcomeUnknown(err):
		return b.verify(ctx, batch, err, repeated)
	case isInvalid && len(invalid.Items) > 0:
		return b.withoutFaulty(ctx, batch, invalid)
	case isInvalid, refusesBody(err):
		return b.apart(ctx, batch, err)
	}
	return err
}

// send makes one request. If the answer does not show every object, the outcome is unknown.
func (b *bulk) send(ctx context.Context, batch []bulkItem) error {
	bodies := make([]json.RawMessage, len(batch))
	for i, item := range batch {
		bodies[i] = item.body
	}
	if b.method == http.MethodDelete {
		return b.remove(ctx, batch, bodies)
	}
	// No If-Match: NetBox answers 412 to every bulk request that has it.
	a, err := b.request(ctx, bodies)
	if err != nil {
		return err
	}
	var shown []struct {
		ID int64 `json:"id"`
	}
	if err := a.Decode(&shown); err != nil {
		return err
	}
	if len(shown) != len(batch) { // before 4.7, an update leaves out objects that are gone
		return a.Unexpected(fmt.Sprintf("it shows %d objects after a write of %d", len(shown), len(batch)))
	}
	return nil
}

func (b *bulk) request(ctx context.Context, bodies []json.RawMessage) (*rest.Answer, error) {
	return b.objects.client.rest.Do(ctx, &rest.Message{
		Method: b.method, Path: b.objects.path, Query: withoutDisplayURL(), Body: bodies,
	})
}

// remove makes one request that removes objects.
func (b *bulk) remove(ctx context.Context, batch []bulkItem, bodies []json.RawMessage) error {
	var removed []bulkItem
	b.held.beginDelete()
	defer func() { b.held.endDelete(removed) }()
	a, err := b.request(ctx, bodies)
	switch {
	case err != nil:
		return err
	case a.Status != http.StatusNoContent:
		return a.Unexpected("expected 204 after deleting objects")
	}
	removed = batch
	return nil
}

// refusesBody reports whether an error is a refusal that may be due to the size or content
// of the request and does not name single objects.
func refusesBody(err error) bool {
	status := 0
	if refused, ok := errors.AsType[*rest.RefusedError](err); ok {
		status = refused.Status
	} else if foreign, ok := errors.AsType[*rest.UnexpectedAnswerError](err); ok {
		status = foreign.Status
	}
	switch status {
	case http.StatusBadRequest, http.StatusForbidden, http.StatusConflict, http.StatusRequestEntityTooLarge,
		http.StatusUnprocessableEntity:
		return true
	}
	return false
}

// verify verifies a write of unknown outcome, and continues with the rest: once as it was,
// since servers recover, and then in smaller batches, since one object may make the server
// fail.
func (b *bulk) verify(ctx context.Context, batch []bulkItem, err error, repeated bool) error {
	remaining, readErr := b.missing(ctx, batch)
	if readErr != nil {
		return &UnverifiedError{Write: err, Read: readErr}
	}
	if b.stored.Done += len(batch) - len(remaining); len(remaining) == 0 {
		b.futile = 0
		return nil
	}
	if _, lost := errors.AsType[*rest.TransportError](err); lost {
		b.futile += lostWeight - 1
	}
	if b.futile++; b.futile >= maxFutile || rolledBack(err) {
		return err
	}
	if pauseErr := b.objects.client.rest.Pause(ctx, 1, err); pauseErr != nil {
		return &UnverifiedError{Write: err, End: pauseErr}
	}
	if !repeated {
		return b.store(ctx, remaining, true)
	}
	return b.apart(ctx, remaining, err)
}

// withoutFaulty continues with the objects of a batch that NetBox did not refuse.
func (b *bulk) withoutFaulty(ctx context.Context, batch []bulkItem, refusal *rest.InvalidError) error {
	faults := map[int]*rest.InvalidError{}
	for _, fault := range refusal.Items {
		i := fault.Index
		if i < 0 {
			i = slices.IndexFunc(batch, func(item bulkItem) bool { return item.ID == fault.ID })
		}
		if i >= 0 && i < len(batch) {
			faults[i] = fault.Err
		}
	}
	if len(faults) == 0 {
		return b.apart(ctx, batch, refusal)
	}
	var faulty, good []bulkItem
	for i, item := range batch {
		if reason, bad := faults[i]; bad {
			item.refusal = reason
			faulty = append(faulty, item)
		} else {
			good = append(good, item)
		}
	}
	if b.refusals = append(b.refusals, faulty...); len(good) == 0 {
		return nil
	}
	return b.store(ctx, good, false)
}

// apart writes the two halves of a batch that was refused as a whole.
func (b *bulk) apart(ctx context.Context, batch []bulkItem, err error) error {
	if len(batch) == 1 {
		if _, isInvalid := errors.AsType[*rest.InvalidError](err); !isInvalid && !rest.OutcomeUnknown(err) {
			if b.futile++; b.futile >= maxFutile {
				return err // so many refusals have another reason than an object
			}
		}
		one := batch[0]
		one.refusal = err
		b.refusals = append(b.refusals, one)
		return nil
	}
	for _, half := range [][]bulkItem{batch[:len(batch)/2], batch[len(batch)/2:]} {
		// A half that failed twice is not tried again until it is a single object.
		if err := b.store(ctx, half, rest.OutcomeUnknown(err) && len(half) > 1); err != nil {
			return err
		}
	}
	return nil
}

// judgeRefusals records the objects that NetBox has refused, except those that are as they
// should be: already removed, or created in the meantime, by another sync or by a late
// request of ours.
func (b *bulk) judgeRefusals(ctx context.Context) (err error) {
	missing := b.refusals
	if len(missing) > 0 && b.method != http.MethodPatch {
		if missing, err = b.missing(ctx, b.refusals); err != nil {
			b.fail(b.refusals)
			return errors.Join(b.refusals[0].refusal, err)
		}
	}
	b.stored.Done += len(b.refusals) - len(missing)
	b.fail(missing)
	return nil
}

func (b *bulk) fail(items []bulkItem) {
	for _, item := range items {
		b.stored.Failed = append(b.stored.Failed, ObjectFailure{item.Namespace, item.Name, item.refusal})
	}
}

// missing returns which objects of a batch are not as they should be by now.
func (b *bulk) missing(ctx context.Context, batch []bulkItem) ([]bulkItem, error) {
	found := map[[2]string]*StoredObject{}
	for _, item := range batch {
		found[item.key()] = nil
	}
	for stored, err := range b.objects.All(ctx, b.fabricID) {
		if _, gone := errors.AsType[*rest.NotFoundError](err); gone {
			break // the objects were deleted with the fabric
		}
		if err != nil {
			return nil, err
		}
		if _, wanted := found[stored.key()]; wanted {
			found[stored.key()] = &stored
		}
	}
	return slices.DeleteFunc(slices.Clone(batch), func(item bulkItem) bool {
		stored := found[item.key()]
		if b.method == http.MethodDelete {
			return stored == nil || stored.ID != item.ID
		}
		return item.is(stored)
	}), nil
}

func (w *ObjectWrite) key() [2]string  { return [2]string{w.Namespace, w.Name} }
func (s *StoredObject) key() [2]string { return [2]string{s.Namespace, s.Name} }
