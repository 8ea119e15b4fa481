package plugin

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/provider"
)

// servesAs is the variable with what a copy of this test serves instead of running tests.
const servesAs = "HEDGEHOG_TEST_SERVES"

func TestMain(m *testing.M) {
	serves, stderr := os.Getenv(servesAs), os.Stderr // which the server takes for itself
	if serves == "" {
		os.Exit(m.Run())
	}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin) // until the test has seen enough
		fmt.Fprintf(stderr, "memory limit: %d\n", debug.SetMemoryLimit(-1))
		os.Exit(0)
	}()
	var err error
	switch serves {
	case "plugin":
		err = Serve("test")
	case "framework": // as any provider does
		err = tf6server.Serve(address, providerserver.NewProtocol6(provider.New("test")()))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// logOf starts a plugin as Terraform does, asks for its schema, and returns what it has
// written to stderr by then.
func logOf(t *testing.T, serves string, environment ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	sockets, err := os.MkdirTemp("", "plugin") //nolint:usetesting // a socket's path has to be short
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(sockets)
	cmd := exec.CommandContext(ctx, os.Args[0])
	cmd.Env = append([]string{
		servesAs + "=" + serves, "PLUGIN_PROTOCOL_VERSIONS=6", "PLUGIN_UNIX_SOCKET_DIR=" + sockets,
		cookie + "=d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2",
	}, environment...)
	var log bytes.Buffer
	cmd.Stderr = &log
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	handshake, err := bufio.NewReader(out).ReadString('\n')
	if err == nil {
		err = askForSchema(ctx, handshake)
	}
	_ = stdin.Close()
	if ended := cmd.Wait(); err != nil || ended != nil {
		t.Fatalf("got %v, %v\n%s", err, ended, log.String())
	}
	return log.String()
}

// askForSchema asks a plugin that has written a handshake such as
// "1|6|unix|/tmp/plugin123|grpc|".
func askForSchema(ctx context.Context, handshake string) error {
	parts := strings.Split(handshake, "|")
	if len(parts) < 5 {
		return fmt.Errorf("the handshake is %q", handshake)
	}
	conn, err := grpc.NewClient(parts[2]+":"+parts[3], grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return err
	}
	defer conn.Close()
	return conn.Invoke(ctx, "/tfplugin6.Provider/GetProviderSchema", &emptypb.Empty{}, &emptypb.Empty{},
		grpc.MaxCallRecvMsgSize(64<<20))
}

// sdkLines counts what the framework and its protocol have logged.
func sdkLines(log string) int {
	return strings.Count(log, `"@module":"sdk.`)
}

func TestSaveWork_frameworkLogsThoughNobodyAsks(t *testing.T) {
	if log := logOf(t, "framework"); sdkLines(log) == 0 {
		t.Errorf("without any TF_LOG… the framework writes no log any more: delete logs.go and "+
			"docs/upstream/framework-logs-nobody-reads.md\n%s", log)
	}
}

func TestServe_logsOnlyWhenAsked(t *testing.T) {
	if log := logOf(t, "plugin"); sdkLines(log) > 0 {
		t.Errorf("%d lines are logged, and nobody asked for any:\n%s", sdkLines(log), log)
	}
	if log := logOf(t, "plugin", "TF_LOG=TRACE"); sdkLines(log) == 0 {
		t.Errorf("with TF_LOG=TRACE nothing is logged:\n%s", log)
	}
}

func TestServe_limitsMemoryUnlessTheUserDoes(t *testing.T) {
	for given, want := range map[string]string{"": "67108864", "200MiB": "209715200"} {
		if log := logOf(t, "plugin", "GOMEMLIMIT="+given); !strings.Contains(log, "memory limit: "+want+"\n") {
			t.Errorf("GOMEMLIMIT=%s: want the limit %s\n%s", given, want, log)
		}
	}
}
