package statuscmd

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/cli"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/clustertest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

// cluster starts a stand-in for a cluster with two switches that are ready.
func (s *standin) cluster() *clustertest.Server {
	s.Helper()
	c, err := clustertest.New(clustertest.Options{})
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(c.Close)
	c.PutHealth("default", "leaf-01", "leaf-02")
	return c
}

// on returns the fields of a fabric on a cluster that was synced a minute ago.
func on(c *clustertest.Server) map[string]any {
	fields := synced(time.Minute)
	fields["kubernetes_server"], fields["kubernetes_ca_cert"] = c.URL(), c.CA()
	fields["kubernetes_token"] = clustertest.HealthToken
	return fields
}

// addHealths adds a fabric of each health, and one without a cluster. It returns their clusters.
func (s *standin) addHealths() (well, ill, silent *clustertest.Server) {
	s.Helper()
	well, ill, silent = s.cluster(), s.cluster(), s.cluster()
	ill.Put(fabric.AgentKind(), "default", clustertest.Agent("leaf-02", 0, time.Time{}, ""))
	silent.Stop()
	s.add("berlin", on(well))
	s.add("hamburg", on(ill))
	s.add("munich", on(silent))
	s.add("bremen", on(well), map[string]any{"kubernetes_token": clustertest.FullToken})
	s.add("lab", map[string]any{"kubernetes_server": ""})
	return well, ill, silent
}

func TestHealth_inTheTable(t *testing.T) {
	s := newStandin(t, netboxtest.Options{})
	_, _, silent := s.addHealths()
	s.on(80)
	s.want(cli.ExitSuccess, "--health")
	got := s.stdout.String()
	const want = `FABRIC   STATUS          LAST SYNC  NEXT SYNC
hamburg  In Sync         1m ago     in 4m
    1 of 2 switches are ready; leaf-02 never sent a heartbeat.
    The control nodes are ready (release 26.03.0).
berlin   In Sync         1m ago     in 4m
    2 of 2 switches are ready. The control nodes are ready (release 26.03.0).
bremen   In Sync         1m ago     in 4m
    It is not known whether the switches are ready: `
	if !strings.HasPrefix(got, want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	// The line breaks depend on the clusters' ports.
	wantText(t, strings.Join(strings.Fields(got), " "), "munich In Sync 1m ago in 4m The health is not known: "+
		silent.URL()+" cannot be reached: connection refused", "lab Not Configured never - 5 fabrics: 4 in sync, "+
		"1 not configured; 1 unhealthy; 2 of unknown health.")
}

// The guide on the sync status shows what the command prints.
func TestHealth_inTheGuide(t *testing.T) {
	guide, err := os.ReadFile("../../templates/guides/sync-status.md")
	if err != nil {
		t.Fatal(err)
	}
	s := newStandin(t, netboxtest.Options{})
	well, ill := s.cluster(), s.cluster()
	ill.Put(fabric.AgentKind(), "default", clustertest.Agent("leaf-02", 0, time.Time{}, ""))
	s.add("berlin", on(well))
	s.add("hamburg", on(ill))
	s.on(80)
	s.want(cli.ExitSuccess, "--health")
	if got := s.stdout.String(); !strings.Contains(string(guide), "```text\n"+got+"```\n") {
		t.Errorf("templates/guides/sync-status.md has no block with what status --health prints:\n%s", got)
	}
}

// If the sync and the health fail for the same reason, the command shows it once.
func TestHealth_saysAReasonOnce(t *testing.T) {
	s := newStandin(t, netboxtest.Options{})
	c := s.cluster()
	c.Stop()
	s.add("berlin", on(c))
	s.run("--health")
	_, reason, _ := strings.Cut(s.stdout.String(), "The health is not known: ")
	reason, _, _ = strings.Cut(reason, ".\n")
	s.add("munich", on(c), map[string]any{"sync_status": "error", "sync_error": reason})
	s.run("--health", "munich")
	wantText(t, s.stdout.String(), "The last sync failed: "+reason+". The health is not known for the same reason.\n")
	if strings.Count(s.stdout.String(), reason) != 1 {
		t.Errorf("got %s", s.stdout.String())
	}
}

// The exit code depends on what is known. The command says if something is unknown.
func TestHealth_exitCodes(t *testing.T) {
	s := newStandin(t, netboxtest.Options{})
	s.addHealths()
	for args, want := range map[string]int{
		"--health":                                          cli.ExitSuccess,
		"--health hamburg":                                  cli.ExitSuccess,
		"--fail-on unhealthy":                               cli.ExitFailure,
		"--fail-on unhealthy hamburg":                       cli.ExitFailure,
		"--fail-on unhealthy,error berlin":                  cli.ExitSuccess,
		"--fail-on unhealthy lab":                           cli.ExitSuccess,
		"--fail-on unhealthy munich":                        cli.ExitUnknown,
		"--fail-on unhealthy bremen berlin":                 cli.ExitUnknown,
		"--health --fail-on error bremen":                   cli.ExitSuccess,
		"--fail-on unhealthy --name-regex ^ber":             cli.ExitSuccess,
		"--insecure-skip-tls-verify":                        cli.ExitUsage,
		"--insecure-skip-tls-verify --fail-on inconsistent": cli.ExitUsage,
	} {
		s.want(want, strings.Fields(args)...)
	}
}

// The command reads clusters only with --health, and only those of fabrics that it shows.
func TestHealth_asksTheClustersOfWhatIsShown(t *testing.T) {
	s := newStandin(t, netboxtest.Options{})
	well, ill, _ := s.addHealths()
	s.run()
	s.run("--health", "--name-regex", "^berlin$")
	if n := len(ill.Requests()); n != 0 {
		t.Errorf("the other cluster was asked %d times", n)
	}
	if n := len(well.Requests()); n != 2+len(fabric.UnstoredKinds()) {
		t.Errorf("the cluster was asked %d times", n)
	}
	// Its certificate is not trusted.
	fields := on(well)
	fields["kubernetes_ca_cert"] = ""
	s.add("dresden", fields)
	s.want(cli.ExitUnknown, "--fail-on", "unhealthy", "dresden")
	wantText(t, s.stdout.String(), "The health is not known: "+well.URL()+" has a certificate from ")
	s.want(cli.ExitSuccess, "--fail-on", "unhealthy", "--insecure-skip-tls-verify", "dresden")
}

// Clusters that hang do not block the command.
func TestHealth_clustersThatHang(t *testing.T) {
	s := newStandin(t, netboxtest.Options{})
	c := s.cluster()
	c.Answer("/", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	for i := range parallelClusters {
		s.add(fmt.Sprintf("kiel-%d", i), on(c))
	}
	s.add("late", on(s.cluster()))
	s.program.clusterLimit = 100 * time.Millisecond
	s.want(cli.ExitUnknown, "--fail-on", "unhealthy")
	wantText(t, s.stdout.String(), "The health is not known: "+c.URL()+" gave no complete answer within ")

	s.program.clusterLimit = 0
	s.want(cli.ExitUnknown, "--fail-on", "unhealthy", "--timeout", "2s")
	wantText(t, s.stdout.String(), "The health is not known: "+c.URL()+" gave no complete answer before the timeout "+
		"ended", "The health is not known: there was no time left to ask the cluster; raise --timeout (now 2 s).",
		"; 9 of unknown health.")
}

func TestHealth_tokenThatNetBoxHides(t *testing.T) {
	s := newStandin(t, netboxtest.Options{})
	c := s.cluster()
	s.add("berlin", on(c))
	s.netbox.Intercept(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			answer := httptest.NewRecorder()
			next.ServeHTTP(answer, r)
			maps.Copy(w.Header(), answer.Header())
			w.Header().Del("Content-Length")
			w.WriteHeader(answer.Code)
			_, _ = io.WriteString(w, strings.ReplaceAll(answer.Body.String(), "kubernetes_token", "another_field"))
		})
	})
	s.want(cli.ExitUnknown, "--fail-on", "unhealthy")
	wantText(t, s.stdout.String(), "The health is not known: NetBox does not show the fabric's "+
		"kubernetes_token, so its cluster cannot be asked; the NetBox plugin was changed to hide it: ask a NetBox "+
		"administrator.")
	if n := len(c.Requests()); n > 0 {
		t.Errorf("the cluster was asked %d times", n)
	}
}

// The record may change between the list and the request for its token.
func TestHealth_netBoxThatFailsInTheMiddle(t *testing.T) {
	s := newStandin(t, netboxtest.Options{})
	s.add("berlin", on(s.cluster()))
	s.netbox.Intercept(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.HasPrefix(r.URL.Path, "/api/plugins/") && r.URL.Query().Get("fields") == "" {
				w.WriteHeader(http.StatusForbidden)
				return
			}
			next.ServeHTTP(w, r)
		})
	})
	s.want(cli.ExitUnknown, "--fail-on", "unhealthy")
	wantText(t, s.stdout.String(), "berlin  In Sync",
		"The health is not known: NetBox did not give the cluster's token: ")
}

func TestHealth_inJSON(t *testing.T) {
	s := newStandin(t, netboxtest.Options{})
	s.addHealths()
	type fabricHealth struct {
		Name        string
		Health      map[string]any
		HealthError string `json:"health_error"`
		Failing     bool
	}
	var got struct{ Fabrics []fabricHealth }
	s.want(cli.ExitFailure, "--output", "json", "--fail-on", "unhealthy")
	if err := json.Unmarshal(s.stdout.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	of := func(name string) fabricHealth {
		return got.Fabrics[slices.IndexFunc(got.Fabrics, func(f fabricHealth) bool { return f.Name == name })]
	}
	if one := of("hamburg"); one.Health["healthy"] != false || !one.Failing {
		t.Errorf("got %+v", one)
	}
	agents, _ := of("hamburg").Health["agents"].(map[string]any)
	wantNotReady := map[string]any{"leaf-02": map[string]any{"generation": 2.0, "applied_generation": 0.0,
		"last_heartbeat": nil, "version": nil}}
	if agents["total"] != 2.0 || agents["ready"] != 1.0 || !reflect.DeepEqual(agents["not_ready"], wantNotReady) ||
		!reflect.DeepEqual(agents["versions"], map[string]any{"v0.99.0": 1.0}) {
		t.Errorf("got %+v", agents)
	}
	well := of("berlin")
	fabricator, _ := well.Health["fabricator"].(map[string]any)
	if well.Health["healthy"] != true || well.Failing || fabricator["ready"] != true ||
		fabricator["release"] != "26.03.0" || !reflect.DeepEqual(well.Health["reasons"], map[string]any{}) {
		t.Errorf("got %+v", well)
	}
	// As in the data source, the health of a cluster that cannot be reached is null.
	if one := of("munich"); one.Health != nil || !strings.Contains(one.HealthError, " cannot be reached: ") {
		t.Errorf("got %+v", one)
	}
	reasons, _ := of("bremen").Health["reasons"].(map[string]any)
	if len(reasons) != 3 || of("bremen").HealthError != "" || of("lab").Health != nil || of("lab").HealthError != "" {
		t.Errorf("got %+v, %+v", of("bremen"), of("lab"))
	}
	for _, secret := range []string{clustertest.HealthToken, clustertest.FullToken, clustertest.Secret} {
		if strings.Contains(s.stdout.String(), secret) {
			t.Errorf("%s is in the output", secret)
		}
	}
	s.run("--output", "json", "berlin")
	wantText(t, s.stdout.String(), `"health": null`)
}

// The keys are those of the data source, in each part.
func TestHealth_keysAreAttributesOfTheDataSource(t *testing.T) {
	raw, err := os.ReadFile("../../docs/data-sources/fabric_connection.md")
	if err != nil {
		t.Fatal(err)
	}
	for heading, part := range map[string]reflect.Type{
		"health": reflect.TypeFor[health](), "health.agents": reflect.TypeFor[agents](),
		"health.agents.not_ready": reflect.TypeFor[agent](), "health.fabricator": reflect.TypeFor[fabricator](),
	} {
		_, text, _ := strings.Cut(string(raw), "### Nested Schema for `"+heading+"`\n")
		text, _, _ = strings.Cut(text, "<a id=")
		var documented, keys []string
		for line := range strings.Lines(text) {
			if name, found := strings.CutPrefix(line, "- `"); found {
				name, _, _ = strings.Cut(name, "`")
				documented = append(documented, name)
			}
		}
		for field := range part.Fields() {
			keys = append(keys, field.Tag.Get("json"))
		}
		slices.Sort(keys)
		if slices.Sort(documented); len(keys) == 0 || !slices.Equal(keys, documented) {
			t.Errorf("%s: keys %v, attributes %v", heading, keys, documented)
		}
	}
}

// Without agents in the namespace the health of the switches is unknown: the namespace may be
// wrong.
func TestHealth_namespaceWithoutAgents(t *testing.T) {
	s := newStandin(t, netboxtest.Options{})
	s.add("kiel", on(s.cluster()), map[string]any{"kubernetes_namespace": "elsewhere"})
	s.want(cli.ExitUnknown, "--fail-on", "unhealthy")
	wantText(t, s.stdout.String(), `has no Agent in namespace "elsewhere", so no switch was seen; check that `+
		"kubernetes_namespace is the fabric's namespace.", "The control nodes are ready", "1 of unknown health.")
}
