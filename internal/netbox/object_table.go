package netbox

import (
	"cmp"
	"encoding/binary"
	"encoding/hex"
	"slices"
	"strings"
	"time"
)

// objectTable holds the objects of one kind of all fabrics in little memory: a NetBox may
// have hundreds of thousands.
type objectTable struct {
	fabrics  map[int64][]tableRow // ordered by id
	fabricOf map[int64]int64      // by the object's id
	texts    map[string]int       // strings that many objects share, with their places in list
	list     []string
}

// tableRow is an object in the table.
type tableRow struct {
	id      int64
	updated int64 // microseconds, like NetBox; 0 for null
	content Content
	rest    string // packed
}

func newObjectTable() *objectTable {
	return &objectTable{fabrics: map[int64][]tableRow{}, fabricOf: map[int64]int64{}, texts: map[string]int{}}
}

func (t *objectTable) len() int { return len(t.fabricOf) }

func (t *objectTable) has(id int64) bool {
	_, ok := t.fabricOf[id]
	return ok
}

// hasVersion reports whether the table has an object with this time of change.
func (t *objectTable) hasVersion(id int64, updated time.Time) bool {
	rows := t.fabrics[t.fabricOf[id]]
	at, found := find(rows, id)
	return found && rows[at].updated == microseconds(updated)
}

// newest returns when an object was last updated, or zero if no object has such a time.
func (t *objectTable) newest() time.Time {
	newest := int64(0)
	for _, rows := range t.fabrics {
		for i := range rows {
			newest = max(newest, rows[i].updated)
		}
	}
	return asTime(newest)
}

// keepOnly removes all other objects.
func (t *objectTable) keepOnly(ids map[int64]time.Time) {
	for id := range t.fabricOf {
		if _, ok := ids[id]; !ok {
			t.drop(id)
		}
	}
}

// of returns the objects of a fabric ordered by id.
func (t *objectTable) of(fabricID int64) []StoredObject {
	rows := t.fabrics[fabricID]
	objects := make([]StoredObject, len(rows))
	for i := range rows {
		objects[i] = t.unpack(fabricID, &rows[i])
	}
	return objects
}

// put adds or replaces an object.
func (t *objectTable) put(o *StoredObject) {
	if fabricID, known := t.fabricOf[o.ID]; known && fabricID != o.Fabric {
		t.drop(o.ID)
	}
	t.fabricOf[o.ID] = o.Fabric
	rows, row := t.fabrics[o.Fabric], t.pack(o)
	at, found := find(rows, o.ID)
	if found {
		rows[at] = row
	} else {
		t.fabrics[o.Fabric] = slices.Insert(rows, at, row)
	}
}

// compact frees memory that was reserved for more objects.
func (t *objectTable) compact() {
	for fabricID, rows := range t.fabrics {
		t.fabrics[fabricID] = slices.Clip(slices.Clone(rows))
	}
}

func (t *objectTable) drop(id int64) {
	fabricID, known := t.fabricOf[id]
	if !known {
		return
	}
	delete(t.fabricOf, id)
	rows := t.fabrics[fabricID]
	at, _ := find(rows, id)
	if rows = slices.Delete(rows, at, at+1); len(rows) > 0 {
		t.fabrics[fabricID] = rows
	} else {
		delete(t.fabrics, fabricID)
	}
}

func find(rows []tableRow, id int64) (at int, found bool) {
	return slices.BinarySearchFunc(rows, id, func(row tableRow, id int64) int { return cmp.Compare(row.id, id) })
}

func (t *objectTable) pack(o *StoredObject) tableRow {
	row := tableRow{id: o.ID, updated: microseconds(o.LastUpdated), content: o.Content}
	to := make([]byte, 0, 128)
	to = binary.AppendUvarint(to, t.place(o.Namespace))
	to = binary.AppendUvarint(to, t.place(o.Status))
	to = appendText(to, o.Name)
	to = appendUID(to, o.UID)
	to = appendText(to, o.ResourceVersion)
	to = append(to, o.SyncError...)
	row.rest = string(to)
	return row
}

func microseconds(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func asTime(microseconds int64) time.Time {
	if microseconds == 0 {
		return time.Time{}
	}
	return time.UnixMicro(microseconds).UTC()
}

func (t *objectTable) unpack(fabricID int64, row *tableRow) StoredObject {
	from := packed(row.rest)
	o := StoredObject{ID: row.id, Fabric: fabricID, Content: row.content, LastUpdated: asTime(row.updated)}
	o.Namespace = t.list[from.number()]
	o.Status = t.list[from.number()]
	o.Name = from.text()
	o.UID = from.uid()
	o.ResourceVersion = from.text()
	o.SyncError = string(from)
	return o
}

// place returns the place of a string in the shared list.
func (t *objectTable) place(text string) uint64 {
	at, known := t.texts[text]
	if !known {
		at, text = len(t.list), strings.Clone(text)
		t.texts[text] = at
		t.list = append(t.list, text)
	}
	return uint64(at)
}

// If a field is only a UID, it takes 16 bytes instead of 36.
const (
	otherUID byte = iota
	binaryUID
)

func appendUID(to []byte, uid string) []byte {
	if raw, err := hex.DecodeString(strings.ReplaceAll(uid, "-", "")); err == nil && len(raw) == 16 &&
		formatUID(raw) == uid {
		return append(append(to, binaryUID), raw...)
	}
	return appendText(append(to, otherUID), uid)
}

func formatUID(raw []byte) string {
	digits := hex.EncodeToString(raw)
	return strings.Join([]string{digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]}, "-")
}

// packed is the unread part of a row. Texts share its memory.
type packed string

func (p *packed) number() uint64 {
	n, size := binary.Uvarint([]byte((*p)[:min(len(*p), binary.MaxVarintLen64)]))
	*p = (*p)[size:]
	return n
}

func (p *packed) text() string { return p.next(p.number()) }

func (p *packed) uid() string {
	if p.next(1) == string(binaryUID) {
		return formatUID([]byte(p.next(16)))
	}
	return p.text()
}

func (p *packed) next(n uint64) string {
	text := (*p)[:n]
	*p = (*p)[n:]
	return string(text)
}
