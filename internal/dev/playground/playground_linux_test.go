package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"unicode/utf8"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/acctest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/terminaltest"
)

// asPlayground makes this program the playground instead of its tests.
const asPlayground = "HEDGEHOG_TEST_PLAYGROUND"

func TestMain(m *testing.M) {
	if os.Getenv(asPlayground) != "" {
		main()
	}
	os.Exit(m.Run())
}

// tried is a command of the first page and its expected result.
type tried struct {
	command string
	code    int
	prints  []string // regular expressions
	until   string   // the command runs until it has printed this, and is then interrupted
	screen  bool     // the command needs a terminal
}

// firstPage has the commands of the first page. CLI is replaced by the CLI's name.
var firstPage = []tried{
	{command: "terraform-provider-hedgehog status", code: 1, prints: []string{
		`(?m)^lisbon +Never Synced`, `(?m)^oslo +Out of Sync`, `(?m)^quito .* NetBox stores the sync status "in_sync"`,
		`\n8 fabrics: `,
	}},
	{command: "terraform-provider-hedgehog status --health", code: 1, prints: []string{
		`(?m)^berlin .* 2 of 2 switches are ready\.`, `(?m)^oslo .* 1 of 2 switches are ready; leaf-02 `,
		`(?m)^lisbon .* It is not known whether the switches are ready: `, `1 unhealthy; 3 of unknown health\.\n`,
	}},
	{command: "CLI plan", prints: []string{
		`8 to import, 0 to add, 0 to change, 0 to destroy`,
		`athens = "not_configured"`, `berlin = "in_sync"`, `cairo  = "disabled"`, `dublin = "error"`,
		`lisbon = "never_synced"`, `madrid = "never_synced"`, `oslo   = "out_of_sync"`, `quito  = "not_configured"`,
		`inconsistencies = \{\s*\+ quito = `,
	}},
	{command: "CLI apply", prints: []string{`8 imported, 0 added, 0 changed, 0 destroyed`}},
	{command: "terraform-provider-hedgehog sync --once", code: 1, prints: []string{
		`(?m)^dublin +\d+ +failed .* does not accept the token`,
		`(?m)^madrid +\d+ +failed .* which this system does not trust`,
		`(?m)^lisbon +\d+ +synced +in_sync`, `(?m)^oslo +\d+ +synced +in_sync`,
	}},
	{command: "CLI plan", prints: []string{
		`Changes to Outputs`, `lisbon = "never_synced" -> "in_sync"`, `oslo   = "out_of_sync" -> "in_sync"`,
		`without changing any real infrastructure`,
	}},
	{command: `sed -i.old 's/# kubernetes_/kubernetes_/' main.tf`},
	{command: "CLI apply", prints: []string{`0 added, 3 changed, 0 destroyed`}},
	{command: "terraform-provider-hedgehog sync --once", prints: []string{
		`(?m)^madrid +\d+ +synced +in_sync`, `(?m)^dublin +\d+ +synced +in_sync`, `(?m)^quito +\d+ +synced +in_sync`,
	}},
	{command: "terraform-provider-hedgehog status", prints: []string{
		`\n8 fabrics: 6 in sync, 1 disabled, 1 not configured\.`,
	}},
	{command: "terraform-provider-hedgehog status --watch", until: "Sync Disabled", screen: true},
	{command: "terraform-provider-hedgehog sync --watch", until: "the fabrics are read"},
}

// The test runs the first page from top to bottom, each command in a new shell. Then it
// stops the playground and checks that only the folder is left.
func TestAccPlayground_commandsOfTheFirstPage(t *testing.T) {
	for _, status := range fabric.Statuses() {
		if !slices.ContainsFunc(firstPage[2].prints, func(p string) bool {
			return strings.HasSuffix(p, fmt.Sprintf("= %q", status))
		}) {
			t.Errorf("no fabric of the playground is %s", status)
		}
	}
	n := acctest.Start(t)
	if n.Published {
		t.Skip("the published plugin would keep the playground's fabrics")
	}
	p := start(t, filepath.Join(t.TempDir(), "it's here"))
	p.fits()
	for i, c := range firstPage {
		if got, want := p.commands[i], c.in(p.cli); got != want {
			t.Fatalf("command %d of the first page is %q, and this test tries %q", i+1, got, want)
		}
	}
	for _, command := range firstPage {
		p.try(command)
	}
	p.stop()
	if n.Standin != nil { // which the playground does not use
		return
	}
	for _, s := range sites() {
		for _, f := range n.Named(t, s.name) {
			n.Delete(t, int64(f["id"].(float64)))
		}
	}
}

// playground is a running playground.
type playground struct {
	t           *testing.T
	process     *exec.Cmd
	environment []string
	folder, cli string
	lines       chan string // of its output
	page        []string    // the lines of its first page
	enter       []string    // the commands with which every new shell begins
	commands    []string    // the other ones
}

// start starts a playground and reads its first page.
func start(t *testing.T, folder string) *playground {
	t.Helper()
	c := acctest.FindCLI(t)
	p := &playground{t: t, folder: folder, cli: "terraform", lines: make(chan string, 1000), environment: append(
		os.Environ(), "TERM=xterm", "HEDGEHOG_DEMO_CLI="+c.Path, "NETBOX_HEADERS=of another NetBox",
		"NETBOX_BRANCH=of another one")}
	if c.OpenTofu {
		p.cli = "tofu"
	}
	self, err := os.Executable()
	must(t, err)
	p.process = exec.CommandContext(t.Context(), self, "-folder", folder)
	p.process.Env = append(slices.Clip(p.environment), asPlayground+"=yes")
	p.process.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	p.process.Stderr = os.Stderr
	out, err := p.process.StdoutPipe()
	must(t, err)
	must(t, p.process.Start())
	t.Cleanup(func() { _ = syscall.Kill(-p.process.Process.Pid, syscall.SIGKILL) })
	go func() {
		defer close(p.lines)
		for scanner := bufio.NewScanner(out); scanner.Scan(); {
			p.lines <- scanner.Text()
		}
	}()
	for len(p.commands) < len(firstPage) {
		line, more := <-p.lines
		if !more {
			t.Fatalf("the playground ended after\n%s", strings.Join(p.page, "\n"))
		}
		p.read(line)
	}
	return p
}

// read parses a line of the first page. Commands are indented.
func (p *playground) read(line string) {
	p.page = append(p.page, line)
	command, indented := strings.CutPrefix(line, "  ")
	if !indented {
		return
	}
	command, _, _ = strings.Cut(command, "  # ")
	if len(p.enter) < 2 {
		p.enter = append(p.enter, command)
		return
	}
	p.commands = append(p.commands, strings.TrimSpace(command))
}

// fits checks that the page fits a terminal, except for the line with the folder's path.
func (p *playground) fits() {
	p.t.Helper()
	const rows, columns = 23, 80 // the last row is the prompt's
	begin := slices.IndexFunc(p.page, func(line string) bool { return strings.HasPrefix(line, "NetBox ") })
	if n := len(p.page) - begin; n > rows {
		p.t.Errorf("the first page has %d lines, more than %d", n, rows)
	}
	for _, line := range p.page {
		if n := utf8.RuneCountInString(line); n > columns && !strings.HasPrefix(line, "  cd ") {
			p.t.Errorf("a line of the first page has %d columns, more than %d: %s", n, columns, line)
		}
	}
}

// try runs a command of the first page in a new shell, and answers questions with yes.
func (p *playground) try(c tried) {
	p.t.Helper()
	command := c.in(p.cli)
	shell := exec.CommandContext(p.t.Context(), "sh", "-euc", strings.Join(append(p.enter, "exec "+command), "\n"))
	shell.Env, shell.Stdin = p.environment, strings.NewReader("yes\n")
	var out io.Reader
	var in *os.File
	var err error
	if c.screen {
		in, out = terminaltest.Open(p.t, 80)
	} else {
		out, in, err = os.Pipe()
	}
	must(p.t, err)
	shell.Stdout, shell.Stderr = in, in
	must(p.t, shell.Start())
	must(p.t, in.Close())
	var said strings.Builder
	interrupted := false
	for chunk := make([]byte, 4096); ; {
		n, err := out.Read(chunk)
		said.Write(chunk[:n])
		if c.until != "" && !interrupted && strings.Contains(said.String(), c.until) {
			must(p.t, shell.Process.Signal(os.Interrupt))
			interrupted = true
		}
		if err != nil { // at its end
			break
		}
	}
	_ = shell.Wait() // its exit code is in the state
	text := escapes.ReplaceAllString(said.String(), "")
	if code := shell.ProcessState.ExitCode(); code != c.code {
		p.t.Fatalf("%s ended with %d, want %d:\n%s", command, code, c.code, text)
	}
	for _, want := range append(c.prints, regexp.QuoteMeta(c.until)) {
		if !regexp.MustCompile(want).MatchString(text) {
			p.t.Fatalf("%s did not print %s:\n%s", command, want, text)
		}
	}
}

// escapes matches the colors that a CLI prints.
var escapes = regexp.MustCompile("\x1b\\[[0-9;]*m")

// in returns the command with the CLI's name.
func (c tried) in(cli string) string {
	if arguments, isCLI := strings.CutPrefix(c.command, "CLI "); isCLI {
		return cli + " " + arguments
	}
	return c.command
}

var addresses = regexp.MustCompile(`https?://127\.0\.0\.1:\d+`)

// stop interrupts the playground, and checks that only the folder is left.
func (p *playground) stop() {
	p.t.Helper()
	must(p.t, p.process.Process.Signal(os.Interrupt))
	var last []string
	for line := range p.lines {
		last = append(last, line)
	}
	if err := p.process.Wait(); err != nil {
		p.t.Errorf("the playground ended with %v", err)
	}
	if text := strings.Join(last, "\n"); !strings.Contains(text, "The servers are stopped.") {
		p.t.Errorf("at its end the playground said %q", text)
	}
	if err := syscall.Kill(-p.process.Process.Pid, 0); !errors.Is(err, syscall.ESRCH) {
		p.t.Errorf("a process of the playground is left: %v", err)
	}
	found := 0
	for _, file := range []string{"main.tf", environmentFile} {
		text, err := os.ReadFile(filepath.Join(p.folder, file))
		must(p.t, err)
		for _, address := range addresses.FindAllString(string(text), -1) {
			found++
			if address == os.Getenv("HEDGEHOG_ACC_SERVER_URL") { // the caller stops it
				continue
			}
			u, err := url.Parse(address)
			must(p.t, err)
			connection, err := net.Dial("tcp", u.Host)
			if err == nil {
				_ = connection.Close()
				p.t.Errorf("%s is still open after the playground has ended", address)
			}
		}
	}
	if found != 8 {
		p.t.Errorf("the folder names %d addresses, want those of NetBox and of 7 clusters", found)
	}
}
