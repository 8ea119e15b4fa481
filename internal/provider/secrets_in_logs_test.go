package provider

import (
	"archive/zip"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/acctest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

// Tokens of the cluster: the first configured token, the second one, and a token that another
// user sets in NetBox.
const (
	theSecret     = "eyJ-the-token-of-the-cluster"
	nextSecret    = "eyJ-another-token-of-the-cluster"
	foreignSecret = "eyJ-another-users-token-of-the-cluster"
)

// secretsRun is the life of a fabric with the real CLI, and everything that the CLI prints.
type secretsRun struct {
	*cli
	n    *acctest.NetBox
	said strings.Builder
}

// step runs a command, which must succeed or fail as wanted, and returns its standard output.
func (r *secretsRun) step(wantFailure bool, args ...string) string {
	r.t.Helper()
	stdout, log, err := r.run(args...)
	if (err != nil) != wantFailure {
		r.t.Fatalf("%v: got %v\n%s", args, err, stdout)
	}
	r.said.WriteString(log)
	if args[0] != "show" { // which is asked for the plan, with what is in it
		r.said.WriteString(stdout)
	}
	return stdout
}

// give changes the variables of the configuration.
func (r *secretsRun) give(token string, version int) {
	r.env = append(r.env, "TF_VAR_token="+token, fmt.Sprintf("TF_VAR_token_version=%d", version))
}

// answers makes NetBox answer requests of a method with an answer that repeats them.
func (r *secretsRun) answers(method string, status int, body func(*http.Request) string) (remove func()) {
	return r.n.Standin.Intercept(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
			if req.Method != method {
				next.ServeHTTP(w, req)
				return
			}
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("API-Version", "4.7")
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body(req))
		})
	})
}

// files returns the contents of the files in the run's folder, with plans unpacked.
func (r *secretsRun) files() map[string]string {
	r.t.Helper()
	contents := map[string]string{}
	must(r.t, filepath.WalkDir(r.dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || entry.Name() == "terraform-provider-hedgehog" {
			return err
		}
		if packed, err := zip.OpenReader(path); err == nil {
			defer packed.Close()
			return unpack(&packed.Reader, entry.Name(), contents)
		}
		raw, err := os.ReadFile(path) //nolint:gosec // the folder is the test's own
		contents[entry.Name()] = string(raw)
		return err
	}))
	return contents
}

func unpack(packed *zip.Reader, name string, into map[string]string) error {
	for _, f := range packed.File {
		opened, err := f.Open()
		if err != nil {
			return err
		}
		raw, err := io.ReadAll(opened)
		if err != nil {
			return err
		}
		into[name+"/"+f.Name] = string(raw)
	}
	return nil
}

// live does everything that can happen to a token, and returns the first plan in JSON.
func (r *secretsRun) live() (plan string) {
	r.t.Helper()
	r.give(theSecret, 1)
	r.step(false, "plan", "-out=plan.out")
	plan = r.step(false, "show", "-json", "plan.out")
	r.step(false, "apply", "plan.out")
	if f, _ := r.n.Standin.Fabric(1); f["kubernetes_token"] != theSecret {
		r.t.Fatalf("NetBox has no token: %v", f)
	}
	// Drift, reported and stored.
	r.n.Standin.UpdateFabric(1, map[string]any{"kubernetes_token": foreignSecret})
	r.step(false, "plan")
	r.step(false, "apply", "-refresh-only", "-auto-approve")
	r.step(false, "apply", "-auto-approve")
	// Another token, which NetBox refuses with a message that repeats it; then a token that
	// another user changes between plan and apply.
	r.give(nextSecret, 2)
	refusing := r.answers(http.MethodPatch, http.StatusBadRequest, func(req *http.Request) string {
		sent, _ := io.ReadAll(req.Body)
		return fmt.Sprintf(`{"kubernetes_token":["%s is no token."],"__all__":[%q]}`, nextSecret, sent)
	})
	r.step(true, "apply", "-auto-approve")
	refusing()
	r.step(false, "plan", "-out=change.out")
	r.n.Standin.UpdateFabric(1, map[string]any{"kubernetes_token": foreignSecret, "description": "theirs"})
	r.step(true, "apply", "change.out")
	r.n.Standin.UpdateFabric(1, map[string]any{"kubernetes_token": theSecret, "description": ""})
	r.step(false, "apply", "-auto-approve")
	if f, _ := r.n.Standin.Fabric(1); f["kubernetes_token"] != nextSecret {
		r.t.Fatalf("NetBox has another token: %v", f)
	}
	return plan
}

// leave imports the fabric again, and destroys it.
func (r *secretsRun) leave() {
	r.t.Helper()
	// A server that repeats what it received.
	repeating := r.answers(http.MethodGet, http.StatusTeapot,
		func(req *http.Request) string { return req.Header.Get("Authorization") })
	r.step(true, "plan")
	repeating()
	r.step(false, "state", "rm", "hedgehog_fabric.test")
	r.step(false, "import", "hedgehog_fabric.test", "lab")
	if strings.Contains(r.file("terraform.tfstate"), nextSecret) {
		r.t.Error("the token is in the state of an import")
	}
	r.step(false, "apply", "-auto-approve")
	r.step(false, "destroy", "-auto-approve")
}

// The test searches everything that a whole run writes and prints for the tokens of the cluster
// and of NetBox.
func TestAccFabricResource_secretsStayWhereTheyBelong(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		variable, lines string
		needs           []acctest.Capability
		inFiles         bool // in states and plans, where a plain attribute has to be
	}{
		"write-only": {"ephemeral = true", "kubernetes_token_wo = var.token\n  kubernetes_token_wo_version = " +
			"var.token_version",
			[]acctest.Capability{acctest.EphemeralValues, acctest.WriteOnly}, false},
		"stored": {"", "kubernetes_token = var.token", nil, true},
	} {
		t.Run(name, func(t *testing.T) {
			acctest.Need(t, c.needs...)
			n := acctest.Standin(t, netboxtest.Options{})
			config := fmt.Sprintf(`
variable "token" {
  type      = string
  sensitive = true
  %s
}
variable "token_version" {
  type = number
}
provider "hedgehog" {
  server_url = %q
}
resource "hedgehog_fabric" "test" {
  name              = "lab"
  kubernetes_server = "https://k8s.example.com:6443"
  %s
}
`, c.variable, n.URL, c.lines)
			// A variable of the environment is nowhere else.
			r := &secretsRun{cli: newCLI(t, config, "NETBOX_API_TOKEN="+n.Token), n: n}
			plan := r.live()
			files := r.files()
			files["plan in JSON"] = plan
			r.leave()
			r.wantInFiles(files, c.inFiles)
			for name, content := range r.files() {
				files[name+" at the end"] = content
			}
			r.wantNowhereElse(files, c.inFiles)
		})
	}
}

// wantInFiles checks which files have the cluster's tokens. If tokens are stored, each file with
// values has them.
func (r *secretsRun) wantInFiles(files map[string]string, inFiles bool) {
	r.t.Helper()
	for name, secret := range map[string]string{
		"plan in JSON": theSecret, "plan.out/tfplan": theSecret, "change.out/tfplan": nextSecret,
		"terraform.tfstate":        nextSecret,
		"terraform.tfstate.backup": theSecret,
	} {
		content, there := files[name]
		if !there {
			r.t.Errorf("the file %s does not exist", name)
		}
		if strings.Contains(content, secret) != inFiles {
			r.t.Errorf("%s has the token: %t, want %t", name, !inFiles, inFiles)
		}
	}
}

// wantNowhereElse searches outputs and logs for all tokens, and the files for the tokens that may be
// in no file.
func (r *secretsRun) wantNowhereElse(files map[string]string, inFiles bool) {
	r.t.Helper()
	if !strings.Contains(r.said.String(), "NetBox answered") || !strings.Contains(r.said.String(),
		`"@level":"trace"`) && !strings.Contains(r.said.String(), "[TRACE]") {
		r.t.Error("got no line of the provider in the log, so this is not its log")
	}
	for _, secret := range []string{theSecret, nextSecret, foreignSecret, r.n.Token} {
		if i := strings.Index(r.said.String(), secret); i >= 0 {
			r.t.Errorf("got %s in an output or a log: …%.300s", secret, r.said.String()[max(0, i-200):])
		}
		for name, content := range files {
			if (secret == r.n.Token || !inFiles) && strings.Contains(content, secret) {
				r.t.Errorf("%s is in %s", secret, name)
			}
		}
	}
	if names := slices.Sorted(maps.Keys(files)); len(names) < 10 {
		r.t.Errorf("got only the files %q", names)
	}
}
