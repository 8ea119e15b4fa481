package synccmd

import (
	"strings"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

const newerNetBox = `level=WARN msg="NetBox is newer than the tested versions; look for a newer version of this ` +
	`program" netbox_version=4.8.0 ` +
	`newest_tested=4.7`

func standinsThatClaim(t *testing.T, version string) *standins {
	t.Helper()
	w := newStandinsOf(t, netboxtest.Options{Claims: version})
	w.environment["NETBOX_SKIP_VERSION_CHECK"] = "false"
	w.add("lab")
	return w
}

func TestUntestedNetBox_isLoggedOnce(t *testing.T) {
	w := standinsThatClaim(t, "4.8.0")
	x := w.watch() // it logs JSON
	x.wantAsked(1)
	for round := range 3 {
		x.advance(time.Minute)
		x.wantAsked(2 + round)
	}
	if times := strings.Count(w.stderr.String(), `"netbox_version":"4.8.0","newest_tested":"4.7"`); times != 1 {
		t.Errorf("got the warning %d times:\n%s", times, w.stderr.String())
	}
}

func TestUntestedNetBox_once(t *testing.T) {
	for version, want := range map[string]int{"4.8.0": 1, "4.7.99": 0} {
		w := standinsThatClaim(t, version)
		w.wantCode(w.run("--once"), 0)
		if times := strings.Count(w.stderr.String(), newerNetBox); times != want {
			t.Errorf("%s: got the warning %d times:\n%s", version, times, w.stderr.String())
		}
	}
	w := standinsThatClaim(t, "4.8.0")
	w.environment["NETBOX_SKIP_VERSION_CHECK"] = "true"
	w.wantCode(w.run("--once"), 0)
	if strings.Contains(w.stderr.String(), "newer") {
		t.Errorf("without the version check: got\n%s", w.stderr.String())
	}
}
