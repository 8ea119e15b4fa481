package netboxtest

import (
	"maps"
	"slices"
	"time"
)

// kind is how a field's value is checked and converted.
type kind int

const (
	textKind kind = iota
	urlKind
	choiceKind
	booleanKind
	integerKind
	datetimeKind
	jsonKind
	fabricKind // the id of a fabric
)

// field is one writable column of a model.
type field struct {
	name     string
	kind     kind
	required bool     // must be in the body of a POST
	blank    bool     // "" (or {} for jsonKind) is allowed
	null     bool     // null is allowed
	unique   bool     // no two objects share the value
	max      int      // characters, 0 for no limit
	choices  []string // of choiceKind
	initial  any      // the value of an object created without it
	// badName is the message for a value that is no name of a Kubernetes
	// resource; "" where any will do.
	badName string
}

// model is one kind of object of the plugin and its endpoint.
type model struct {
	endpoint   string // the last part of the list's path
	name       string // the class, as 404s name it
	verbose    string // as the duplicate message names it
	objectType string // as custom fields and the changelog name it
	fields     []field
	ordering   string   // default ordering of lists; "" for none, which NetBox refuses to page
	together   []string // fields unique together
	label      func(st *store, o *object) string
	// brokenURL says that the published plugin's display_url breaks this model.
	brokenURL bool
	// page is the last part of its pages' path in the web interface, if it is not
	// the endpoint's.
	page string
	// hasURL says that the published plugin renders a display_url for it.
	hasURL bool
}

// unique are the sets of fields that the database lets no two rows share.
func (m *model) unique() [][]string {
	var sets [][]string
	for _, f := range m.fields {
		if f.unique {
			sets = append(sets, []string{f.name})
		}
	}
	if len(m.together) > 0 {
		sets = append(sets, m.together)
	}
	return sets
}

// object is one stored row. It is never changed once stored, only replaced, so
// that a map of objects can be kept as the state to roll back to.
type object struct {
	id               int64
	created, updated time.Time
	values           map[string]any // by field name: string, bool, json.Number, nil or JSON
	tags             []int64
	custom           map[string]any // raw custom field data
}

// version is the time that NetBox makes the entity tag from: last_updated, and
// created where that is null.
func (o *object) version() time.Time {
	if o.updated.IsZero() {
		return o.created
	}
	return o.updated
}

func (o *object) clone() *object {
	c := *o
	c.values, c.custom, c.tags = maps.Clone(o.values), maps.Clone(o.custom), slices.Clone(o.tags)
	return &c
}

// store is the database.
type store struct {
	objects      map[string]map[int64]*object // by endpoint, by id
	lastID       map[string]int64             // by endpoint; ids are never used twice
	tags         map[int64]*tag
	lastTag      int64
	customFields []*customField // in the order of their names, as NetBox lists them
	lastField    int64
	choiceSets   map[int64]*choiceSet
	lastSet      int64
	lastChange   int64
}

func newStore() store {
	return store{objects: map[string]map[int64]*object{}, lastID: map[string]int64{}, tags: map[int64]*tag{},
		choiceSets: map[int64]*choiceSet{}}
}

// table is a model's rows.
func (st *store) table(m *model) map[int64]*object {
	if st.objects[m.endpoint] == nil {
		st.objects[m.endpoint] = map[int64]*object{}
	}
	return st.objects[m.endpoint]
}

func (st *store) nextID(m *model) int64 {
	st.lastID[m.endpoint]++
	return st.lastID[m.endpoint]
}

// rows are a model's rows in the order of their ids.
func (st *store) rows(m *model) []*object {
	t := st.table(m)
	list := make([]*object, 0, len(t))
	for _, id := range slices.Sorted(maps.Keys(t)) {
		list = append(list, t[id])
	}
	return list
}

// snapshot keeps the rows as they are, for rolling back a request.
func (st *store) snapshot() map[string]map[int64]*object {
	copied := map[string]map[int64]*object{}
	for endpoint, t := range st.objects {
		copied[endpoint] = maps.Clone(t)
	}
	return copied
}
