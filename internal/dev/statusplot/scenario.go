package statusplot

import (
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

// scenario is what happens to one fabric between two times.
type scenario struct {
	interval   time.Duration
	start, end time.Time
	events     []event
}

// event is a change of the record in NetBox.
type event struct {
	at    time.Time
	label string // in the picture
	text  string // in the table
	apply func(f *fabric.Fabric, now time.Time)
}

// moment is how the fabric looks at a second.
type moment struct {
	at    time.Time
	event *event // nil when only time has passed
	fabric.DerivedStatus
	stored   string
	due      bool
	lastSync *time.Time
}

// example returns the scenario of the guide: a fabric that goes through every status, at
// times that are easy to follow.
func example() *scenario {
	start := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	at := func(minutes int) time.Time { return start.Add(time.Duration(minutes) * time.Minute) }
	synced := func(f *fabric.Fabric, now time.Time) { store(f, fabric.SyncedFacts(now)) }
	return &scenario{
		interval: 10 * time.Minute, start: start, end: at(116),
		events: []event{
			{at(0), "created", "The fabric is created, without a Kubernetes server.",
				func(f *fabric.Fabric, _ time.Time) {
					*f = fabric.Fabric{SyncEnabled: true, SyncInterval: 600}
					store(f, fabric.ResetFacts())
				}},
			{at(10), "server set", "An apply sets `kubernetes_server`.", func(f *fabric.Fabric, _ time.Time) {
				f.KubernetesServer = "https://berlin.k8s.example.com:6443"
				store(f, fabric.ResetFacts())
			}},
			{at(20), "first sync", "The first sync succeeds.", synced},
			{at(30), "sync", "The next sync succeeds. Then the sync service stops.",
				synced},
			{at(70), "sync fails", "A sync fails: the cluster does not answer.",
				func(f *fabric.Fabric, _ time.Time) {
					store(f, fabric.ConnectionFailedFacts(fabric.ConnectionDisconnected, "no route to host"))
				}},
			{at(80), "sync", "A sync succeeds.", synced},
			{at(86), "switched off", "An apply sets `sync_enabled = false`.", func(f *fabric.Fabric, _ time.Time) {
				f.SyncEnabled = false
			}},
			{at(96), "switched on", "An apply sets `sync_enabled = true` again.", func(f *fabric.Fabric, _ time.Time) {
				f.SyncEnabled = true
			}},
			{at(106), "server cleared", "A user clears the server in NetBox's web form.",
				func(f *fabric.Fabric, _ time.Time) { f.KubernetesServer = "" }},
		},
	}
}

// store writes the facts of a sync into the record, as NetBox would.
func store(f *fabric.Fabric, facts map[string]any) {
	for field, value := range facts {
		text, _ := value.(string)
		switch field {
		case "sync_status":
			f.StoredSyncStatus = text
		case "connection_status":
			f.ConnectionStatus = text
		case "sync_error":
			f.SyncError = text
		case "connection_error":
			f.ConnectionError = text
		case "last_sync":
			f.LastSync = nil
			if at, synced := value.(time.Time); synced {
				f.LastSync = &at
			}
		}
	}
}

// moments returns the seconds at which an event happens, or at which the status or sync_due
// differs from the second before.
func (s *scenario) moments() []moment {
	var found []moment
	var f fabric.Fabric
	next := 0
	for now := s.start; now.Before(s.end); now = now.Add(time.Second) {
		m := moment{at: now}
		if next < len(s.events) && s.events[next].at.Equal(now) {
			m.event = &s.events[next]
			m.event.apply(&f, now)
			next++
		}
		m.DerivedStatus, m.due = fabric.SyncStatus(f.Facts(), now), fabric.SyncTimer(f.Facts(), now).Due
		m.stored, m.lastSync = f.StoredSyncStatus, f.LastSync
		if before := len(found) - 1; m.event != nil || found[before].Rule != m.Rule || found[before].due != m.due {
			found = append(found, m)
		}
	}
	return found
}

// at returns the latest of the moments that is not after a time.
func at(moments []moment, now time.Time) moment {
	for i := len(moments) - 1; i > 0; i-- {
		if !moments[i].at.After(now) {
			return moments[i]
		}
	}
	return moments[0]
}

// span is a time during which a value stays the same.
type span[V comparable] struct {
	value    V
	from, to time.Time
}

// spans joins the moments that have the same value.
func spans[V comparable](s *scenario, moments []moment, value func(moment) V) []span[V] {
	var found []span[V]
	for _, m := range moments {
		v := value(m)
		if last := len(found) - 1; last < 0 || found[last].value != v {
			if last >= 0 {
				found[last].to = m.at
			}
			found = append(found, span[V]{v, m.at, s.end})
		}
	}
	return found
}
