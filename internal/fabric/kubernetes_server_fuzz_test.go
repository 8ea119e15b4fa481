package fabric

import (
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

// recordedServers returns values of kubernetes_server, and whether live NetBoxes accepted them.
func recordedServers(t testing.TB) map[string]bool {
	t.Helper()
	const sets = "../netboxtest/testdata/*/"
	files, err := filepath.Glob(sets + "*-server-*.json")
	if err != nil {
		t.Fatal(err)
	}
	accepted, versions := map[string]bool{}, map[string]bool{}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var recorded struct {
			Request  struct{ Body map[string]any }
			Response struct{ Status int }
		}
		if err := json.Unmarshal(raw, &recorded); err != nil {
			t.Fatalf("%s: got %v", file, err)
		}
		server, _ := recorded.Request.Body["kubernetes_server"].(string)
		stored := recorded.Response.Status == 200
		if before, known := accepted[server]; known && before != stored {
			t.Fatalf("NetBoxes do not agree on %q", server)
		}
		accepted[server], versions[filepath.Dir(file)] = stored, true
	}
	if len(versions) != 4 || len(accepted) < 15 {
		t.Fatalf("%d recorded servers in %d sets", len(accepted), len(versions))
	}
	return accepted
}

// stricter reports whether we refuse a server that NetBox accepts, for a documented reason: a
// Kubernetes client cannot use it, or it should not be stored.
func stricter(server string) bool {
	scheme, rest, _ := strings.Cut(server, "://")
	authority, _, _ := strings.Cut(strings.NewReplacer("?", "/", "#", "/").Replace(rest), "/")
	port, err := strconv.Atoi(authority[strings.LastIndexByte(authority, ':')+1:])
	_, unreadable := url.Parse(server)
	return server != Trim(server) ||
		strings.EqualFold(scheme, "ftp") || strings.EqualFold(scheme, "ftps") ||
		strings.Contains(authority, "@") ||
		err == nil && (port < 1 || port > 65535) ||
		strings.ContainsFunc(server, func(r rune) bool { return r < 0x20 || r == 0x7f || r == utf8.RuneError }) ||
		unreadable != nil
}

// NetBox accepts every server that we accept, so that an apply does not fail because of one. We
// refuse a server that NetBox accepts only for a documented reason.
func FuzzValidateKubernetesServer(f *testing.F) {
	recorded := recordedServers(f)
	for server := range recorded {
		f.Add(server)
	}
	for _, server := range []string{
		"https://k8s.example.com.:6443", "https://k8s.example.com:065535", "https://k8s.example.com:00080",
		"https://[::ffff:10.0.0.1]:6443", "https://[::1%25eth0]", "https://a.xn--p1ai", "https://a.xn--",
		"https://a.xn--a-b", "https://k8s.example.com?x=1", "https://k8s.example.com#@", "https://a.example：80",
		"https://K8S.example.com", "https://ſ.example.com", "https://001.1.1.1", "https://1.1.1.1.", "https://a.b1",
		"https://localhost.", "http://localhost:0", "https://a.b-", "https://\u00ad.example.com", "https://é.é",
		"https://xn--a.xn--b", "ftps://a.bc", "https://a.bc/\u2028", "https://a.bc/\x01", "https://a.bc/%zz",
		"https://a.bc/\ufffd", "https:///a.bc", "https://a.bc:", "https://[::1]x", "https://[]",
	} {
		f.Add(server)
	}
	f.Fuzz(func(t *testing.T, server string) {
		if !utf8.ValidString(server) {
			return // JSON cannot carry it
		}
		p, stored := ValidateKubernetesServer(server), netboxtest.AcceptsKubernetesServer(server)
		if recording, known := recorded[server]; known && recording != stored {
			t.Errorf("%q: stored by a live NetBox: %t, by the stand-in: %t", server, recording, stored)
		}
		switch {
		case p == nil && !stored:
			t.Errorf("%q passes, and NetBox refuses it", server)
		case p != nil && stored && !stricter(server):
			t.Errorf("%q is stored by NetBox, and refused: %v", server, p)
		case p != nil && (p.Summary == "" || p.Detail == ""):
			t.Errorf("%q: an empty problem", server)
		}
	})
}
