package fabric

// Kind is a kind of Kubernetes object that makes up a Hedgehog fabric, and that
// NetBox's plugin knows. All are namespaced.
type Kind struct {
	Group    string // API group, such as vpc.githedgehog.com
	Version  string
	Resource string // lower-case plural, as in the API server's paths
	Name     string // CamelCase, as in a manifest's "kind"
	Endpoint string // last part of the path in NetBox's plugin API
}

const (
	vpcGroup    = "vpc.githedgehog.com"
	wiringGroup = "wiring.githedgehog.com"
	betaVersion = "v1beta1"
)

// Kinds returns the twelve kinds, in the order in which a sync reads them: it is
// the plugin's.
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
