package fabric

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// maxNotReady is how many switches that are not ready a sentence names.
const maxNotReady = 5

// Sentences returns whether the switches and the control nodes are ready, or why that is not
// known.
func (h *Health) Sentences() []string {
	if reason := h.Reasons[HealthAgents]; reason != "" && reason == h.Reasons[HealthFabricator] {
		return []string{withStop("The health is not known: " + reason)}
	}
	agents, fabricator := "It is not known whether the switches are ready: ",
		"It is not known whether the control nodes are ready: "
	if h.Agents != nil {
		agents = h.Agents.sentence()
	} else {
		agents += h.Reasons[HealthAgents]
	}
	if h.Fabricator != nil {
		fabricator = h.Fabricator.sentence()
	} else {
		fabricator += h.Reasons[HealthFabricator]
	}
	return []string{withStop(agents), withStop(fabricator)}
}

func (s *Agents) sentence() string {
	if s.Total == 1 && s.Ready == 1 {
		return "The only switch is ready"
	}
	text := fmt.Sprintf("%d of %d switches are ready", s.Ready, s.Total)
	for i := range s.NotReady {
		if i == maxNotReady {
			return text + fmt.Sprintf("; and %d more", len(s.NotReady)-i)
		}
		text += "; " + s.problem(&s.NotReady[i])
	}
	return text
}

// problem returns why an agent is not ready.
func (s *Agents) problem(a *Agent) string {
	var problems []string
	if a.Heartbeat.IsZero() {
		return a.Name + " never sent a heartbeat"
	}
	if a.Silent(s.ObservedAt) {
		problems = append(problems, "sent its last heartbeat "+Humanize(Age(a.Heartbeat, s.ObservedAt))+" ago")
	}
	if a.Pending() {
		problems = append(problems, fmt.Sprintf("has applied generation %d of its configuration, not "+
			"%d", a.Applied, a.Generation))
	}
	return a.Name + " " + strings.Join(problems, " and ")
}

func (f *Fabricator) sentence() string {
	release := ""
	if f.Release != "" {
		release = " (release " + f.Release + ")"
	}
	if f.Ready() {
		return "The control nodes are ready" + release
	}
	var problems []string
	for _, name := range slices.Sorted(maps.Keys(f.Conditions)) {
		if status := f.Conditions[name]; status != conditionTrue {
			problems = append(problems, fmt.Sprintf("%s is %s", name, status))
		}
	}
	for _, name := range []string{conditionApplied, conditionReady} {
		if _, there := f.Conditions[name]; !there {
			problems = append(problems, name+" is missing")
		}
	}
	if f.Applied != f.Generation {
		problems = append(problems, fmt.Sprintf("generation %d is applied, not %d", f.Applied, f.Generation))
	}
	if version := f.Versions[FabricatorPart]; f.AppliedController != version {
		problems = append(problems, fmt.Sprintf("controller version %q has applied the configuration, not "+
			"%q", f.AppliedController,
			version))
	}
	return "The control nodes are not ready" + release + ": " + strings.Join(problems, ", ")
}
