package synccmd

import (
	"log/slog"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/cli"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabricsync"
)

func TestParse_defaults(t *testing.T) {
	o, problem := parse([]string{"--once"})
	if problem != "" {
		t.Fatal(problem)
	}
	if !o.once || o.watch || o.force || o.dryRun || o.insecure || o.prune != "keep" || o.parallelism != 4 ||
		o.timeout != 15*time.Minute ||
		o.output != "table" || o.listen != "" || o.logFormat != "text" || o.logLevel != nil || o.fabrics != nil {
		t.Errorf("got %+v", o)
	}
}

func TestParse_everyFlag(t *testing.T) {
	o, problem := parse(strings.Fields("--once --force --dry-run --prune delete --prune-limit 80%,20 " +
		"--insecure-skip-tls-verify --parallelism 9 --timeout 90s --output json --log-format json --log-level debug " +
		"--fabric berlin --fabric 7 --fabric name:8 --fabric berlin"))
	if problem != "" {
		t.Fatal(problem)
	}
	if !o.force || !o.dryRun || o.prune != "delete" || o.pruneLimit != (fabricsync.PruneLimit{Share: 80, Number: 20}) ||
		!o.insecure || o.parallelism != 9 || o.timeout != 90*time.Second || o.output != "json" ||
		o.logFormat != "json" || *o.logLevel != slog.LevelDebug ||
		!slices.Equal(o.fabrics, fabric.Selectors{{Name: "berlin"}, {ID: 7}, {Name: "8"}}) {
		t.Errorf("got %+v", o)
	}
	// Go's own style of flags
	for _, one := range []string{"--watch --listen=:9641", "-watch -listen=:9641", "-watch -listen :9641"} {
		if o, problem = parse(strings.Fields(one)); problem != "" || !o.watch || o.listen != ":9641" || o.output != "" {
			t.Errorf("%s: got %+v, %s", one, o, problem)
		}
	}
}

func TestParse_refuses(t *testing.T) {
	for args, want := range map[string]string{
		"":                      "give exactly one of --once and --watch",
		"--once --watch":        "give exactly one of --once and --watch",
		"--once berlin":         `unexpected argument "berlin"`,
		"--once --onc":          "unknown flag --onc; did you mean --once?",
		"--onec":                "unknown flag --onec; did you mean --once?",
		"-onec":                 "unknown flag --onec; did you mean --once?",
		"--once --paralelism=4": "unknown flag --paralelism; did you mean --parallelism?",
		"--once --log":          "unknown flag --log; did you mean --log-format or --log-level?",
		"--once -x":             "unknown flag -x\n",
		"--once=maybe": `invalid argument "maybe" for "--once" flag: it must be true or ` +
			`false` + "\n",
		"--once --force=2": `invalid argument "2" for "--force" flag: it must be true or false` +
			"\n",
		"--once --output": "flag needs an argument: --output",
		"--once --output xml": `invalid argument "xml" for "--output" flag: it must be table ` +
			`or json`,
		"--once --prune all":       "it must be keep or delete",
		"--once --prune-limit 50%": "--prune-limit needs --prune delete",
		"--once --prune delete --prune-limit 50": `invalid argument "50" for "--prune-limit" flag: it must be SHARE% ` +
			`or SHARE%,NUMBER`,
		"--once --log-level loud": "it must be debug, info, warn or error",
		"--once --log-format xml": "it must be text or json",
		"--once --timeout 10":     `invalid argument "10" for "--timeout" flag`,
		"--once --timeout 10ms": `invalid argument "10ms" for "--timeout" flag: it must be a number ` +
			`with a unit, at least 1s, such as 90s or 15m`,
		"--once --parallelism 0": `invalid argument "0" for "--parallelism" flag: it must be a whole ` +
			`number from 1 to 100`,
		"--once --parallelism 101": "it must be a whole number from 1 to 100",
		"--once --parallelism many": `invalid argument "many" for "--parallelism" flag: it must be a ` +
			`whole number from 1 to 100`,
		"--once --fabric 0":                 `"0" is not a valid id`,
		"--once --listen :9641":             "--listen needs --watch",
		"--watch --listen 9641":             "it must be [HOST]:PORT",
		"--watch --listen localhost:":       "it must be [HOST]:PORT",
		"--once --shard 1":                  "--shard needs --shards, the number of shards",
		"--once --shards 4":                 "--shards needs --shard, the number of this shard, from 0 to 3",
		"--watch --shard 4 --shards 4":      "--shard is 4; it must be from 0 to 3, since --shards is 4",
		"--watch --shard sync-1 --shards 1": "--shard is 1; it must be 0, since --shards is 1",
		"--once --shard -1 --shards 4": `invalid argument "-1" for "--shard" flag: it must be a number ` +
			`from 0, or the name of`,
		"--once --shard pod --shards 4":                  `invalid argument "pod" for "--shard" flag`,
		"--once --shard pod- --shards 4":                 `invalid argument "pod-" for "--shard" flag`,
		"--once --shard 99999999999999999999 --shards 4": "it must be less than the number of shards",
		"--once --shard 0 --shards 0":                    "it must be a whole number from 1 to 1000",
		"--once --shard 0 --shards 1001":                 "it must be a whole number from 1 to 1000",
		"--watch --force":                                "--force needs --once",
		"--watch --dry-run":                              "--dry-run needs --once",
		"--watch --output table":                         "--output table needs --once",
		"--watch --token=0123456789abcdef0":              "unknown flag --token\n",
	} {
		_, problem := parse(strings.Fields(args))
		if !strings.Contains(problem, want) || !strings.Contains(problem, "\nUsage: sync (--once | --watch) "+
			"[flags]\n") {
			t.Errorf("%q: got %s, want %q", args, problem, want)
		}
	}
}

func TestParse_shardIsANumberOrAPod(t *testing.T) {
	for text, want := range map[string]int{"0": 0, "3": 3, "hedgehog-sync-2": 2, "sync-7-1": 1, "02": 2} {
		o, problem := parse([]string{"--watch", "--shard", text, "--shards", "4"})
		if problem != "" || o.shard.number != want || o.shard.of != 4 {
			t.Errorf("%s: got %+v, %s", text, o, problem)
		}
	}
}

func TestRun_wrongUsageEndsWithTwo(t *testing.T) {
	w := newStandins(t)
	w.wantCode(w.run(), cli.ExitUsage)
	wantText(t, w.stderr.String(), "give exactly one of --once and --watch", "Usage: sync (--once | --watch) [flags]",
		"sync --help")
	if w.stdout.String() != "" {
		t.Errorf("got %q on stdout", w.stdout.String())
	}
}

func TestRun_wrongEnvironmentEndsWithTwo(t *testing.T) {
	for variable, want := range map[string][2]string{
		"NETBOX_SERVER_URL":      {"", "Set the environment variable NETBOX_SERVER_URL to the URL of NetBox"},
		"NETBOX_API_TOKEN":       {"", "Set the environment variable NETBOX_API_TOKEN to a token"},
		"NETBOX_REQUEST_TIMEOUT": {"soon", `NETBOX_REQUEST_TIMEOUT is "soon"`},
		"NETBOX_BRANCH":          {"pr-1", `names the branch "pr-1" of NetBox. A sync there would put every object`},
		"NETBOX_HEADERS":         {`{"x-netbox-branch": "abcd1234"}`, `names the branch "abcd1234" of NetBox`},
		"NETBOX_CA_CERT_FILE": {"/does/not/exist", `sync: Cannot read the file "/does/not/exist" (of ` +
			"NETBOX_CA_CERT_FILE): no such file or directory."},
	} {
		w := newStandins(t)
		w.environment[variable] = want[0]
		w.wantCode(w.run("--once"), cli.ExitUsage)
		wantText(t, w.stderr.String(), want[1])
		if n := len(w.netbox.Requests()); n > 0 {
			t.Errorf("%s: got %d requests to NetBox", variable, n)
		}
	}
}

func TestHelp_hasEveryFlagVariableAndExitCode(t *testing.T) {
	w := newStandins(t)
	w.environment = nil // help needs none
	w.wantCode(w.run("--help"), cli.ExitSuccess)
	text := w.stdout.String()
	wantText(t, text, "NETBOX_SERVER_URL", "NETBOX_API_TOKEN", "NETBOX_CA_CERT_FILE", "NETBOX_ALLOW_INSECURE_HTTPS",
		"NETBOX_HEADERS", "NETBOX_CLIENT_CERT_FILE", "NETBOX_CLIENT_KEY_FILE", "NETBOX_BRANCH",
		"NETBOX_REQUEST_TIMEOUT", "NETBOX_SKIP_VERSION_CHECK", "NETBOX_STRIP_TRAILING_SLASHES_FROM_URL", "NO_COLOR",
		"Exit codes:", "\n  0  ", "\n  1  ", "\n  2  ", "\n  3  ", "\n  130", "Examples:", "A fabric is due if",
		"default 15m", "default 4")
	flags := newOptions().command(nil).Flags()
	flags.VisitAll(func(f *pflag.Flag) {
		if !strings.Contains(text, "  --"+f.Name) || f.Usage == "" {
			t.Errorf("--help does not explain --%s", f.Name)
		}
	})
	for _, name := range regexp.MustCompile(`--([a-z-]+)`).FindAllStringSubmatch(text, -1) {
		if name[1] != "help" && flags.Lookup(name[1]) == nil {
			t.Errorf("--help explains --%s, which does not exist", name[1])
		}
	}
	for line := range strings.Lines(text) {
		if len(line) > 90 {
			t.Errorf("too long for a terminal: %s", line)
		}
	}
	if w.stderr.String() != "" {
		t.Errorf("got %q on stderr", w.stderr.String())
	}
}

func TestHelp_examplesCanBeParsed(t *testing.T) {
	found := 0
	for line := range strings.Lines(helpFooter) {
		if args, example := strings.CutPrefix(line, "  terraform-provider-hedgehog sync "); example {
			found++
			if _, problem := parse(strings.Fields(args)); problem != "" {
				t.Errorf("%s: %s", line, problem)
			}
		}
	}
	if found != 5 {
		t.Errorf("got %d examples", found)
	}
}
