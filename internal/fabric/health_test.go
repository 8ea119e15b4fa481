package fabric

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

var healthNow = time.Date(2026, 11, 29, 9, 0, 0, 0, time.UTC)

func TestAgents_ready(t *testing.T) {
	for name, test := range map[string]struct {
		generation, applied int64
		age                 time.Duration // of the heartbeat
		pending, silent     bool
	}{
		"ready":                  {generation: 7, applied: 7, age: 15 * time.Second},
		"just in time":           {generation: 7, applied: 7, age: 59 * time.Second},
		"a minute late":          {generation: 7, applied: 7, age: time.Minute, silent: true},
		"the switch is ahead":    {generation: 7, applied: 7, age: -2 * time.Second},
		"a change to apply":      {generation: 8, applied: 7, pending: true},
		"another's generation":   {generation: 7, applied: 8, pending: true},
		"silent with a change":   {generation: 8, applied: 7, age: time.Hour, pending: true, silent: true},
		"no generation at all":   {pending: true},
		"nothing applied so far": {generation: 1, pending: true},
	} {
		t.Run(name, func(t *testing.T) {
			agent := Agent{Name: "leaf-01", Generation: test.generation, Applied: test.applied,
				Heartbeat: healthNow.Add(-test.age)}
			var got Agents
			got.Add(&agent, healthNow)
			count := map[bool]int64{true: 1}
			want := Agents{Total: 1, Ready: count[!test.pending && !test.silent], Pending: count[test.pending],
				Silent: count[test.silent], OldestHeartbeat: agent.Heartbeat, NewestHeartbeat: agent.Heartbeat,
				ObservedAt: healthNow}
			if test.pending || test.silent {
				want.NotReady = []Agent{agent}
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("got %+v, want %+v", got, want)
			}
		})
	}
}

func TestAgents_sum(t *testing.T) {
	never := Agent{Name: "leaf-02", Generation: 1}
	late := Agent{Name: "leaf-03", Generation: 3, Applied: 3, Heartbeat: healthNow.Add(-time.Hour), Version: "v1"}
	var got Agents
	for _, agent := range []Agent{
		{Name: "leaf-01", Generation: 3, Applied: 3, Heartbeat: healthNow.Add(-time.Second), Version: "v2"},
		never, late,
		{Name: "leaf-04", Generation: 3, Applied: 3, Heartbeat: healthNow.Add(-5 * time.Second), Version: "v2"},
	} {
		got.Add(&agent, healthNow)
	}
	want := Agents{Total: 4, Ready: 2, Pending: 1, Silent: 2, NotReady: []Agent{never, late},
		OldestHeartbeat: healthNow.Add(-time.Hour), NewestHeartbeat: healthNow.Add(-time.Second),
		Versions: map[string]int64{"v1": 1, "v2": 2}, ObservedAt: healthNow}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func readyFabricator() *Fabricator {
	return &Fabricator{Generation: 4, Applied: 4, AppliedController: "v1",
		Versions:   map[string]string{"fabricator": "v1"},
		Conditions: map[string]string{"Applied": "True", "Ready": "True", "GatewayReady": "True"}}
}

func TestFabricator_ready(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*Fabricator)
		ready  bool
	}{
		"all is well":              {func(*Fabricator) {}, true},
		"no word of gateways":      {func(f *Fabricator) { delete(f.Conditions, "GatewayReady") }, true},
		"gateways are not ready":   {func(f *Fabricator) { f.Conditions["GatewayReady"] = "False" }, false},
		"services are not ready":   {func(f *Fabricator) { f.Conditions["Ready"] = "Unknown" }, false},
		"no word of services":      {func(f *Fabricator) { delete(f.Conditions, "Ready") }, false},
		"never applied":            {func(f *Fabricator) { delete(f.Conditions, "Applied") }, false},
		"a change to apply":        {func(f *Fabricator) { f.Generation++ }, false},
		"applied by a version ago": {func(f *Fabricator) { f.Versions["fabricator"] = "v2" }, false},
	} {
		t.Run(name, func(t *testing.T) {
			f := readyFabricator()
			if test.change(f); f.Ready() != test.ready {
				t.Errorf("%+v: ready %t, want %t", f, f.Ready(), test.ready)
			}
		})
	}
}

func TestHealth_healthy(t *testing.T) {
	well, ill := &Agents{Total: 2, Ready: 2}, &Agents{Total: 2, Ready: 1}
	down := readyFabricator()
	down.Conditions["Ready"] = "False"
	for name, test := range map[string]struct {
		health         Health
		healthy, known bool
	}{
		"both ready":             {Health{Agents: well, Fabricator: readyFabricator()}, true, true},
		"no agent":               {Health{Agents: &Agents{}, Fabricator: readyFabricator()}, false, false},
		"no agent, and bad":      {Health{Agents: &Agents{}, Fabricator: down}, false, true},
		"an agent is not":        {Health{Agents: ill, Fabricator: readyFabricator()}, false, true},
		"the fabricator is not":  {Health{Agents: well, Fabricator: down}, false, true},
		"bad, and half unknown":  {Health{Agents: ill}, false, true},
		"bad the other way":      {Health{Fabricator: down}, false, true},
		"good, and half unknown": {Health{Agents: well}, false, false},
		"good the other way":     {Health{Fabricator: readyFabricator()}, false, false},
		"nothing is known":       {Health{}, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			if healthy, known := test.health.Healthy(); healthy != test.healthy || known != test.known {
				t.Errorf("%t, %t; want %t, %t", healthy, known, test.healthy, test.known)
			}
		})
	}
}

func TestHealth_sentences(t *testing.T) {
	well := &Agents{Total: 3, Ready: 3}
	ago := func(d time.Duration) time.Time { return healthNow.Add(-d) }
	ill := &Agents{}
	for _, agent := range []Agent{
		{Name: "leaf-01", Generation: 7, Applied: 7, Heartbeat: ago(0)},
		{Name: "leaf-02", Generation: 7, Applied: 6, Heartbeat: ago(0)},
		{Name: "leaf-03", Generation: 7, Applied: 7, Heartbeat: ago(4*time.Minute + 2*time.Second)},
		{Name: "leaf-04", Generation: 7, Applied: 6, Heartbeat: ago(2 * time.Hour)},
		{Name: "leaf-05", Generation: 7},
	} {
		ill.Add(&agent, healthNow)
	}
	many, silent := &Agents{}, "; a-switch-with-a-name-that-makes-the-sentence-long never sent a heartbeat"
	for range 7 {
		many.Add(&Agent{Name: "a-switch-with-a-name-that-makes-the-sentence-long", Generation: 1}, healthNow)
	}
	released, down := readyFabricator(), readyFabricator()
	released.Release = "26.03.0"
	down.Generation, down.AppliedController = 5, "v0"
	down.Conditions = map[string]string{"Ready": "Unknown", "GatewayReady": "False"}
	const control = "The control nodes are ready."
	for name, test := range map[string]struct {
		health Health
		want   []string
	}{
		"all is well": {Health{Agents: well, Fabricator: released},
			[]string{"3 of 3 switches are ready.", "The control nodes are ready (release 26.03.0)."}},
		"one switch": {Health{Agents: &Agents{Total: 1, Ready: 1}, Fabricator: readyFabricator()},
			[]string{"The only switch is ready.", control}},
		"switches that are not ready": {Health{Agents: ill, Fabricator: readyFabricator()}, []string{
			"1 of 5 switches are ready; leaf-02 has applied generation 6 of its configuration, not 7; leaf-03 sent " +
				"its last heartbeat 4 min 2 s ago; leaf-04 sent its last heartbeat 2 h ago and has applied " +
				"generation 6 of its configuration, not 7; leaf-05 never sent a heartbeat.", control}},
		"many of them": {Health{Agents: many, Fabricator: readyFabricator()}, []string{
			"0 of 7 switches are ready" + strings.Repeat(silent, 5) + "; and 2 more.", control}},
		"control nodes that are not": {Health{Agents: well, Fabricator: down}, []string{"3 of 3 switches are ready.",
			"The control nodes are not ready: GatewayReady is False, Ready is Unknown, Applied is missing, " +
				"generation 4 is applied, not 5, controller version \"v0\" has applied the configuration, not " +
				"\"v1\"."}},
		"half unknown": {Health{Agents: well, Reasons: map[string]string{"fabricator": "it may not be read"}},
			[]string{"3 of 3 switches are ready.",
				"It is not known whether the control nodes are ready: it may not be read."}},
		"the other half": {Health{Fabricator: released, Reasons: map[string]string{"agents": "no such kind."}},
			[]string{"It is not known whether the switches are ready: no such kind.",
				"The control nodes are ready (release 26.03.0)."}},
		"unknown": {Health{Reasons: map[string]string{"agents": "no answer", "fabricator": "no answer"}},
			[]string{"The health is not known: no answer."}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := test.health.Sentences(); !slices.Equal(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestHealth_unasked(t *testing.T) {
	partly := UnknownHealth("no answer")
	partly.Reasons[HealthUnstored] = "it may not be listed"
	for want, h := range map[string]*Health{"no answer": UnknownHealth("no answer"), "": partly} {
		if got := h.Unasked(); got != want {
			t.Errorf("%+v: got %q, want %q", h, got, want)
		}
	}
	if got := (&Health{Agents: &Agents{}}).Unasked(); got != "" {
		t.Errorf("all is known: %q", got)
	}
}
