//go:build unix

package synccmd

import (
	"io"
	"net/http"
	"regexp"
	"testing"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

func TestProcess_limitsItsMemoryUnlessTheUserDoes(t *testing.T) {
	for given, want := range map[string]string{
		"":                  "6.7108864e+07",
		"GOMEMLIMIT=200MiB": "2.097152e+08",
	} {
		s := newProcessSite(t)
		p := newProcess(t, s.netbox.URL(), netboxtest.AdminToken, "--watch", "--listen", "127.0.0.1:0")
		if given != "" {
			p.Env = append(p.Env, given)
		}
		p.run()
		address := regexp.MustCompile(`msg="serving .* address=(\S+)`)
		p.waitForOutput(&p.log, address.MatchString)
		resp, err := http.Get("http://" + address.FindStringSubmatch(p.log.String())[1] + "/metrics")
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		wantText(t, string(text), "\ngo_gc_gomemlimit_bytes "+want+"\n")
	}
}
