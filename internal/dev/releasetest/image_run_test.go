package releasetest

import (
	"bufio"
	"crypto/tls"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/testserver"
)

// rootFS unpacks the image for this machine into a folder, and returns its path.
func (d *dist) rootFS(t *testing.T) (folder string, i image) {
	t.Helper()
	all := d.images(t)
	n := slices.IndexFunc(all, func(i image) bool {
		return i.config.OS == runtime.GOOS && i.config.Architecture == runtime.GOARCH
	})
	if n < 0 {
		t.Skipf("there is no image for %s/%s", runtime.GOOS, runtime.GOARCH)
	}
	folder = filepath.Join(t.TempDir(), "root")
	must(t, os.Mkdir(folder, 0o755))
	for name, f := range all[n].files {
		path := filepath.Join(folder, filepath.FromSlash(name))
		must(t, os.MkdirAll(filepath.Dir(path), 0o755))
		if !strings.HasSuffix(name, "/") {
			must(t, os.WriteFile(path, f.content, f.header.FileInfo().Mode()))
		}
	}
	return folder, all[n]
}

// The program needs nothing but the image, and trusts the image's authorities.
func TestImage_runs(t *testing.T) {
	d := openDist(t)
	folder, i := d.rootFS(t)
	authority, err := testserver.NewAuthority("an authority of the test")
	must(t, err)
	certificate, err := authority.IssueFor("127.0.0.1")
	must(t, err)
	n, err := netboxtest.New(netboxtest.Options{TLS: &tls.Config{Certificates: []tls.Certificate{certificate},
		MinVersion: tls.VersionTLS12}})
	must(t, err)
	t.Cleanup(n.Close)
	n.AddFabric(map[string]any{"name": "without a cluster"})
	run := func(args ...string) (int, string) {
		cmd := contained(t, folder, i, args...)
		cmd.Env = append(cmd.Env, "NETBOX_SERVER_URL="+n.URL(), "NETBOX_API_TOKEN="+netboxtest.AdminToken)
		out, err := cmd.CombinedOutput()
		if cmd.ProcessState == nil {
			t.Fatal(err)
		}
		return cmd.ProcessState.ExitCode(), string(out)
	}
	for what, c := range map[string]struct {
		args []string
		says string
	}{
		"without a command": {i.config.Config.Cmd, "sync"},
		"--version":         {[]string{"--version"}, d.version},
	} {
		if code, out := run(c.args...); code != 0 || !strings.Contains(out, c.says) {
			t.Errorf("%s: exit code %d\n%s", what, code, out)
		}
	}
	if code, out := run("sync", "--once"); code == 0 || !strings.Contains(out, "is not trusted: it is signed by") {
		t.Errorf("a NetBox with an unknown name: exit code %d\n%s", code, out)
	}
	file, err := os.OpenFile(filepath.Join(folder, authorities), os.O_APPEND|os.O_WRONLY, 0)
	must(t, err)
	_, err = io.WriteString(file, authority.PEM())
	must(t, err)
	must(t, file.Close())
	if code, out := run("sync", "--once"); code != 0 {
		t.Errorf("a NetBox whose authority is in the image: exit code %d\n%s", code, out)
	}
}

// A registry accepts the image and returns it unchanged.
func TestImage_registryTakesIt(t *testing.T) {
	d := openDist(t)
	named, _ := d.index(t)
	crane := tool(t, "crane")
	registry := exec.CommandContext(t.Context(), crane, "registry", "serve", "--address", "127.0.0.1:0")
	said, err := registry.StderrPipe()
	must(t, err)
	must(t, registry.Start())
	t.Cleanup(func() {
		_ = registry.Process.Kill()
		_ = registry.Wait()
	})
	line, err := bufio.NewReader(said).ReadString('\n')
	port := regexp.MustCompile(`port (\d+)`).FindStringSubmatch(line)
	if port == nil {
		t.Fatalf("the registry printed %q, %v", line, err)
	}
	go func() { _, _ = io.Copy(io.Discard, said) }()
	name := "127.0.0.1:" + port[1] + "/" + project
	ask := func(args ...string) string {
		t.Helper()
		out, err := exec.CommandContext(t.Context(), crane, args...).CombinedOutput()
		if err != nil {
			t.Fatalf("crane %q: %v\n%s", args, err, out)
		}
		return strings.TrimSpace(string(out))
	}
	if got, want := ask("push", d.layout(), name+":"+d.version), name+"@"+named.Digest; !strings.HasSuffix(got, want) {
		t.Errorf("the registry has\n%s\nwant\n%s", got, want)
	}
	ask("validate", "--remote", name+":"+d.version)
	ask("tag", name+":"+d.version, "latest")
	if got := ask("digest", name+":latest"); got != named.Digest {
		t.Errorf("got the digest %s, want %s", got, named.Digest)
	}
}

// tool returns the path of one of the project's tools.
func tool(t *testing.T, name string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "bash", filepath.Join(root, "tools", "run"), "path", name).Output()
	must(t, err)
	return strings.TrimSpace(string(out))
}

// Documents and examples name the image that the workflow pushes and attests.
func TestImage_hasOneName(t *testing.T) {
	for file, want := range map[string]string{
		".github/workflows/release.yml":             "IMAGE: " + imageName + "\n",
		"SECURITY.md":                               "oci://" + imageName + ":",
		"examples/sync/README.md":                   imageName + ":",
		"templates/guides/keeping-in-sync.md":       "`" + imageName + "`",
		"examples/sync/kubernetes/cronjob.yaml":     "image: " + imageName + ":",
		"examples/sync/kubernetes/deployment.yaml":  "image: " + imageName + ":",
		"examples/sync/kubernetes/statefulset.yaml": "image: " + imageName + ":",
	} {
		if text := string(read(t, filepath.Join(root, file))); !strings.Contains(text, want) {
			t.Errorf("%s does not contain %q", file, want)
		}
	}
}
