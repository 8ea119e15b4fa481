package fabric

import "time"

// HeartbeatLimit is the age at which an agent's heartbeat is too old. An agent sends one
// every 15 seconds. Hedgehog's own tool hhfab uses the same limit.
const HeartbeatLimit = time.Minute

// Agent is what a switch's Agent object says about its health. The agent runs on the switch
// and applies the configuration that the fabric's controller wants.
type Agent struct {
	Name       string    // also the switch's name
	Generation int64     // of the configuration that the controller wants
	Applied    int64     // generation that the switch applied last; 0 if none
	Heartbeat  time.Time // of the latest heartbeat; zero if there was none
	Version    string    // of the agent that runs; "" if none has
}

// Pending reports whether the switch has not applied the current configuration.
func (a *Agent) Pending() bool { return a.Generation <= 0 || a.Applied != a.Generation }

// Silent reports whether the agent has sent no heartbeat recently. now is the cluster's
// time.
func (a *Agent) Silent(now time.Time) bool { return now.Sub(a.Heartbeat) >= HeartbeatLimit }

// Agents is a summary of a fabric's agents. It starts empty. A fabric without agents has no
// summary.
type Agents struct {
	Total    int64
	Ready    int64 // neither pending nor silent, as in Hedgehog's own tools
	Pending  int64
	Silent   int64
	NotReady []Agent // in the order in which they were added

	OldestHeartbeat time.Time // of the agents that sent one; zero if none did
	NewestHeartbeat time.Time

	Versions map[string]int64 // number of agents by their version

	ObservedAt time.Time // the cluster's time when it answered
}

// Add adds an agent. now is the cluster's time.
func (s *Agents) Add(a *Agent, now time.Time) {
	s.Total++
	s.ObservedAt = now
	pending, silent := a.Pending(), a.Silent(now)
	if pending {
		s.Pending++
	}
	if silent {
		s.Silent++
	}
	if pending || silent {
		s.NotReady = append(s.NotReady, *a)
	} else {
		s.Ready++
	}
	if a.Version != "" {
		if s.Versions == nil {
			s.Versions = map[string]int64{}
		}
		s.Versions[a.Version]++
	}
	if a.Heartbeat.IsZero() {
		return
	}
	if s.OldestHeartbeat.IsZero() || a.Heartbeat.Before(s.OldestHeartbeat) {
		s.OldestHeartbeat = a.Heartbeat
	}
	if a.Heartbeat.After(s.NewestHeartbeat) {
		s.NewestHeartbeat = a.Heartbeat
	}
}

// Fabricator is what the Fabricator object says about the services of a fabric's control
// nodes.
type Fabricator struct {
	Generation        int64
	Applied           int64  // generation that was applied last; 0 if none
	AppliedController string // version of the controller that applied it

	Release  string            // of Hedgehog; "" if the object does not say
	Versions map[string]string // that should run, of fabricator, fabric, gateway
	// Conditions has the status of each condition, such as True, by its type.
	Conditions map[string]string
}

// The condition types that a Fabricator has, in addition to GatewayReady.
const (
	conditionApplied = "Applied"
	conditionReady   = "Ready"
	conditionTrue    = "True"
)

// FabricatorPart is the key of the fabricator's own version.
const FabricatorPart = "fabricator"

// Ready reports whether the controller with the wanted version has applied the newest
// configuration, and all conditions are true. Hedgehog's own tool hhfab has the same rule.
func (f *Fabricator) Ready() bool {
	for _, status := range f.Conditions {
		if status != conditionTrue {
			return false
		}
	}
	return f.Conditions[conditionApplied] == conditionTrue && f.Conditions[conditionReady] == conditionTrue &&
		f.Applied == f.Generation && f.AppliedController == f.Versions[FabricatorPart]
}

// The parts of a [Health], as keys of its reasons.
const (
	HealthAgents     = "agents"
	HealthFabricator = "fabricator"
	HealthUnstored   = "unstored_counts"
)

// Health is what a fabric's cluster says about itself. It is never stored in NetBox.
type Health struct {
	Agents     *Agents     // nil if not known, and if there are no agents
	Fabricator *Fabricator // nil if not known
	// Unstored has the number of objects for each kind of [UnstoredKinds], by the kind's
	// name. It leaves out kinds that the token cannot list, and is nil if there are no
	// others.
	Unstored map[string]int64
	// Reasons has a sentence for each part that is unknown or incomplete.
	Reasons map[string]string
}

// Healthy reports whether all agents and the Fabricator are ready. That is known if one of
// them is not ready, or if both are known. No agents at all say nothing about the switches:
// the namespace may be wrong.
func (h *Health) Healthy() (healthy, known bool) {
	agents := h.Agents != nil && h.Agents.Total > 0 && h.Agents.Ready == h.Agents.Total
	fabricator := h.Fabricator != nil && h.Fabricator.Ready()
	bad := h.Agents != nil && h.Agents.Ready < h.Agents.Total || h.Fabricator != nil && !fabricator
	return agents && fabricator, bad || agents && fabricator
}

// Unasked returns why the cluster could not be asked, or "" if it was asked.
func (h *Health) Unasked() string {
	reason := h.Reasons[HealthAgents]
	for _, part := range []string{HealthFabricator, HealthUnstored} {
		if h.Reasons[part] != reason {
			return ""
		}
	}
	return reason
}

// UnknownHealth returns the health of a fabric whose cluster could not be asked.
func UnknownHealth(reason string) *Health {
	return &Health{Reasons: map[string]string{
		HealthAgents: reason, HealthFabricator: reason, HealthUnstored: reason}}
}
