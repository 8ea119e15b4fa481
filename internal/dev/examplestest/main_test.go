// Package examplestest runs every configuration under examples/ as a user would, with
// the provider built from this tree and the real CLI, against a NetBox stand-in:
// it is valid, applies, plans no change afterwards, and can be destroyed.
package examplestest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/acctest"
)

// TestMain also serves the kubernetes and helm providers, which examples configure
// and nothing here can install: the CLI starts this program under their names.
func TestMain(m *testing.M) {
	if name, isPlugin := strings.CutPrefix(filepath.Base(os.Args[0]), pluginPrefix); isPlugin {
		if err := serveForeign(name); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	code := acctest.Main(m, acctest.Logs{})
	if built.folder != "" {
		_ = os.RemoveAll(built.folder)
	}
	os.Exit(code)
}
