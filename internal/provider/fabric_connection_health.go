package provider

import (
	"fmt"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

// healthModel is what the cluster says about itself.
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

// healthAttribute returns the schema of [healthModel].
func healthAttribute() schema.Attribute {
	return schema.SingleNestedAttribute{
		Computed: true,
		MarkdownDescription: "What the cluster says about the fabric's own health. It is read from the cluster and " +
			"never stored in NetBox. Null if `authenticated` is false. A part is null if the token is not allowed to " +
			"read it, or if the cluster does not have it. `reasons` gives the reason. See [what a token needs to " +
			"read it](../guides/secrets.md#minimum-permissions-for-each-token).",
		Attributes: map[string]schema.Attribute{
			"healthy": shownBool("Whether all agents and the Fabricator are ready. False if any of them is known not " +
				"to be ready. Null if that is not known, for example in a namespace without agents."),
			"agents":     agentsAttribute(),
			"fabricator": fabricatorAttribute(),
			"unstored_counts": schema.MapAttribute{
				Computed: true, ElementType: types.Int64Type,
				MarkdownDescription: "Number of objects of each kind that the NetBox plugin cannot " +
					"store: " + unstoredKinds() + ". The keys are the names of the kinds. A sync leaves these " +
					"objects out. A kind whose custom resource definition is not installed has 0. A kind that the " +
					"token is not allowed to list has no key. Null if the token can list none of them.",
			},
			"reasons": schema.MapAttribute{
				Computed: true, ElementType: types.StringType,
				MarkdownDescription: "Why a part is null or incomplete, in one sentence with the server, the cause " +
					"and what to check. The keys are names of parts: `agents`, `fabricator` or `unstored_counts`. " +
					"Empty if everything is known.",
			},
		},
	}
}

func agentsAttribute() schema.Attribute {
	seconds := int(fabric.HeartbeatLimit.Seconds())
	return schema.SingleNestedAttribute{
		Computed: true,
		MarkdownDescription: "Summary of the agents on the fabric's switches (`agents.agent.githedgehog.com`). An " +
			"agent runs on each switch and applies the configuration that the fabric's controller makes for it. Each " +
			"change of that configuration is a new generation. The provider reads only status and metadata, because " +
			"the rest holds passwords. Null if the agents cannot be read, or the namespace has none.",
		Attributes: map[string]schema.Attribute{
			"total": shownNumber("Number of agents: one for each switch that the controller knows."),
			"ready": shownNumber("Number of agents that have applied the newest generation of their configuration " +
				fmt.Sprintf("and sent a heartbeat less than %d seconds ago, by the cluster's clock. Hedgehog's own "+
					"tools use the same rule.", seconds)),
			"pending": shownNumber("Number of agents that have not applied the newest generation of their " +
				"configuration yet."),
			"silent": shownNumber(fmt.Sprintf("Number of agents without a heartbeat in the last %d seconds. An "+
				"agent sends one every 15 seconds. An agent can be both pending and silent.", seconds)),
			"not_ready": schema.MapNestedAttribute{
				Computed: true, MarkdownDescription: "The agents that are not ready. The keys are the names of " +
					"their switches.",
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"generation": shownNumber("Newest generation of the switch's configuration."),
					"applied_generation": shownNumber("Generation that the switch applied last. 0 if it never " +
						"applied one."),
					"last_heartbeat": shownTime("Time of the agent's latest heartbeat. Null if it never sent one."),
					"version":        shownText("Version of the agent, such as `v0.99.0`. Null if it never ran."),
				}},
			},
			"oldest_heartbeat": shownTime("Last heartbeat of the agent that has been silent the longest. Agents " +
				"that never sent a heartbeat do not count. Null if no agent ever sent one."),
			"newest_heartbeat": shownTime("Latest heartbeat of any agent. Null if none sent one."),
			"versions": schema.MapAttribute{
				Computed: true, ElementType: types.Int64Type,
				MarkdownDescription: "Number of agents that run each version. The keys are versions, such as " +
					"`v0.99.0`. Agents that never ran are left out.",
			},
			"observed_at": shownTime("Time of the cluster's answer, by the cluster's clock. The age of a heartbeat " +
				"is measured at this time."),
		},
	}
}

func fabricatorAttribute() schema.Attribute {
	return schema.SingleNestedAttribute{
		Computed: true,
		MarkdownDescription: fmt.Sprintf("State of the services on the fabric's control nodes, as the Fabricator "+
			"(`fabricators.fabricator.githedgehog.com`) in the namespace `%s` reports them. The provider reads only "+
			"status and metadata, because the rest holds passwords. Null if it cannot be read.",
			fabric.FabricatorNamespace),
		Attributes: map[string]schema.Attribute{
			"ready": shownBool("Whether the control nodes are ready. True if the Fabricator's controller runs the " +
				"version that it should, has applied the newest generation, and reports every condition, among them " +
				"`Applied` and `Ready`, as `True`."),
			"generation":         shownNumber("Generation of the Fabricator's configuration."),
			"applied_generation": shownNumber("Generation that was applied last. 0 if none was."),
			"release":            shownText("Release of Hedgehog, such as `26.03.0`. Null if it is not known."),
			"versions": schema.MapAttribute{
				Computed: true, ElementType: types.StringType,
				MarkdownDescription: "Versions that should run, such as `v0.99.0`. The keys are `fabricator` (the " +
					"Fabricator's controller), `fabric` (also the version of the agents) and `gateway`. A version " +
					"that the Fabricator does not report has no key.",
			},
			"conditions": schema.MapAttribute{
				Computed: true, ElementType: types.StringType,
				MarkdownDescription: "Status of each condition: `True`, `False` or `Unknown`. The keys are " +
					"`Applied`, `Ready` (services of the control nodes) and `GatewayReady` (services of gateways). " +
					"Older releases have no `GatewayReady`. `ready` needs all of them to be `True`.",
			},
		},
	}
}

// unstoredKinds returns the names of the kinds, for a description.
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
