package provider

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/acctest"
)

// TestMain runs the tests, or only the sweepers with -sweep=all.
func TestMain(m *testing.M) { resource.TestMain(tests{m}) }

type tests struct{ *testing.M }

func (m tests) Run() int {
	// Tokens that never reach a stand-in.
	code := acctest.Main(m.M, acctest.Logs{Secrets: []string{"x123456", "secret-1", proxyPassword}})
	if built.folder != "" {
		_ = os.RemoveAll(built.folder)
	}
	return code
}

// built is the provider as a program, for all tests whose CLI starts it.
var built struct {
	once   sync.Once
	folder string
	err    error
}

// builtProvider returns the folder with the program.
func builtProvider(t *testing.T) string {
	t.Helper()
	built.once.Do(func() {
		//nolint:usetesting // it outlives the test that builds it
		built.folder, built.err = os.MkdirTemp("", "hedgehog-provider-")
		if built.err != nil {
			return
		}
		out, err := exec.Command("go", "build", "-o", filepath.Join(built.folder,
			acctest.Executable("terraform-provider-hedgehog")), "../..").CombinedOutput()
		if err != nil {
			built.err = fmt.Errorf("building the provider: %w\n%s", err, out)
		}
	})
	must(t, built.err)
	return built.folder
}
