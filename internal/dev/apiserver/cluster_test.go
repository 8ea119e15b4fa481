//go:build unix

package main

import (
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

func TestReservePort_isOursAndSilent(t *testing.T) {
	port, err := reservePort()
	if err != nil {
		t.Fatal(err)
	}
	defer port.release()
	address := net.JoinHostPort("127.0.0.1", strconv.Itoa(port.number))
	if connection, err := net.Dial("tcp", address); err == nil {
		connection.Close()
		t.Error("a server listens")
	}
	if listener, err := net.Listen("tcp", address); err == nil {
		listener.Close()
		t.Error("others may take the port")
	}
	socket, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(socket)
	if err := unix.SetsockoptInt(socket, unix.SOL_SOCKET, unix.SO_REUSEPORT, 1); err != nil {
		t.Fatal(err)
	}
	if err := unix.Bind(socket, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}, Port: port.number}); err != nil {
		t.Errorf("the API server could not bind it: %v", err)
	}
}

func TestNamedTarget(t *testing.T) {
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, []byte("-----BEGIN CERTIFICATE-----\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	named := func(server, token, ca, namespace string) (*target, error) {
		values := map[string]string{
			"TEST_FABRIC_K8S_API_SERVER": server, "TEST_FABRIC_K8S_TOKEN": token, "TEST_FABRIC_K8S_API_SERVER_CA": ca,
			"TEST_FABRIC_K8S_NAMESPACE": namespace,
		}
		return namedTarget(func(name string) string { return values[name] })
	}
	if got, err := named("", "", "", "fabric-1"); got != nil || err != nil {
		t.Errorf("no cluster named: %v, %v", got, err)
	}
	for _, half := range [][3]string{{"https://k8s", "", ""}, {"https://k8s", "", file}, {"", "token", file},
		{"", "", file}} {
		if _, err := named(half[0], half[1], half[2], ""); err == nil || !strings.Contains(err.Error(), "go together") {
			t.Errorf("%q: %v", half, err)
		}
	}
	if _, err := named("https://k8s", "token", file+".not", ""); err == nil {
		t.Error("a file that is not there passes")
	}
	got, err := named("https://k8s/", "token", file, "fabric-1")
	if err != nil || got.server != "https://k8s" || got.token != "token" || got.caFile != file || got.made != "" ||
		got.namespace != "fabric-1" {
		t.Errorf("with a file: %+v, %v", got, err)
	}
	got, err = named("https://k8s", "token", "", "")
	if err != nil || got.caFile != "" || got.namespace != "default" {
		t.Errorf("with a certificate of the system's authorities: %+v, %v", got, err)
	}
	got, err = named("https://k8s", "token", "-----BEGIN CERTIFICATE-----\nx\n", "")
	if err != nil {
		t.Fatal(err)
	}
	text, _ := os.ReadFile(got.caFile)
	if got.forget(); string(text) != "-----BEGIN CERTIFICATE-----\nx\n" {
		t.Errorf("PEM became %q", text)
	}
	if _, err := os.Stat(got.caFile); !os.IsNotExist(err) {
		t.Errorf("the file is left behind: %v", err)
	}
}

func TestEnvironment_replacesWhatIsThere(t *testing.T) {
	named := &target{server: "https://k8s", caFile: "ca.pem", token: "token", namespace: "fabric-1"}
	got := named.environment([]string{"A=1", "HEDGEHOG_ACC_KUBERNETES_CONTROL=stale", "HEDGEHOG_ACC_SERVER_URL=kept"})
	want := []string{
		"A=1", "HEDGEHOG_ACC_SERVER_URL=kept", "HEDGEHOG_ACC_KUBERNETES_SERVER=https://k8s",
		"HEDGEHOG_ACC_KUBERNETES_CA_FILE=ca.pem", "HEDGEHOG_ACC_KUBERNETES_TOKEN=token",
		"HEDGEHOG_ACC_KUBERNETES_NAMESPACE=fabric-1",
	}
	if !slices.Equal(got, want) {
		t.Errorf("environment %q, want %q", got, want)
	}
}

func TestDefinitions(t *testing.T) {
	own, err := definitions("")
	if kinds := append(fabric.Kinds(), fabric.HealthKinds()...); err != nil || len(own) != len(kinds) {
		t.Fatalf("%d CRDs for %d kinds, %v", len(own), len(kinds), err)
	}
	if names, _, _ := unstructured.NestedStringMap(own[11].Object, "spec",
		"names"); own[11].GetName() != "vlannamespaces.wiring.githedgehog.com" ||
		names["kind"] != "VLANNamespace" || names["singular"] != "vlannamespace" {
		t.Errorf("CRD %s with names %v", own[11].GetName(), names)
	}
	folder := t.TempDir()
	for _, kind := range fabric.Kinds()[1:] {
		text := "kind: CustomResourceDefinition\nmetadata:\n  name: " + kind.Resource + "." + kind.Group + "\n"
		if err := os.WriteFile(filepath.Join(folder, kind.Resource+".yaml"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := definitions(folder); err == nil || !strings.Contains(err.Error(), "no CRD vpcs.vpc.githedgehog.com") {
		t.Errorf("a folder without VPCs: %v", err)
	}
}
