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
	// badName is the message for a value that is not a valid name of a Kubernetes resource; ""
	// if any value is valid.
	badName string
}

// model is one kind of object of the plugin and its endpoint.
type model struct {
	endpoint   string // the last part of the list's path
	name       string // the class, in the text of a 404
	verbose    string // in the message about a duplicate
	objectType string // in custom fields and the changelog
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

// unique returns the sets of columns that must be unique.
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

// object is a stored row. It is immutable: a change replaces it, so that a map of objects can be
// the state for a rollback.
type object struct {
	id               int64
	fabric           int64 // of a resource; set when the row is stored
	created, updated time.Time
	values           map[string]any        // by field name: string, bool, json.Number, nil or JSON
	made             func() map[string]any // gives the values of a row that has none; see AddObjects
	tags             []int64
	custom           map[string]any // raw custom field data
}

// version returns the time that NetBox makes the entity tag from: last_updated, or created if
// that is null.
func (o *object) version() time.Time {
	if o.updated.IsZero() {
		return o.created
	}
	return o.updated
}

// all returns the values of the row.
func (o *object) all() map[string]any {
	if o.values == nil && o.made != nil {
		return o.made()
	}
	return o.values
}

func (o *object) clone() *object {
	c := *o
	c.made = nil
	c.values, c.custom, c.tags = maps.Clone(o.all()), maps.Clone(o.custom), slices.Clone(o.tags)
	return &c
}

// schema is the data that each branch has a copy of.
type schema struct {
	tables  map[string]*table // by endpoint
	tags    map[int64]*tag
	changes []loggedChange
}

func newSchema(models map[string]*model) *schema {
	sc := &schema{tables: map[string]*table{}, tags: map[int64]*tag{}}
	for endpoint, m := range models {
		sc.tables[endpoint] = newTable(m)
	}
	return sc
}

// clone returns a copy with the same rows and an empty changelog.
func (sc *schema) clone(models map[string]*model) *schema {
	c := newSchema(models)
	for endpoint, t := range sc.tables {
		for _, o := range t.rows {
			c.tables[endpoint].put(o)
		}
	}
	maps.Copy(c.tags, sc.tags)
	return c
}

// store is the database.
type store struct {
	*schema                       // main's, or the schema of the request's branch
	lastID       map[string]int64 // by endpoint; ids are never used twice
	lastTag      int64
	customFields []*customField // ordered by name, as NetBox lists them
	lastField    int64
	choiceSets   map[int64]*choiceSet
	lastSet      int64
	lastChange   int64
	users        map[int64]*identity // created by requests
	eventRules   map[int64]eventRule
	plain        map[string][]plainObject // by the path of their list
	lastPlain    int64                    // the id of the last plain object
}

func newStore(models map[string]*model) store {
	return store{schema: newSchema(models), lastID: map[string]int64{}, choiceSets: map[int64]*choiceSet{},
		users: map[int64]*identity{}, eventRules: map[int64]eventRule{}, plain: map[string][]plainObject{}}
}

func (st *store) table(m *model) *table { return st.tables[m.endpoint] }

func (st *store) nextID(m *model) int64 {
	st.lastID[m.endpoint]++
	return st.lastID[m.endpoint]
}

// rows returns a model's rows ordered by id. The caller must not change the slice.
func (st *store) rows(m *model) []*object { return st.table(m).sorted("id") }
