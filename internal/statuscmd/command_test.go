package statuscmd

import (
	"fmt"
	"net/http"
	"net/http/httputil"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/cli"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

// sequences matches the escape sequences of colors and links.
var sequences = regexp.MustCompile(`\x1b(\[\d+m|\]8;;[^\x1b]*\x1b\\)`)

func TestStatus_exitCodeSaysWhetherAFabricNeedsAttention(t *testing.T) {
	s := newStandin(t, netboxtest.Options{})
	s.addEach()
	for args, want := range map[string]int{
		"":                                      1,
		"berlin cologne stuttgart lab":          0,
		"berlin munich":                         1,
		"hamburg":                               1,
		"bare":                                  1,
		"hamburg --fail-on error":               0,
		"munich --fail-on out_of_sync":          0,
		"bare --fail-on error,out_of_sync":      0,
		"bare --fail-on not_configured":         1,
		"lab --fail-on not_configured,disabled": 1,
		"cologne --fail-on error --fail-on never_synced": 1,
		"berlin --fail-on in_sync":                       1,
		"--fail-on none":                                 0,
		"no-such --fail-on none":                         1,
		"--sync-status in_sync":                          0,
		"--sync-status in_sync,error":                    1,
		"--fabric berlin --fabric 6":                     0,
		"--fabric hamburg berlin":                        1,
		"--fabric no-such":                               1,
	} {
		s.want(want, strings.Fields(args)...)
	}
}

func TestStatus_filtersAreThoseOfTheDataSource(t *testing.T) {
	s := newStandin(t, netboxtest.Options{})
	s.netbox.AddTag("Prod", "prod")
	s.netbox.AddTag("Lab", "lab")
	s.addEach()
	s.add("dresden", map[string]any{"tags": []any{"Prod", "Lab"}})
	s.add("leipzig", map[string]any{"tags": []any{"Prod"}})
	for args, want := range map[string]string{
		"--name-regex ^b":                            "bare berlin",
		"--status active":                            "berlin",
		"--status active,planned --name-regex be":    "berlin",
		"--sync-status error,disabled":               "munich stuttgart",
		"--sync-status error --sync-status disabled": "munich stuttgart",
		"--connection-status disconnected":           "munich",
		"--tag Prod":                                 "dresden leipzig",
		"--tag Prod --tag Lab":                       "dresden",
		"berlin munich --sync-status error":          "munich",
		"--fabric berlin munich --sync-status error": "munich",
	} {
		s.run(strings.Fields(args)...)
		if got := strings.Fields(s.names()); !slices.Equal(got, strings.Fields(want)) {
			t.Errorf("%s: got %s, want %s", args, got, want)
		}
		if s.stderr.Len() > 0 {
			t.Errorf("%s: got %s", args, s.stderr.String())
		}
	}
}

func TestCompletion_flagsThatNameFabrics(t *testing.T) {
	s := newStandin(t, netboxtest.Options{})
	s.addEach()
	for _, args := range [][]string{{"ber"}, {"--fabric", "ber"}} {
		s.run(append([]string{"__complete"}, args...)...)
		wantText(t, s.stdout.String(), "berlin\tIn Sync\n:4\n")
	}
}

// If the filter selects no fabric, nothing was checked. A tag may have been deleted.
func TestStatus_nothingThatIsMeantEndsWithThree(t *testing.T) {
	s := newStandin(t, netboxtest.Options{})
	s.netbox.AddTag("Prod", "prod")
	s.want(cli.ExitUnknown)
	s.wantNothing("NetBox has no fabrics, or this API token is not allowed to view them; check the permissions of " +
		"the token's user")
	s.add("hamburg", synced(time.Minute), map[string]any{"status": "active", "tags": []any{"Prod"}})
	s.add("munich", synced(time.Minute), map[string]any{"status": "active"})
	for args, want := range map[string]string{
		"--tag prod":                       `no fabric passes --tag "prod"`,
		"--tag Prod --name-regex ^munich":  `no fabric passes --name-regex "^munich" and --tag "Prod"`,
		"--status planned,maintenance":     "no fabric passes --status planned,maintenance",
		"munich --tag Prod --fail-on none": `none of the named fabrics passes --tag "Prod"`,
		"--sync-status error --tag Lab":    `no fabric passes --tag "Lab"`,
	} {
		s.want(cli.ExitUnknown, strings.Fields(args)...)
		s.wantNothing(want + "; check the filters")
	}
	s.want(cli.ExitUnknown, "--tag", "Lab", "--output", "json")
	wantText(t, s.stdout.String(), `"fabrics": [],`)
	// A filter by status may select no fabric.
	for _, args := range []string{"--sync-status error", "--tag Prod --connection-status disconnected",
		"munich --sync-status error"} {
		s.want(cli.ExitSuccess, strings.Fields(args)...)
		if s.stdout.String() != "No fabrics to show.\n" || s.stderr.Len() > 0 {
			t.Errorf("%s: %s%s", args, s.stdout.String(), s.stderr.String())
		}
	}
	s.want(cli.ExitFailure, "berlin", "--tag", "Lab") // a fabric that was expected is worse
	if got := s.stderr.String(); got != `status: NetBox shows no fabric named "berlin"`+"\n" {
		t.Errorf("got %q", got)
	}
}

func (s *standin) wantNothing(why string) {
	s.Helper()
	if got, want := s.stderr.String(), "status: nothing was checked: "+why+"\n"; got != want ||
		s.stdout.String() != "No fabrics to show.\n" {
		s.Errorf("%s%s, want %s", s.stdout.String(), got, want)
	}
}

// While a branch becomes ready, the command does not say that NetBox is slow.
func TestStatus_branchThatIsNotReady(t *testing.T) {
	s := newStandin(t, netboxtest.Options{Branching: true})
	s.netbox.AddBranch("pr-7")
	s.netbox.SetBranchStatus("pr-7", netboxtest.BranchSyncing)
	s.environment["NETBOX_BRANCH"] = "pr-7"
	s.want(cli.ExitUnknown, "--timeout", "1s")
	wantText(t, s.stderr.String(), `status: the fabrics cannot be read: the branch "pr-7" of the NetBox at `,
		`has the status "syncing", and did not become ready in time; `)
	if strings.Contains(s.stderr.String(), "slow") {
		t.Errorf("got %s", s.stderr.String())
	}
}

// The command names the branch, since its data may differ from main's.
func TestStatus_saysTheBranch(t *testing.T) {
	s := newStandin(t, netboxtest.Options{Branching: true})
	s.add("berlin", synced(time.Minute))
	s.run("--output", "json")
	wantText(t, s.stdout.String(), `"branch": null,`)
	schemaID := s.netbox.AddBranch("pr-7")
	for variable, value := range map[string]string{
		"NETBOX_BRANCH": schemaID, "NETBOX_HEADERS": `{"X-NetBox-Branch": "` + schemaID + `"}`,
	} {
		s.environment[variable] = value
		name := "pr-7"
		if variable == "NETBOX_HEADERS" { // NetBox is not asked for its name
			name = schemaID
		}
		s.want(cli.ExitSuccess)
		wantText(t, s.stdout.String(), "\n1 fabric in the branch \""+name+"\": 1 in sync.\n")
		s.want(cli.ExitSuccess, "--output", "json")
		wantText(t, s.stdout.String(), `"branch": "`+name+`",`)
		s.want(cli.ExitSuccess, "--sync-status", "error")
		wantText(t, s.stdout.String(), "No fabrics to show in the branch \""+name+"\".\n")
		delete(s.environment, variable)
	}
}

func TestStatus_fabricsThatAreNotThere(t *testing.T) {
	s := newStandin(t, netboxtest.Options{})
	s.addEach()
	s.want(cli.ExitFailure, "berln", "name:7", "77", "berlin")
	const want = `status: NetBox shows no fabric named "berln"; did you mean berlin?
status: NetBox shows no fabric named "7"
status: NetBox shows no fabric with the id 77
`
	if got := s.stderr.String(); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	wantText(t, s.stdout.String(), "berlin  In Sync", "1 fabric: 1 in sync.\n")
}

// Monitoring can distinguish a fabric in error from a NetBox that cannot be read.
func TestStatus_netboxThatCannotBeReadEndsWithThree(t *testing.T) {
	for name, c := range map[string]struct {
		options netboxtest.Options
		change  func(*standin)
		want    string
	}{
		"no NetBox": {change: func(s *standin) { s.environment["NETBOX_SERVER_URL"] = "http://127.0.0.1:1" },
			want: "NetBox cannot be reached: the connection to 127.0.0.1:1 was refused; check the host and port"},
		"no NetBox, and --timeout passes between two attempts": {change: func(s *standin) {
			s.environment["NETBOX_SERVER_URL"], s.program.retryWait = "http://127.0.0.1:1", 10*time.Second
		}, want: "NetBox cannot be reached: the connection to 127.0.0.1:1 was refused; check the host and port"},
		"token": {change: func(s *standin) { s.environment["NETBOX_API_TOKEN"] = strings.Repeat("0", 40) },
			want: "NetBox refused the API token: it answered "},
		"no plugin": {options: netboxtest.Options{NoPlugin: true}, change: func(*standin) {},
			want: "has no plugin netbox_hedgehog; check that NETBOX_SERVER_URL names the right NetBox, and that its " +
				"PLUGINS setting lists netbox_hedgehog\n"},
		"too slow": {change: func(s *standin) {
			s.netbox.Fault(netboxtest.Fault{Path: "/api/plugins/", Kind: netboxtest.Hold()})
		}, want: "NetBox gave no complete answer within 1 s; raise --timeout, or find out why NetBox is slow\n"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStandin(t, c.options)
			c.change(s)
			s.want(cli.ExitUnknown, "--output", "json", "--timeout", "1s")
			wantText(t, s.stderr.String(), "status: the fabrics cannot be read: ", c.want)
			if s.stdout.Len() > 0 {
				t.Errorf("stdout has %q", s.stdout.String())
			}
		})
	}
}

func TestStatus_wrongEnvironmentEndsWithTwo(t *testing.T) {
	s := newStandin(t, netboxtest.Options{})
	s.environment = map[string]string{"NETBOX_SERVER_URL": s.netbox.URL()}
	s.want(cli.ExitUsage)
	if got := s.stderr.String(); got != "status: Set the environment variable NETBOX_API_TOKEN to a token that was "+
		"created in NetBox under Admin > API Tokens.\n" {
		t.Errorf("got %s", got)
	}
}

func TestStatus_wrongUsageEndsWithTwo(t *testing.T) {
	s := newStandin(t, netboxtest.Options{})
	for args, want := range map[string]string{
		"--output jsn":   `"jsn" for "--output" flag: it must be table or json; did you mean json?`,
		"--status activ": "it must be planned, active, maintenance or decommissioned; did you mean active?",
		"--tags Prod":    "unknown flag --tags; did you mean --tag?",
		"--fail-on all":  "out_of_sync, in_sync, inconsistent, unhealthy or none\n",
		"--fail-on ,":    `"" is not allowed: it must be not_configured`,
		"--timeout 3":    "it must be a number with a unit, at least 1s, such as 10s or 1m",
		"--timeout 10ms": "at least 1s",
		"--name-regex (": "it is not a valid RE2 regular expression: missing closing )",
		"0":              `"0" is not a valid id: ids are whole numbers from 1. Give the fabric's id, or its name.`,
		"name:":          `The name "" is blank.`,
		"--tag":          "flag needs an argument: --tag",
		"--fail-on=error,out-of-sync": `"out-of-sync" is not allowed: it must be not_configured, disabled, error, ` +
			`never_synced, out_of_sync, in_sync, inconsistent, unhealthy or none; did you mean out_of_sync?`,
		"--fail-on none,error": "none cannot be combined with other values",
	} {
		s.want(cli.ExitUsage, strings.Fields(args)...)
		wantText(t, s.stderr.String(), want, "\nUsage: status [NAME|ID]... [flags]\n")
	}
	if n := len(s.netbox.Requests()); n > 0 {
		t.Errorf("NetBox was asked %d times", n)
	}
}

// If a proxy removes NetBox's time, the local clock counts.
func TestStatus_withoutADateTheLocalClockCounts(t *testing.T) {
	s := newStandin(t, netboxtest.Options{})
	s.add("berlin", synced(0))
	s.removeDate()
	s.run()
	wantText(t, s.stderr.String(), "status: "+noDateWarning+"\n")
}

// removeDate adds a proxy that removes NetBox's time.
func (s *standin) removeDate() {
	s.Helper()
	target, err := url.Parse(s.netbox.URL())
	if err != nil {
		s.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.ModifyResponse = func(answer *http.Response) error {
		answer.Header.Del("Date")
		return nil
	}
	s.environment["NETBOX_SERVER_URL"] = netboxtest.StartHTTP(s.T, func(w http.ResponseWriter, r *http.Request) {
		w.Header()["Date"] = nil // or Go's server sets it
		proxy.ServeHTTP(w, r)
	}).URL
}

// The command costs a check of NetBox, and a page for each thousand fabrics. It does not request
// credentials.
func TestStatus_requestsAndWhatTheyAskFor(t *testing.T) {
	s := newStandin(t, netboxtest.Options{})
	for i := range 1001 {
		s.netbox.AddFabric(map[string]any{"name": fmt.Sprintf("fabric-%d", i)})
	}
	s.want(cli.ExitSuccess)
	requests := s.netbox.Requests()
	if len(requests) != 3 {
		t.Errorf("got %d requests", len(requests))
	}
	for _, r := range requests {
		fields := r.Query.Get("fields")
		if r.Method != http.MethodGet || strings.HasPrefix(r.Path, "/api/plugins/") && (fields == "" ||
			strings.Contains(fields, "token") || strings.Contains(fields, "cert")) {
			t.Errorf("%s %s %v", r.Method, r.Path, r.Query)
		}
	}
}

func TestHelp_hasEveryFlagVariableAndExitCode(t *testing.T) {
	s := newStandin(t, netboxtest.Options{})
	s.environment = nil
	s.want(cli.ExitSuccess, "--help")
	text := s.stdout.String()
	wantText(t, text, "Usage: status [NAME|ID]... [flags]\n", "NETBOX_SERVER_URL", "NETBOX_API_TOKEN", cli.Variables,
		"NO_COLOR", "\n  0  ", "\n  1  ", "\n  2  ", "\n  3  ", "error,out_of_sync,inconsistent):", "default 1m")
	flags := s.program.command().Flags()
	flags.VisitAll(func(f *pflag.Flag) {
		if !strings.Contains(text, "  --"+f.Name) || f.Usage == "" {
			t.Errorf("--%s is not explained", f.Name)
		}
	})
	for line := range strings.Lines(text) {
		if len(line) > 90 {
			t.Errorf("too long for a terminal: %s", line)
		}
	}
	examples := 0
	for line := range strings.Lines(helpFooter) {
		if args, found := strings.CutPrefix(line, "  terraform-provider-hedgehog status"); found {
			examples++
			s.on(80)
			s.program.terminal.Cursor = true
			if code := s.run(strings.Fields(args)...); code != cli.ExitUsage || strings.Contains(s.stderr.String(),
				"Usage:") {
				t.Errorf("%s: got %s", line, s.stderr.String())
			}
		}
	}
	if examples != 7 {
		t.Errorf("%d examples", examples)
	}
}

func TestStatus_ofANewerNetBoxThanTested(t *testing.T) {
	for version, want := range map[string]string{
		"4.8.0": "status: NetBox is version 4.8.0, newer than the tested versions (up to 4.7); look for a newer " +
			"version of this program\n",
		"4.7.99": "",
	} {
		s := newStandin(t, netboxtest.Options{Claims: version})
		s.add("lab", map[string]any{"kubernetes_server": ""})
		s.want(cli.ExitSuccess)
		if s.stderr.String() != want {
			t.Errorf("%s: said %q, want %q", version, s.stderr.String(), want)
		}
		s.environment["NETBOX_SKIP_VERSION_CHECK"] = "true"
		s.want(cli.ExitSuccess)
		if s.stderr.Len() > 0 {
			t.Errorf("%s, version check skipped: said %q", version, s.stderr.String())
		}
	}
}
