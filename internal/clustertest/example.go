package clustertest

import "github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"

// Example returns an object of a kind like those of a fabric. The published CRDs accept it too.
func Example(kind fabric.Kind, name string) Object {
	return Object{Name: name, Labels: map[string]string{"fabric.githedgehog.com/example": "true"},
		Spec: exampleSpec(kind)}
}

func exampleSpec(kind fabric.Kind) map[string]any {
	switch kind.Name {
	case "VPC":
		return map[string]any{"ipv4Namespace": "default", "vlanNamespace": "default", "subnets": map[string]any{
			"default": map[string]any{"subnet": "10.0.1.0/24", "vlan": 1001}}}
	case "External":
		return map[string]any{"ipv4Namespace": "default", "inboundCommunity": "65102:1000",
			"outboundCommunity": "50000:50001"}
	case "ExternalAttachment":
		return map[string]any{"connection": "leaf-01--external", "external": "external-01",
			"neighbor": map[string]any{"asn": 65102, "ip": "100.1.0.6"}, "switch": map[string]any{"ip": "100.1.0.1/24"}}
	case "ExternalPeering":
		return map[string]any{"permit": map[string]any{"external": map[string]any{"name": "external-01"},
			"vpc": map[string]any{"name": "vpc-01"}}}
	case "IPv4Namespace":
		return map[string]any{"subnets": []any{"10.0.0.0/16"}}
	case "VPCAttachment":
		return map[string]any{"connection": "server-01--unbundled--leaf-01", "subnet": "vpc-01/default",
			"nativeVLAN": true}
	case "VPCPeering":
		return map[string]any{"permit": []any{map[string]any{"vpc-01": map[string]any{}, "vpc-02": map[string]any{}}}}
	case "Connection":
		return map[string]any{"unbundled": map[string]any{"link": map[string]any{
			"server": map[string]any{"port": "server-01/enp2s1"}, "switch": map[string]any{"port": "leaf-01/E1/1"}}}}
	case "Server":
		return map[string]any{"description": "A server in rack 1"}
	case "Switch":
		return map[string]any{"role": "server-leaf", "asn": 65101, "ip": "172.30.0.8/21", "profile": "vs"}
	case "VLANNamespace":
		return map[string]any{"ranges": []any{map[string]any{"from": 1000, "to": 2999}}}
	}
	return map[string]any{} // a SwitchGroup is only a name
}
