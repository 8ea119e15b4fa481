package fabricsync

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// PruneLimit limits what one sync deletes in NetBox. If NetBox has at least Number
// objects from the fabric's cluster, a sync deletes at most Share percent of them, or
// nothing. The zero value means [DefaultPruneLimit].
type PruneLimit struct {
	Share  int // percent, 1 to 100; 100 is no limit
	Number int // of objects, from 0
}

// DefaultPruneLimit returns the default: half, of at least ten objects.
func DefaultPruneLimit() PruneLimit { return PruneLimit{Share: 50, Number: 10} }

var errPruneLimit = errors.New("it must be SHARE% or SHARE%,NUMBER: a share from 1% to 100% and a whole number " +
	"from 0, such as 50%,10 or 100%")

// ParsePruneLimit reads a limit such as "50%,10" or "100%". Without a number it has the
// default one. Its error says what to write.
func ParsePruneLimit(text string) (PruneLimit, error) {
	limit := DefaultPruneLimit()
	share, number, given := strings.Cut(text, ",")
	share, isShare := strings.CutSuffix(strings.TrimSpace(share), "%")
	var err, numberErr error
	limit.Share, err = strconv.Atoi(share)
	if given {
		limit.Number, numberErr = strconv.Atoi(strings.TrimSpace(number))
	}
	if err != nil || numberErr != nil || !isShare || limit.Share < 1 || limit.Share > 100 || limit.Number < 0 {
		return PruneLimit{}, errPruneLimit
	}
	return limit, nil
}

func (l PruneLimit) String() string { return fmt.Sprintf("%d%%,%d", l.Share, l.Number) }

// unlimited reports whether all objects may be deleted.
func (l PruneLimit) unlimited() bool { return l.Share >= 100 }

// exceeded reports whether gone is too many of the have objects to delete.
func (l PruneLimit) exceeded(have, gone int) bool {
	return have >= l.Number && gone*100 > have*l.Share
}
