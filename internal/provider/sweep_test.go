package provider

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/acctest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

// toSweep is the NetBox that all sweepers sweep. It is set before the first one starts.
var toSweep = sync.OnceValues(func() (*acctest.NetBox, error) {
	n, err := acctest.ToSweep()
	if err == nil {
		fmt.Printf("Sweeping the NetBox at %s\n", n.URL)
	}
	return n, err
})

func init() {
	for _, s := range acctest.Sweepers() {
		resource.AddTestSweepers(s.Name, &resource.Sweeper{Name: s.Name, Dependencies: s.After, F: func(string) error {
			n, err := toSweep()
			if err != nil {
				return err
			}
			return s.Sweep(n, os.Stdout)
		}})
	}
}

// The sweepers run instead of the tests, and only on the named NetBox.
func TestSweep_deletesInTheNetBoxThatIsNamed(t *testing.T) {
	n := acctest.Standin(t, netboxtest.Options{})
	n.Create(t, map[string]any{"name": acctest.Name("left")})
	n.Create(t, map[string]any{"name": "berlin"})
	for _, token := range []string{netboxtest.AdminToken, netboxtest.AdminTokenV2, ""} {
		sweep := exec.CommandContext(t.Context(), os.Args[0], "-sweep=all", "-sweep-allow-failures")
		sweep.Env = append(os.Environ(), "NETBOX_SERVER_URL="+n.URL, "NETBOX_API_TOKEN="+token)
		out, err := sweep.CombinedOutput()
		switch said := string(out); {
		case token == "" && (err == nil || !strings.Contains(said, "NETBOX_SERVER_URL and NETBOX_API_TOKEN")):
			t.Errorf("without a token: %v\n%s", err, said)
		case token != "" && (err != nil || !strings.Contains(said, "users") ||
			strings.Count(said, "Sweeping the NetBox at "+n.URL+"\n") != 1):
			t.Errorf("got %v\n%s", err, said)
		}
	}
	if left := n.Standin.Fabrics(); len(left) != 1 || left[0]["name"] != "berlin" {
		t.Errorf("NetBox has %v", left)
	}
}
