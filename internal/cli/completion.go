package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

// completionTime is how long a shell waits for fabric names.
const completionTime = 2 * time.Second

// Annotations that hold the values to complete for a flag.
const (
	annotationValues = "values"
	annotationList   = "list" // separated by commas
)

// Suggest sets the values that a shell completes for a flag.
func Suggest(set *pflag.FlagSet, name string, values ...string) {
	annotate(set, name, annotationValues, values)
}

// SuggestList sets the values that a shell completes for a flag that takes a list,
// separated by commas.
func SuggestList(set *pflag.FlagSet, name string, values ...string) {
	annotate(set, name, annotationList, values)
}

func annotate(set *pflag.FlagSet, name, key string, values []string) {
	if err := set.SetAnnotation(name, key, values); err != nil {
		panic(err) // there is no such flag
	}
}

// loading says how to load each shell's script. %[1]s is the name of the program.
var loading = map[string]string{
	"bash": `The script needs the package bash-completion.

To load the script in this shell:
  source <(%[1]s completion bash)

To load it in every new shell, on Linux:
  %[1]s completion bash > /etc/bash_completion.d/%[1]s

To load it in every new shell, on macOS with Homebrew:
  %[1]s completion bash > $(brew --prefix)/etc/bash_completion.d/%[1]s
`,
	"fish": `To load the script in this shell:
  %[1]s completion fish | source

To load it in every new shell:
  %[1]s completion fish > ~/.config/fish/completions/%[1]s.fish
`,
	"powershell": `To load the script in this shell:
  %[1]s completion powershell | Out-String | Invoke-Expression

To load it in every new shell, add this command to your PowerShell profile.
`,
	"zsh": `If completion is not enabled in your zsh yet, add this to ~/.zshrc:
  autoload -U compinit; compinit

To load the script in this shell:
  source <(%[1]s completion zsh)

To load it in every new shell, on Linux:
  %[1]s completion zsh > "${fpath[1]}/_%[1]s"

To load it in every new shell, on macOS with Homebrew:
  %[1]s completion zsh > $(brew --prefix)/share/zsh/site-functions/_%[1]s
`,
}

// nameShells gives the completion command its own help, and makes it report an error for
// wrong arguments. Cobra's own command prints its help instead.
func nameShells(root *cobra.Command) {
	root.InitDefaultCompletionCmd()
	for _, c := range root.Commands() {
		if c.Name() != "completion" {
			continue
		}
		var shells []string
		for _, shell := range c.Commands() {
			shell.Args = NoArguments
			shell.Short = "Print the completion script for " + shell.Name()
			g := NewFlagGroup("Flags")
			g.Flags.AddFlagSet(shell.Flags())
			AddFlags(shell, fmt.Sprintf(loading[shell.Name()], root.Name()), []FlagGroup{g}, "")
			shells = append(shells, shell.Name())
		}
		c.Use, c.DisableFlagsInUseLine = c.Name()+" "+strings.Join(shells, "|"), true
		c.Short = "Print a completion script for a shell"
		AddFlags(c, "Prints a script that completes commands, flags and the names of fabrics in your shell. For\n"+
			"how to load it, see the help of the shell, for example:\n  "+c.CommandPath()+" bash --help\n", nil, "")
		c.Args = cobra.ArbitraryArgs // RunE reports what is wrong with them
		c.RunE = func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				return Usagef("unknown shell %q: %s", args[0], NotOneOf(args[0], shells...))
			}
			return Usagef("name a shell, for example: %s bash", c.CommandPath())
		}
	}
}

// completeFlags completes the flags of a command and its subcommands with the values in
// their annotations. A shell would otherwise offer files.
func completeFlags(c *cobra.Command) {
	c.Flags().VisitAll(func(f *pflag.Flag) {
		if _, there := c.GetFlagCompletionFunc(f.Name); there || f.Value.Type() == "bool" {
			return
		}
		_ = c.RegisterFlagCompletionFunc(f.Name, func(_ *cobra.Command, _ []string, begun string) ([]string,
			cobra.ShellCompDirective) {
			return completions(f, begun), cobra.ShellCompDirectiveNoFileComp
		}) // the flag exists, and has no function yet
	})
	for _, below := range c.Commands() {
		completeFlags(below)
	}
}

// completions returns the values to complete for a flag. In a list, they follow the values
// that it already has.
func completions(f *pflag.Flag, begun string) []string {
	comma := strings.LastIndex(begun, ",") + 1
	chosen := strings.Split(begun[:comma], ",")
	all := slices.Clone(f.Annotations[annotationValues])
	for _, value := range f.Annotations[annotationList] {
		if !slices.Contains(chosen, value) {
			all = append(all, begun[:comma]+value)
		}
	}
	return all
}

// FabricNames completes the names of the fabrics that NetBox has now. It suggests nothing
// if NetBox does not answer soon. The function complete fills in the client's
// configuration.
func FabricNames(getenv func(string) string, complete func(*rest.Config)) cobra.CompletionFunc {
	return func(c *cobra.Command, given []string, begun string) ([]string, cobra.ShellCompDirective) {
		const alone = cobra.ShellCompDirectiveNoFileComp // no files
		client, err := NetBox(getenv, complete)
		if err != nil {
			return nil, alone
		}
		ctx, cancel := context.WithTimeout(c.Context(), completionTime)
		defer cancel()
		var names []string
		for read, err := range client.Fabrics().ForSchedule(ctx) {
			if err != nil {
				return nil, alone
			}
			f := &read.Fabric
			name := fabric.ImportID(f.Name)
			if strings.HasPrefix(name, begun) && !slices.Contains(given, name) &&
				!strings.ContainsFunc(name, unicode.IsControl) { // a control character would end a suggestion
				status := fabric.SyncStatus(f.Facts(), read.ObservedAt).Status
				names = append(names, cobra.CompletionWithDesc(name, status.Display()))
			}
		}
		return names, alone
	}
}
