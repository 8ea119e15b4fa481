package netboxtest

import (
	"hash/maphash"
	"maps"
	"slices"
	"strings"
)

// table is a model's rows with indexes, so that it can find and sort hundreds of thousands.
type table struct {
	rows   map[int64]*object
	unique [][]string // the sets of columns that no two rows share
	// taken has the row that holds the values of a unique set of columns, by their hash.
	taken  map[uint64]int64
	orders map[string]*order
	// undo, within a transaction, puts back the rows that it has written, in turn.
	undo *[]func()
}

var keySeed = maphash.MakeSeed()

func newTable(m *model) *table {
	return &table{unique: m.unique(), rows: map[int64]*object{}, taken: map[uint64]int64{}, orders: map[string]*order{}}
}

func (t *table) get(id int64) *object { return t.rows[id] }

// put stores a row in place of the one with its id, if any.
func (t *table) put(o *object) { t.write(o.id, o) }

func (t *table) drop(id int64) { t.write(id, nil) }

func (t *table) write(id int64, o *object) {
	before := t.rows[id]
	if t.undo != nil {
		*t.undo = append(*t.undo, func() { t.set(id, before) })
	}
	t.set(id, o)
}

func (t *table) set(id int64, o *object) {
	if before := t.rows[id]; before != nil {
		values := before.all()
		for _, columns := range t.unique {
			if key := keyOf(values, columns); t.taken[key] == id {
				delete(t.taken, key)
			}
		}
		delete(t.rows, id)
	}
	if o != nil {
		values := o.all()
		for _, columns := range t.unique {
			t.taken[keyOf(values, columns)] = id
		}
		o.fabric, _ = idOf(values["fabric"])
		t.rows[id] = o
	}
	for _, order := range t.orders {
		order.changed = append(order.changed, id)
	}
}

// twin returns another row with o's values in the columns.
func (t *table) twin(o *object, columns []string) *object {
	mine := o.all()
	other := t.rows[t.taken[keyOf(mine, columns)]]
	if other == nil || other.id == o.id {
		return nil
	}
	theirs := other.all()
	for _, name := range columns {
		if mine[name] != theirs[name] {
			return nil
		}
	}
	return other
}

func keyOf(values map[string]any, columns []string) uint64 {
	var hash maphash.Hash
	hash.SetSeed(keySeed)
	for _, name := range columns {
		_, _ = hash.WriteString(stringOf(values[name]) + "\x00")
	}
	return hash.Sum64()
}

// order is a table's rows in one order, cached between lists.
type order struct {
	columns []string
	rows    []*object
	changed []int64 // ids of the rows written since
}

// sorted returns the rows in the order of these columns and then of the ids. The caller must
// not change the slice.
func (t *table) sorted(columns ...string) []*object {
	name := strings.Join(columns, ",")
	kept := t.orders[name]
	if kept == nil || len(kept.changed) > len(t.rows)/2+1000 {
		kept = &order{columns: columns, rows: slices.Collect(maps.Values(t.rows))}
		sortRows(kept.rows, columns)
		t.orders[name] = kept
	}
	if len(kept.changed) > 0 {
		kept.rows = kept.merged(t)
		kept.changed = nil
	}
	return kept.rows
}

// merged returns the order's rows, with the rows that were written since replaced by the
// table's.
func (o *order) merged(t *table) []*object {
	touched := map[int64]bool{}
	var fresh []*object
	for _, id := range o.changed {
		if row := t.rows[id]; row != nil && !touched[id] {
			fresh = append(fresh, row)
		}
		touched[id] = true
	}
	sortRows(fresh, o.columns)
	rows := make([]*object, 0, len(t.rows))
	for _, row := range o.rows {
		if touched[row.id] {
			continue
		}
		for len(fresh) > 0 && compareRows(fresh[0], row, o.columns) < 0 {
			rows, fresh = append(rows, fresh[0]), fresh[1:]
		}
		rows = append(rows, row)
	}
	return append(rows, fresh...)
}

// inFabric returns the rows of a fabric ordered by id. The caller must not change the slice.
func (t *table) inFabric(fabric int64) []*object {
	rows := t.sorted("fabric", "id")
	at := func(id int64) int {
		i, _ := slices.BinarySearchFunc(rows, id, func(o *object, id int64) int { return compareIDs(o.fabric, id) })
		return i
	}
	return rows[at(fabric):at(fabric+1)]
}

// transaction is what has been written since begin, until commit or rollback.
type transaction struct {
	store *store
	undo  []func()
}

func (st *store) begin() *transaction {
	tx := &transaction{store: st}
	for _, t := range st.tables {
		t.undo = &tx.undo
	}
	return tx
}

func (tx *transaction) end(commit bool) {
	for _, t := range tx.store.tables {
		t.undo = nil
	}
	if commit {
		return
	}
	for _, restore := range slices.Backward(tx.undo) {
		restore()
	}
}
