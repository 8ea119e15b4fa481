package provider

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/acctest"
)

// apacheConfig is Apache in front of a NetBox, with mod_deflate as in its documentation.
const apacheConfig = `
ServerRoot %[1]q
ServerName 127.0.0.1
PidFile pid
DefaultRuntimeDir %[1]q
ErrorLog error.log
User nobody
Group nogroup
LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
LoadModule filter_module /usr/lib/apache2/modules/mod_filter.so
LoadModule deflate_module /usr/lib/apache2/modules/mod_deflate.so
LoadModule proxy_module /usr/lib/apache2/modules/mod_proxy.so
LoadModule proxy_http_module /usr/lib/apache2/modules/mod_proxy_http.so
Listen %[2]s
AddOutputFilterByType DEFLATE application/json text/html
ProxyPreserveHost On
ProxyPass / %[3]s/
`

// behindApache starts Apache in front of the NetBox, and returns the NetBox behind it.
func behindApache(t *testing.T, n *acctest.NetBox) *acctest.NetBox {
	t.Helper()
	program, err := exec.LookPath("apache2")
	if err != nil {
		if program, err = exec.LookPath("/usr/sbin/apache2"); err != nil {
			t.Skip("apache2 is not installed (Debian's package apache2-bin)")
		}
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	address := free.Addr().String()
	must(t, free.Close())
	dir := t.TempDir()
	file := filepath.Join(dir, "apache.conf")
	must(t, os.WriteFile(file, fmt.Appendf(nil, apacheConfig, dir, address, n.URL), 0o600))
	cmd := exec.CommandContext(t.Context(), program, "-f", file, "-DFOREGROUND")
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) } // its children end with it
	must(t, cmd.Start())
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() {
		if err := cmd.Process.Signal(os.Interrupt); err != nil && !errors.Is(err, os.ErrProcessDone) {
			t.Error(err)
		}
		<-ended //nolint:errcheck // it was interrupted
	})
	tries := time.NewTicker(20 * time.Millisecond)
	defer tries.Stop()
	for {
		if connection, err := net.Dial("tcp", address); err == nil {
			must(t, connection.Close())
			return at(n, "http://"+address)
		}
		select {
		case err := <-ended:
			ended <- err
			said, _ := os.ReadFile(filepath.Join(dir, "error.log"))
			t.Fatalf("Apache has ended: %v\n%s", err, said)
		case <-tries.C:
		}
	}
}

// wantRewrittenTag checks that the proxy changes the tag of a fabric. Otherwise this test shows
// nothing.
func wantRewrittenTag(t *testing.T, direct, n *acctest.NetBox, id int64) {
	t.Helper()
	if tag := fabricTag(t, n, id); !strings.HasSuffix(tag, `-gzip"`) && fabricTag(t, direct, id) != "" {
		t.Errorf("got the tag %s from Apache", tag)
	}
}

// fabricTag returns a fabric's entity tag; "" before NetBox 4.6.
func fabricTag(t *testing.T, n *acctest.NetBox, id int64) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, fmt.Sprintf("%s%s%d/?omit=display_url", n.URL,
		fabricsAPI, id), nil)
	must(t, err)
	req.Header.Set("Authorization", "Token "+n.Token)
	resp, err := http.DefaultClient.Do(req)
	must(t, err)
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, resp.Body)
	must(t, err)
	return resp.Header.Get("ETag")
}

// Apache adds "-gzip" to entity tags, and does not remove it in requests. Writes still work, and
// conflicts are detected.
func TestAccApache_thatCompresses(t *testing.T) {
	t.Parallel()
	direct := acctest.Start(t)
	n := behindApache(t, direct)
	name := acctest.Name("gzip")
	config := func(description string) string {
		return fabricConfig(n, name, fmt.Sprintf("description = %q", description))
	}
	x := newWorkspace(t, n, config("one"))
	x.ok("apply", "-auto-approve")
	id, _ := direct.Named(t, name)[0]["id"].(float64)
	wantRewrittenTag(t, direct, n, int64(id))
	x.configure(config("two"))
	x.ok("apply", "-auto-approve")
	x.wantStates(name)
	x.wantNoChange()

	x.configure(config("three"))
	x.ok("plan", "-out=saved")
	direct.Patch(t, int64(id), map[string]any{"description": "theirs"})
	x.fails(`description: was "two", planned "three", is now "theirs"`, "apply", "saved")

	x.ok("apply", "-auto-approve")
	x.ok("destroy", "-auto-approve")
	if left := direct.Named(t, name); (len(left) > 0) != n.Published {
		t.Errorf("NetBox has %v", left)
	}
}
