package provider

import (
	"fmt"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

// healthModel is what the cluster says about the fabric itself.
type healthModel struct {
	Healthy        types.Bool        `tfsdk:"healthy"`
	Agents         *agentsModel      `tfsdk:"agents"`
	Fabricator     *fabricatorModel  `tfsdk:"fabricator"`
	UnstoredCounts map[string]int64  `tfsdk:"unstored_counts"`
	Reasons        map[string]string `tfsdk:"reasons"`
}

type agentsModel struct {
	Total           int64                 `tfsdk:"total"`
	Ready           int64                 `tfsdk:"ready"`
	Pending         int64                 `tfsdk:"pending"`
	Silent          int64                 `tfsdk:"silent"`
	NotReady        map[string]agentModel `tfsdk:"not_ready"`
	OldestHeartbeat timetypes.RFC3339     `tfsdk:"oldest_heartbeat"`
	NewestHeartbeat timetypes.RFC3339     `tfsdk:"newest_heartbeat"`
	Versions        map[string]int64      `tfsdk:"versions"`
	ObservedAt      timetypes.RFC3339     `tfsdk:"observed_at"`
}

type agentModel struct {
	Generation        int64             `tfsdk:"generation"`
	AppliedGeneration int64             `tfsdk:"applied_generation"`
	LastHeartbeat     timetypes.RFC3339 `tfsdk:"last_heartbeat"`
	Version           types.String      `tfsdk:"version"`
}

type fabricatorModel struct {
	Ready             bool              `tfsdk:"ready"`
	Generation        int64             `tfsdk:"generation"`
	AppliedGeneration int64             `tfsdk:"applied_generation"`
	Release           types.String      `tfsdk:"release"`
	Versions          map[string]string `tfsdk:"versions"`
	Conditions        map[string]string `tfsdk:"conditions"`
}

func newHealthModel(h *fabric.Health) *healthModel {
	m := &healthModel{UnstoredCounts: h.Unstored, Reasons: h.Reasons}
	if healthy, known := h.Healthy(); known {
		m.Healthy = types.BoolValue(healthy)
	}
	if a := h.Agents; a != nil {
		m.Agents = &agentsModel{
			Total: a.Total, Ready: a.Ready, Pending: a.Pending, Silent: a.Silent, NotReady: map[string]agentModel{},
			OldestHeartbeat: instant(&a.OldestHeartbeat), NewestHeartbeat: instant(&a.NewestHeartbeat),
			Versions: map[string]int64{}, ObservedAt: instant(&a.ObservedAt),
		}
		maps.Copy(m.Agents.Versions, a.Versions)
		for _, agent := range a.NotReady {
			m.Agents.NotReady[agent.Name] = agentModel{
				Generation: agent.Generation, AppliedGeneration: agent.Applied,
				LastHeartbeat: instant(&agent.Heartbeat), Version: textOrNull(agent.Version),
			}
		}
	}
	if f := h.Fabricator; f != nil {
		m.Fabricator = &fabricatorModel{
			Ready: f.Ready(), Generation: f.Generation, AppliedGeneration: f.Applied, Release: textOrNull(f.Release),
			Versions: f.Versions, Conditions: f.Conditions,
		}
	}
	return m
}

// healthAttribute describes healthModel.
func healthAttribute() schema.Attribute {
	return schema.SingleNestedAttribute{
		Computed: true,
		MarkdownDescription: "What the cluster says about the fabric itself. It is read from the cluster only, and " +
			"never stored in NetBox. Null when the cluster cannot be used. A part that the token may not read, or " +
			"that the cluster does not have, is null, and `reasons` says why. [What a token needs for " +
			"it](../guides/secrets.md#the-least-that-a-token-needs).",
		Attributes: map[string]schema.Attribute{
			"healthy": shownBool("Whether all agents and the Fabricator are ready. Null when a part is not known, " +
				"as in a namespace without any agent, and the other part is not known to be unhealthy."),
			"agents":     agentsAttribute(),
			"fabricator": fabricatorAttribute(),
			"unstored_counts": schema.MapAttribute{
				Computed: true, ElementType: types.Int64Type,
				MarkdownDescription: "How many objects the namespace has of the kinds that describe a fabric too, " +
					"but that NetBox's plugin cannot store, by the kind's name: " + unstoredKinds() + ". A sync " +
					"leaves them out. A kind whose custom resource definition is not installed counts 0; one that " +
					"the token may not list is left out. Null when it may list none.",
			},
			"reasons": schema.MapAttribute{
				Computed: true, ElementType: types.StringType,
				MarkdownDescription: "Why a part is null or has something left out, in a sentence with the server, " +
					"the cause and what to check, by the part's name: `agents`, `fabricator` or `unstored_counts`. " +
					"Empty when all is known.",
			},
		},
	}
}

func agentsAttribute() schema.Attribute {
	seconds := int(fabric.HeartbeatLimit.Seconds())
	return schema.SingleNestedAttribute{
		Computed: true,
		MarkdownDescription: "The agents of the fabric's switches (`agents.agent.githedgehog.com`), summed up. An " +
			"agent runs on each switch and applies the configuration that the fabric's controller wants. Only " +
			"status and metadata are read, since the rest holds passwords. Null when they cannot be read, and when " +
			"the namespace has none.",
		Attributes: map[string]schema.Attribute{
			"total": shownNumber("Number of agents: one for each switch that the controller knows."),
			"ready": shownNumber("Number of agents that have applied the wanted generation of their configuration " +
				fmt.Sprintf("and sent a heartbeat less than %d seconds ago, by the cluster's clock. Hedgehog's own "+
					"tools go by the same.", seconds)),
			"pending": shownNumber("Number of agents that have not applied the wanted generation."),
			"silent": shownNumber(fmt.Sprintf("Number of agents without a heartbeat in the last %d seconds. They "+
				"send one every 15 seconds. An agent can be pending and silent.", seconds)),
			"not_ready": schema.MapNestedAttribute{
				Computed: true, MarkdownDescription: "The agents that are not ready, by the name of their switch.",
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"generation": shownNumber("Generation of the configuration that the controller wants."),
					"applied_generation": shownNumber("Generation that the switch has applied last; 0 when none " +
						"was."),
					"last_heartbeat": shownTime("Time of the latest heartbeat; null when there was none."),
					"version":        shownText("Version of the agent, such as `v0.99.0`; null when it never ran."),
				}},
			},
			"oldest_heartbeat": shownTime("Time of the latest heartbeat of the agent that has been silent for the " +
				"longest time, without those that never sent one; null when none did."),
			"newest_heartbeat": shownTime("Time of the latest heartbeat of any agent; null when none sent one."),
			"versions": schema.MapAttribute{
				Computed: true, ElementType: types.Int64Type,
				MarkdownDescription: "Number of agents by the version that runs, such as `v0.99.0`. One that never " +
					"ran is left out.",
			},
			"observed_at": shownTime("The cluster's time of its answer, by which the heartbeats were judged."),
		},
	}
}

func fabricatorAttribute() schema.Attribute {
	return schema.SingleNestedAttribute{
		Computed: true,
		MarkdownDescription: fmt.Sprintf("The services of the fabric's control nodes, as the Fabricator "+
			"(`fabricators.fabricator.githedgehog.com`) in the namespace `%s` reports them. Only status and metadata "+
			"are read, since the rest holds passwords. Null when it cannot be read.", fabric.FabricatorNamespace),
		Attributes: map[string]schema.Attribute{
			"ready": shownBool("Whether the controller of the version that should run has applied the newest " +
				"generation, the conditions `Applied` and `Ready` are there, and every condition is `True`."),
			"generation":         shownNumber("Generation of the Fabricator's configuration."),
			"applied_generation": shownNumber("Generation that was applied last; 0 when none was."),
			"release":            shownText("Release of Hedgehog, such as `26.03.0`; null when it is not given."),
			"versions": schema.MapAttribute{
				Computed: true, ElementType: types.StringType,
				MarkdownDescription: "Versions that should run, such as `v0.99.0`: of `fabricator` (the controller " +
					"that `ready` speaks of), `fabric` (the agents' version, too) and `gateway`, as far as the " +
					"Fabricator reports them.",
			},
			"conditions": schema.MapAttribute{
				Computed: true, ElementType: types.StringType,
				MarkdownDescription: "Status of each condition, `True`, `False` or `Unknown`, by its type: " +
					"`Applied`, `Ready` (services of the control nodes) and `GatewayReady` (services of gateways). " +
					"Older releases have no `GatewayReady`. `ready` needs all of them to be `True`.",
			},
		},
	}
}

// unstoredKinds returns the names of the kinds for a description.
func unstoredKinds() string {
	text := ""
	for i, kind := range fabric.UnstoredKinds() {
		if i > 0 {
			text += ", "
		}
		text += "`" + kind.Name + "`"
	}
	return text
}
