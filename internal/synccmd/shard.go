package synccmd

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/cli"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

// maxShards is the largest number of shards.
const maxShards = 1000

// shard is the part of the fabrics that one of several commands syncs.
type shard struct {
	number, of int  // number counts from 0; of is 0 without --shards
	numbered   bool // --shard was given
}

// ordinal matches the number at the end of a pod's name. A StatefulSet counts from 0.
var ordinal = regexp.MustCompile(`^(?:.+-)?(\d+)$`)

func (s *shard) setNumber(text string) (err error) {
	found := ordinal.FindStringSubmatch(text)
	if found == nil {
		return errors.New("it must be a number from 0, or the name of a StatefulSet's pod, which ends in a number, " +
			"such as hedgehog-sync-2")
	}
	if s.number, err = strconv.Atoi(found[1]); err != nil || s.number >= maxShards {
		return fmt.Errorf("it must be less than the number of shards, which is at most %d", maxShards)
	}
	s.numbered = true
	return nil
}

func (s *shard) setOf(text string) (err error) {
	if s.of, err = strconv.Atoi(text); err != nil || s.of < 1 || s.of > maxShards {
		return fmt.Errorf("it must be a whole number from 1 to %d", maxShards)
	}
	return nil
}

// check reports what is wrong with the two flags together.
func (s *shard) check() error {
	switch {
	case s.numbered && s.of == 0:
		return cli.Usagef("--shard needs --shards, the number of shards")
	case !s.numbered && s.of > 0:
		return cli.Usagef("--shards needs --shard, the number of this shard, from 0 to %d", s.of-1)
	case s.of == 1 && s.number > 0:
		return cli.Usagef("--shard is %d; it must be 0, since --shards is 1", s.number)
	case s.of > 0 && s.number >= s.of:
		return cli.Usagef("--shard is %d; it must be from 0 to %d, since --shards is %d", s.number, s.of-1, s.of)
	}
	return nil
}

// split returns the fabrics of this shard, and the others.
func (s *shard) split(fabrics []*fabric.Fabric) (own, others []*fabric.Fabric) {
	if s.of == 0 {
		return fabrics, nil
	}
	for _, f := range fabrics {
		if shardOf(f.ID, s.of) == s.number {
			own = append(own, f)
		} else {
			others = append(others, f)
		}
	}
	return own, others
}

// refusal returns why a fabric of another shard is not synced.
func (s *shard) refusal(f *fabric.Fabric) string {
	return fmt.Sprintf("it belongs to shard %d of %d; this command syncs shard %d (--shard)", shardOf(f.ID, s.of),
		s.of, s.number)
}

// shardOf returns the shard of a fabric, by its id, with the jump consistent hash of
// Lamping and Veach. When the number of shards changes, no more fabrics move than
// necessary.
func shardOf(id int64, shards int) int {
	number, random := int64(0), uint64(id) //nolint:gosec // ids are positive
	for next := int64(0); next < int64(shards); {
		number = next
		random = random*2862933555777941757 + 1 // the paper's generator
		next = int64(float64(number+1) * float64(1<<31) / float64(random>>33+1))
	}
	return int(number)
}
