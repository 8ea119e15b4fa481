package examplestest

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/acctest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/terminaltest"
)

const gettingStarted = "templates/guides/getting-started.md"

// The guide's placeholders for a reader's own values.
const (
	guideServer  = "https://netbox.example.com"
	guideToken   = "…"
	guideClone   = "/home/you/terraform-provider-hedgehog"
	guideCluster = "https://vienna.k8s.example.com:6443"
)

// sinceSync is how long after the sync the guide looks at the status.
const sinceSync = 4*time.Minute + 30*time.Second

// Following the guide from top to bottom works on the published plugin, and a terminal shows
// what the guide shows.
func TestAccGuide_gettingStarted(t *testing.T) {
	t.Parallel()
	f := newFollower(t)
	shown := 0
	for _, b := range blocks(t, gettingStarted) {
		switch b.language {
		case "terraform":
			must(t, os.WriteFile(filepath.Join(f.folder, "main.tf"), []byte(f.own.Replace(b.text)), 0o600))
		case "sh":
			f.setUp(b)
		case "text":
			f.wantShown(b)
			shown++
		default:
			t.Errorf("%s:%d: a block of %q, which nothing here tries", gettingStarted, b.line, b.language)
		}
	}
	if shown < 6 {
		t.Errorf("%s shows only %d commands with what they print", gettingStarted, shown)
	}
	record, _ := f.netbox.FabricByName("vienna")
	if record["status"] != "decommissioned" || record["sync_enabled"] != false || record["last_sync"] == nil {
		t.Errorf("after all commands NetBox has the fabric %v", record)
	}
}

func blocks(t *testing.T, document string) []block {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(repository, document))
	must(t, err)
	return blocksOf(string(raw))
}

// follower is a reader of the guide who has a clone with the program in it, a NetBox, and a
// cluster whose certificate the system trusts.
type follower struct {
	t             *testing.T
	cli           *cli
	netbox        *netboxtest.Server
	folder, clone string
	state         string // holds what the blocks so far have exported
	own           *strings.Replacer
	cluster       map[string]any
}

func newFollower(t *testing.T) *follower {
	t.Helper()
	c := newCLI(t)
	work := t.TempDir()
	f := &follower{
		t: t, cli: c, netbox: acctest.Standin(t, netboxtest.Options{PublishedDisplayURL: true}).Standin,
		folder: filepath.Join(work, "fabrics"), clone: filepath.Join(work, "clone"),
		state: filepath.Join(work, "exported"), cluster: startCluster(t),
	}
	f.netbox.SetNow(observed)
	for _, dir := range []string{f.folder, filepath.Join(f.clone, "build"), filepath.Join(work, "bin")} {
		must(t, os.MkdirAll(dir, 0o700))
	}
	program := acctest.Executable(pluginPrefix + "hedgehog")
	must(t, os.Symlink(filepath.Join(built.folder, program), filepath.Join(f.clone, "build", program)))
	must(t, os.Symlink(c.Path, filepath.Join(work, "bin", "terraform")))
	authority := filepath.Join(work, "authority.pem")
	must(t, os.WriteFile(authority, []byte(f.cluster["kubernetes_ca_cert"].(string)), 0o600))
	// The test of the README's commands runs make build.
	must(t, os.WriteFile(f.state, fmt.Appendf(nil, "make() { test \"$*\" = build; }\nexport CHECKPOINT_DISABLE=1 "+
		"SSL_CERT_FILE=%q PATH=%q:\"$PATH\"\n", authority, filepath.Join(work, "bin")), 0o600))
	server, _ := f.cluster["kubernetes_server"].(string)
	f.own = strings.NewReplacer(guideServer, f.netbox.URL(), "NETBOX_API_TOKEN="+guideToken, "NETBOX_API_TOKEN="+
		netboxtest.AdminToken, guideCluster, server, guideClone, f.clone)
	return f
}

// setUp runs a block of commands in the clone.
func (f *follower) setUp(b block) {
	f.t.Helper()
	if out, err := f.shell(f.clone, f.own.Replace(b.text)+"export -p >> \"$1\"\n").CombinedOutput(); err != nil {
		f.t.Fatalf("%s:%d: %v\n%s", gettingStarted, b.line, err, out)
	}
}

// shell returns a shell that has what the blocks so far have exported.
func (f *follower) shell(dir, script string) *exec.Cmd {
	shell := exec.CommandContext(f.t.Context(), "bash", "-euo", "pipefail", "-c", ". \"$1\"\n"+script, "guide", f.state)
	shell.Dir, shell.Env = dir, ownEnvironment()
	return shell
}

// wantShown runs the command in the first line of a block, and compares what a terminal
// shows with the other lines.
func (f *follower) wantShown(b block) {
	f.t.Helper()
	first, want, _ := strings.Cut(b.text, "\n")
	command, found := strings.CutPrefix(first, "$ ")
	if !found {
		f.t.Fatalf("%s:%d: the first line is not a command", gettingStarted, b.line)
	}
	syncs := strings.Contains(command, " sync ")
	if syncs {
		record, _ := f.netbox.FabricByName("vienna")
		id, _ := record["id"].(float64)
		f.netbox.UpdateFabric(int64(id), map[string]any{"kubernetes_token": f.cluster["kubernetes_token"]})
	}
	got := f.onTerminal(command)
	if syncs {
		f.netbox.SetNow(observed.Add(sinceSync))
	}
	if f.cli.OpenTofu {
		return // it prints almost the same, with its own name
	}
	rest := got
	for part := range strings.SplitSeq(steady(f.own.Replace(want)), "…\n") {
		_, after, found := strings.Cut(rest, part)
		if !found {
			f.t.Errorf("%s:%d: %s does not show\n%s\nbut\n%s", gettingStarted, b.line, command, part, got)
			return
		}
		rest = after
	}
}

// onTerminal returns what a terminal of 80 columns shows of a command, whose question is
// answered with yes.
func (f *follower) onTerminal(command string) string {
	f.t.Helper()
	screen, shown := terminaltest.Open(f.t, 80)
	shell := f.shell(f.folder, command)
	shell.Stdin, shell.Stdout, shell.Stderr = strings.NewReader("yes\n"), screen, screen
	must(f.t, shell.Start())
	must(f.t, screen.Close())
	out, err := io.ReadAll(shown)
	if err != nil && !errors.Is(err, syscall.EIO) {
		f.t.Fatal(err)
	}
	ended := shell.Wait()
	text := steady(string(out))
	if ended != nil {
		f.t.Fatalf("%s: %v\n%s", command, ended, text)
	}
	return text
}

var (
	overwritten = regexp.MustCompile(`[^\n]*\n\x1b\[1A\x1b\[J`)
	escape      = regexp.MustCompile(`\x1b\[[0-9;?]*[a-zA-Z]|\x1b\]8;[^\x1b]*\x1b\\`)
	blanks      = regexp.MustCompile(`(?m)[ \t]+$`)
	duration    = regexp.MustCompile(`after \d+s`)
	answer      = regexp.MustCompile(`(?m)^(  Enter a value:) yes\n$`)
)

// steady returns a string without what differs from run to run, and without colors. An
// answer and the end of its line are not there: it was not typed on the terminal.
func steady(text string) string {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	text = overwritten.ReplaceAllString(text, "")
	text = escape.ReplaceAllString(text, "")
	text = duration.ReplaceAllString(text, "after 0s")
	text = answer.ReplaceAllString(text, "$1")
	return blanks.ReplaceAllString(text, "")
}
