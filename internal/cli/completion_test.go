package cli

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

// tree is a program with one command, on a NetBox.
func tree(environment map[string]string) *cobra.Command {
	root := &cobra.Command{Use: "program", Args: NoArguments, Run: func(*cobra.Command, []string) {}}
	c := &cobra.Command{Use: "show", Run: func(*cobra.Command, []string) {}}
	c.ValidArgsFunction = FabricNames(func(name string) string { return environment[name] }, func(c *rest.Config) {
		c.RetryWait = time.Millisecond
	})
	group, output := NewFlagGroup("Flags"), ""
	OneOf(group.Flags, &output, "output", "write `table|json`", "table", "json")
	group.Flags.Func("statuses", "`LIST`", func(string) error { return nil })
	SuggestList(group.Flags, "statuses", "error", "in_sync", "out_of_sync")
	group.Flags.Func("name", "`NAME`", func(string) error { return nil })
	group.Flags.Bool("watch", false, "stay")
	AddFlags(c, "Shows.\n", []FlagGroup{group}, "")
	root.AddCommand(c)
	return root
}

// run runs a command line of the program.
func run(t *testing.T, root *cobra.Command, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, said bytes.Buffer
	root.SetOut(&out)
	root.SetErr(&said)
	code = Execute(t.Context(), root, args)
	return code, out.String(), said.String()
}

func TestCompletion_commandsFlagsAndValues(t *testing.T) {
	s := netboxtest.Start(t, netboxtest.Options{})
	for _, name := range []string{"berlin", "2026", "name:x", "two words", "broken\nname"} {
		s.AddFabric(map[string]any{"name": name})
	}
	environment := map[string]string{"NETBOX_SERVER_URL": s.URL(), "NETBOX_API_TOKEN": netboxtest.AdminToken}
	for args, want := range map[string]string{
		"sh":                                 "show",
		"show|--ou":                          "--output",
		"show|--output|":                     "table json",
		"show|--output=":                     "table json",
		"show|-output|":                      "table json", // as Go's programs write flags
		"show|--statuses|":                   "error in_sync out_of_sync",
		"show|--statuses|error,":             "error,in_sync error,out_of_sync",
		"show|--statuses|error,out_of_sync,": "error,out_of_sync,in_sync",
		"show|--name|":                       "",
		"show|b":                             "berlin",
		"show|name":                          "name:2026 name:name:x",
		"show|berlin|--watch|":               "name:2026 name:name:x two words",
		"show|two words|name:2026|n":         "name:name:x",
		"show|-watch":                        "", // the shell would not take --watch for it
		"completion|":                        "bash fish powershell zsh",
	} {
		_, stdout, _ := run(t, tree(environment), append([]string{"__complete"}, strings.Split(args, "|")...)...)
		var got []string
		for line := range strings.Lines(stdout) {
			name, _, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t") // which the description follows
			got = append(got, name)
		}
		const noFiles = ":4"
		if last := len(got) - 1; strings.Join(got[:last], " ") != want || got[last] != noFiles {
			t.Errorf("%q: %q, want %q", args, got, want)
		}
	}
	_, stdout, _ := run(t, tree(environment), "__complete", "show", "b")
	if stdout != "berlin\tNot Configured\n:4\n" {
		t.Errorf("got %q", stdout)
	}
}

// Without NetBox, completion ends soon and without an error.
func TestCompletion_withoutNetBoxThereAreNoNames(t *testing.T) {
	s := netboxtest.Start(t, netboxtest.Options{})
	s.Fault(netboxtest.Fault{Kind: netboxtest.Hold()})
	for name, environment := range map[string]map[string]string{
		"no variables": nil,
		"a NetBox that does not answer": {"NETBOX_SERVER_URL": s.URL(),
			"NETBOX_API_TOKEN": netboxtest.AdminToken},
	} {
		begun := time.Now()
		code, stdout, _ := run(t, tree(environment), "__complete", "show", "")
		if code != ExitSuccess || stdout != ":4\n" || time.Since(begun) > 10*completionTime {
			t.Errorf("%s: exit code %d after %s, %q", name, code, time.Since(begun), stdout)
		}
	}
}

func TestCompletion_scriptsAndWhatIsWrong(t *testing.T) {
	for args, want := range map[string][2]string{
		"completion": {"", "name a shell, for example: program completion bash\n\n" +
			"Usage: program completion bash|fish|powershell|zsh\nHelp:  program completion --help\n"},
		"completion tcsh": {"", `unknown shell "tcsh": it must be bash, fish, powershell or zsh; did you mean `},
		"completion bash extra": {"", "program completion bash: unexpected argument \"extra\"\n\n" +
			"Usage: program completion bash\nHelp:  program completion bash --help\n"},
		"completion bash":       {"__program_init_completion", ""},
		"completion fish":       {"complete -c program ", ""},
		"completion zsh":        {"#compdef program", ""},
		"help completion":       {"see the help of the shell, for example:\n  program completion bash --help\n", ""},
		"completion zsh --help": {"  program completion zsh > \"${fpath[1]}/_program\"\n", ""},
	} {
		code, stdout, stderr := run(t, tree(nil), strings.Fields(args)...)
		if wrong := want[1] != ""; !strings.Contains(stdout, want[0]) || !strings.Contains(stderr, want[1]) ||
			wrong != (code == ExitUsage) || wrong != (stdout == "") || wrong == (stderr == "") {
			t.Errorf("%s: exit code %d\n%s%s", args, code, stdout, stderr)
		}
	}
}

// Arguments after -- are not changed.
func TestExecute_oneDash(t *testing.T) {
	for args, want := range map[string]int{
		"show -watch": ExitSuccess, "show -watch=maybe": ExitUsage, "show -- -watch": ExitSuccess,
	} {
		root := tree(nil)
		var given []string
		root.Commands()[0].Run = func(_ *cobra.Command, args []string) { given = args }
		code, _, stderr := run(t, root, strings.Fields(args)...)
		if code != want || args == "show -- -watch" && (len(given) != 1 || given[0] != "-watch") {
			t.Errorf("%s: exit code %d, arguments %q\n%s", args, code, given, stderr)
		}
	}
}
