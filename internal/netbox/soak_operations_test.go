package netbox

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

func (s *soak) create(w int, slot *soakSlot, random *rand.Rand) {
	slot.made++
	set := soakValues(fmt.Sprintf("soak-%d-%d", slot.number, slot.made), random.IntN(1000))
	create := Create{Set: set, Planned: fabric.Attributes(set)}
	name, tried := set["name"].(string), false
	s.attempt("create "+name, func(ctx context.Context) (bool, error) {
		read, err := s.client.Fabrics().Create(ctx, create)
		// After an error with an unknown outcome, a user finds the fabric by its name.
		if _, taken := errors.AsType[*NameTakenError](err); taken && tried {
			s.adopted.Add(1)
			read, err = s.client.Fabrics().FindByName(ctx, name)
		} else if taken {
			s.Errorf("the name %s is taken: %v", name, err)
		}
		tried = true
		if err != nil {
			return false, err
		}
		s.owners.Store(read.Fabric.ID, w)
		s.checkAndStore(slot, read, create.Planned)
		return true, nil
	})
}

// checkAndStore compares NetBox's answer with the model and stores it as the state.
func (s *soak) checkAndStore(slot *soakSlot, read *Read, want fabric.Attributes) {
	if verdict, wrong := fabric.Compare(want, want, AttributesOf(&read.Fabric)); verdict != fabric.AsPlanned {
		s.Errorf("%v: NetBox answered %v", want["name"], wrong)
	}
	slot.want = want
	slot.state.Store(read)
}

func (s *soak) update(slot *soakSlot, random *rand.Rand, attributes int) {
	planned := maps.Clone(slot.want)
	choices := []func(){
		func() { planned["sync_interval"] = int64(2000 + random.IntN(1000)) },
		func() { planned["description"] = fmt.Sprintf("changed %d", random.IntN(1000)) },
		func() { slot.made++; planned["name"] = fmt.Sprintf("soak-%d-%d", slot.number, slot.made) },
		func() {
			planned["kubernetes_server"] = fmt.Sprintf("https://k8s-%d.example.com:6443", random.IntN(1000))
		},
	}
	for _, i := range random.Perm(len(choices))[:attributes] {
		choices[i]()
	}
	set := map[string]any{}
	for field, v := range planned {
		if slot.want[field] != v {
			set[field] = v
		}
	}
	resets := fabric.ChangesCluster(slot.want, planned)
	if resets {
		maps.Copy(set, fabric.ResetFacts())
	}
	before := slot.state.Load()
	s.attempt(fmt.Sprintf("update %v", slot.want["name"]), func(ctx context.Context) (bool, error) {
		read, err := s.client.Fabrics().Update(ctx, Update{
			ID: before.Fabric.ID, Revision: RevisionOf(&before.Fabric), Before: slot.want, Planned: planned, Set: set,
			Consequences: resets,
		})
		if err != nil {
			return false, err
		}
		s.checkAndStore(slot, read, planned)
		return true, nil
	})
}

func (s *soak) remove(slot *soakSlot) {
	state := slot.state.Load()
	tried := false
	s.attempt(fmt.Sprintf("delete %v", slot.want["name"]), func(ctx context.Context) (bool, error) {
		gone, err := s.client.Fabrics().Delete(ctx, Delete{ID: state.Fabric.ID, Revision: RevisionOf(&state.Fabric),
			Before: slot.want})
		if gone && !tried {
			s.Errorf("%v was gone before it was deleted", slot.want["name"])
		}
		tried = true
		return err == nil, err
	})
	slot.want = nil
	slot.state.Store(nil)
}

func (s *soak) read(slot *soakSlot) {
	state := slot.state.Load()
	s.attempt(fmt.Sprintf("read %v", slot.want["name"]), func(ctx context.Context) (bool, error) {
		read, err := s.client.Fabrics().Refresh(ctx, state.Fabric.ID, RevisionOf(&state.Fabric))
		if err != nil {
			return false, err
		}
		s.checkAndStore(slot, read, slot.want)
		return true, nil
	})
}

// takeName creates a fabric with the name and the values of another user's fabric.
func (s *soak) takeName(random *rand.Rand) {
	create := s.theirs[random.IntN(len(s.theirs))]
	s.attempt(fmt.Sprintf("take %v", create.Set["name"]), func(ctx context.Context) (bool, error) {
		read, err := s.client.Fabrics().Create(ctx, create)
		if err == nil {
			s.Errorf("another user's fabric was taken for ours: %+v", read.Fabric)
		}
		_, taken := errors.AsType[*NameTakenError](err)
		return taken || err == nil, err
	})
}

// sync writes a sync's facts to a fabric while its owner changes it.
func (s *soak) sync(w int, slot *soakSlot) {
	state := slot.state.Load()
	if state == nil || !slot.facts.TryLock() {
		return
	}
	defer slot.facts.Unlock()
	id, count := state.Fabric.ID, s.syncNo.Add(1)
	if slot.counts[id] == nil {
		slot.counts[id] = []string{"0"} // as it was made
	}
	slot.counts[id] = append(slot.counts[id], strconv.FormatInt(count, 10))
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	defer s.waitForWrites(w)
	_, err := s.syncs[w].Fabrics().WriteSync(ctx, SyncWrite{
		ID: id, Revision: RevisionOf(&state.Fabric), MayFollow: func(*Read) error { return nil },
		Set: map[string]any{"sync_status": "in_sync", "connection_status": "connected", "vpcs_count": count},
	})
	_, missing := errors.AsType[*rest.NotFoundError](err)
	_, there := s.server.Fabric(id)
	switch {
	case err == nil:
		slot.counts[id] = slot.counts[id][len(slot.counts[id])-1:]
	case missing && !there: // its owner has deleted it
	default:
		s.report("sync", err)
	}
}
