package fabric

import "slices"

// Kind is a kind of Kubernetes object of a Hedgehog fabric. All are namespaced.
type Kind struct {
	Group    string // API group, such as vpc.githedgehog.com
	Version  string
	Resource string // lower-case plural, as in the API server's paths
	Name     string // CamelCase, as in a manifest's "kind"
	Endpoint string // last part of the path in the plugin's API; "" if the plugin has none
}

const (
	vpcGroup    = "vpc.githedgehog.com"
	wiringGroup = "wiring.githedgehog.com"
	betaVersion = "v1beta1"

	gatewayGroup = "gateway.githedgehog.com"
	alphaVersion = "v1alpha1"
)

// Kinds returns the twelve kinds that the NetBox plugin stores. A sync reads them in this
// order, which is the plugin's.
func Kinds() []Kind {
	return []Kind{
		{vpcGroup, betaVersion, "vpcs", "VPC", "vpcs"},
		{vpcGroup, betaVersion, "externals", "External", "externals"},
		{vpcGroup, betaVersion, "externalattachments", "ExternalAttachment", "external-attachments"},
		{vpcGroup, betaVersion, "externalpeerings", "ExternalPeering", "external-peerings"},
		{vpcGroup, betaVersion, "ipv4namespaces", "IPv4Namespace", "ipv4-namespaces"},
		{vpcGroup, betaVersion, "vpcattachments", "VPCAttachment", "vpc-attachments"},
		{vpcGroup, betaVersion, "vpcpeerings", "VPCPeering", "vpc-peerings"},
		{wiringGroup, betaVersion, "connections", "Connection", "connections"},
		{wiringGroup, betaVersion, "servers", "Server", "servers"},
		{wiringGroup, betaVersion, "switches", "Switch", "switches"},
		{wiringGroup, betaVersion, "switchgroups", "SwitchGroup", "switch-groups"},
		{wiringGroup, betaVersion, "vlannamespaces", "VLANNamespace", "vlan-namespaces"},
	}
}

// UnstoredKinds returns newer kinds, which describe a fabric like the twelve but which
// the NetBox plugin cannot store. Peering has become GatewayPeering.
func UnstoredKinds() []Kind {
	return []Kind{
		{wiringGroup, betaVersion, "switchprofiles", "SwitchProfile", ""},
		{wiringGroup, betaVersion, "serverprofiles", "ServerProfile", ""},
		{gatewayGroup, alphaVersion, "gateways", "Gateway", ""},
		{gatewayGroup, alphaVersion, "gatewaygroups", "GatewayGroup", ""},
		{gatewayGroup, alphaVersion, "gatewaypeerings", "GatewayPeering", ""},
		{gatewayGroup, alphaVersion, "peerings", "Peering", ""},
		{gatewayGroup, alphaVersion, "vpcinfos", "VPCInfo", ""},
	}
}

// FabricatorNamespace is the namespace of the one Fabricator object.
const FabricatorNamespace = "fab"

// AgentKind returns the kind of the objects with which the controller configures the
// switches. They are in the namespace of the switches. Their specs contain secrets.
func AgentKind() Kind { return Kind{"agent.githedgehog.com", betaVersion, "agents", "Agent", ""} }

// FabricatorKind returns the kind of the object that describes the control nodes and their
// services. Its spec contains secrets.
func FabricatorKind() Kind {
	return Kind{"fabricator.githedgehog.com", betaVersion, "fabricators", "Fabricator", ""}
}

// HealthKinds returns the kinds from which a fabric's health is read.
func HealthKinds() []Kind { return append([]Kind{AgentKind(), FabricatorKind()}, UnstoredKinds()...) }

// GroupVersions returns the kinds' API groups with their versions, such as
// "vpc.githedgehog.com/v1beta1", without duplicates.
func GroupVersions() (all []string) {
	for _, k := range Kinds() {
		if one := k.Group + "/" + k.Version; !slices.Contains(all, one) {
			all = append(all, one)
		}
	}
	return all
}
