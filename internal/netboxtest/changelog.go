package netboxtest

import (
	"slices"
	"time"
)

// ChangelogEntry is one entry of NetBox's changelog. Only requests write it;
// changes made through the Server's methods leave none.
type ChangelogEntry struct {
	Time       time.Time
	User       string
	RequestID  string
	Action     string // create, update or delete
	ObjectType string // such as netbox_hedgehog.hedgehogfabric
	ObjectID   int64
	ObjectRepr string // the object's display
	Message    string // the request's changelog_message
}

// Changelog is every entry since the start, oldest first.
func (s *Server) Changelog() []ChangelogEntry {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.changes)
}

func (c *call) logChange(m *model, o *object, action, message string) {
	c.changes = append(c.changes, ChangelogEntry{
		Time: c.Now(), User: c.who.user, RequestID: c.requestID, Action: action,
		ObjectType: m.objectType, ObjectID: o.id, ObjectRepr: m.label(&c.store, o), Message: message,
	})
}

func (c *call) logRemoval(gone removedObject, message string) {
	c.logChange(gone.model, gone.row, "delete", message)
	c.changes[len(c.changes)-1].ObjectRepr = gone.repr
}
