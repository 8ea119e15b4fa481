package clustertest

import (
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

// Secret is in the specs of Agents and Fabricators, where passwords are. No client may show it.
const Secret = "standin-switch-password"

// Agent returns an Agent object like those that a fabric's controller and a switch's agent
// write. The published CRD accepts it too. applied is the generation that the switch has
// applied; a new object has generation 1. A zero heartbeat means that the switch never came up.
func Agent(name string, applied int64, heartbeat time.Time, version string) Object {
	o := Object{
		Name: name, Annotations: map[string]string{"example.com/last-applied": `{"password":"` + Secret + `"}`},
		Spec: map[string]any{
			"role": "server-leaf", "users": []any{map[string]any{"name": "admin", "password": Secret}},
			"version": map[string]any{"default": version, "password": Secret},
		},
		Status: map[string]any{"conditions": []any{}},
	}
	if heartbeat.IsZero() {
		return o
	}
	at := heartbeat.UTC().Format(time.RFC3339)
	o.Status = map[string]any{
		"version": version, "lastHeartbeat": at, "lastAppliedGen": applied, "lastAppliedTime": at,
		"conditions": []any{condition("Applied", "True", at)},
	}
	return o
}

// Fabricator returns a fabric's Fabricator object, with a version and the statuses of its
// conditions by type. The published CRD accepts it too.
func Fabricator(version string, conditions map[string]string) Object {
	at := time.Now().UTC().Format(time.RFC3339)
	var all []any
	for _, name := range []string{"Applied", "Ready", "GatewayReady"} {
		if status, ok := conditions[name]; ok {
			all = append(all, condition(name, status, at))
		}
	}
	return Object{
		Name: "default",
		Spec: map[string]any{"config": map[string]any{"control": map[string]any{"joinToken": Secret}}},
		Status: map[string]any{
			"release": "26.03.0", "lastAppliedGen": 1, "lastAppliedController": version, "conditions": all,
			"versions": map[string]any{
				"fabricator": map[string]any{"controller": version}, "fabric": map[string]any{"controller": "v0.99.0"},
				"gateway": map[string]any{"dataplane": "v0.14.0"},
			},
		},
	}
}

func condition(name, status, at string) map[string]any {
	return map[string]any{"type": name, "status": status, "reason": name + "Checked", "message": "",
		"lastTransitionTime": at}
}

// PutHealth stores the agents of switches in a namespace, and a Fabricator that is ready. The
// time of the heartbeats is now.
func (s *Server) PutHealth(namespace string, switches ...string) {
	for _, name := range switches {
		s.Put(fabric.AgentKind(), namespace, Agent(name, 1, time.Now(), "v0.99.0"))
	}
	s.Put(fabric.FabricatorKind(), fabric.FabricatorNamespace, Fabricator("v0.46.0",
		map[string]string{"Applied": "True", "Ready": "True", "GatewayReady": "True"}))
}
