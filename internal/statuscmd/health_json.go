package statuscmd

import (
	"maps"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

// health is a fabric's health as JSON. It has the keys and values of the
// hedgehog_fabric_connection data source.
type health struct {
	Healthy        *bool             `json:"healthy"`
	Agents         *agents           `json:"agents"`
	Fabricator     *fabricator       `json:"fabricator"`
	UnstoredCounts map[string]int64  `json:"unstored_counts"`
	Reasons        map[string]string `json:"reasons"`
}

type agents struct {
	Total           int64            `json:"total"`
	Ready           int64            `json:"ready"`
	Pending         int64            `json:"pending"`
	Silent          int64            `json:"silent"`
	NotReady        map[string]agent `json:"not_ready"`
	OldestHeartbeat *time.Time       `json:"oldest_heartbeat"`
	NewestHeartbeat *time.Time       `json:"newest_heartbeat"`
	Versions        map[string]int64 `json:"versions"`
	ObservedAt      *time.Time       `json:"observed_at"`
}

type agent struct {
	Generation        int64      `json:"generation"`
	AppliedGeneration int64      `json:"applied_generation"`
	LastHeartbeat     *time.Time `json:"last_heartbeat"`
	Version           *string    `json:"version"`
}

type fabricator struct {
	Ready             bool              `json:"ready"`
	Generation        int64             `json:"generation"`
	AppliedGeneration int64             `json:"applied_generation"`
	Release           *string           `json:"release"`
	Versions          map[string]string `json:"versions"`
	Conditions        map[string]string `json:"conditions"`
}

// healthRecord returns a fabric's health as JSON, or why its cluster could not be asked. It
// returns neither if the cluster was not to be asked.
func (v *view) healthRecord(h *fabric.Health) (x *health, problem *string) {
	if h == nil {
		return nil, nil
	}
	if reason := h.Unasked(); reason != "" {
		return nil, textOrNil(v.mask(reason))
	}
	x = &health{UnstoredCounts: h.Unstored, Reasons: map[string]string{}}
	if healthy, known := h.Healthy(); known {
		x.Healthy = &healthy
	}
	for part, reason := range h.Reasons {
		x.Reasons[part] = v.mask(reason)
	}
	if a := h.Agents; a != nil {
		x.Agents = &agents{
			Total: a.Total, Ready: a.Ready, Pending: a.Pending, Silent: a.Silent, NotReady: map[string]agent{},
			OldestHeartbeat: instant(&a.OldestHeartbeat), NewestHeartbeat: instant(&a.NewestHeartbeat),
			Versions: map[string]int64{}, ObservedAt: instant(&a.ObservedAt),
		}
		maps.Copy(x.Agents.Versions, a.Versions)
		for _, one := range a.NotReady {
			x.Agents.NotReady[one.Name] = agent{one.Generation, one.Applied, instant(&one.Heartbeat),
				textOrNil(one.Version)}
		}
	}
	if f := h.Fabricator; f != nil {
		x.Fabricator = &fabricator{
			Ready: f.Ready(), Generation: f.Generation, AppliedGeneration: f.Applied, Release: textOrNil(f.Release),
			Versions: f.Versions, Conditions: f.Conditions,
		}
	}
	return x, nil
}

func textOrNil(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
