package cli

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

// completionTime is how long a shell waits for the names of fabrics.
const completionTime = 2 * time.Second

// Annotations of flags with the values that a shell completes.
const (
	annotationValues = "values"
	annotationList   = "list" // separated by commas
)

// Suggest lets shells complete a flag with values.
func Suggest(set *pflag.FlagSet, name string, values ...string) {
	annotate(set, name, annotationValues, values)
}

// SuggestList lets shells complete a flag with a list of values, separated by commas.
func SuggestList(set *pflag.FlagSet, name string, values ...string) {
	annotate(set, name, annotationList, values)
}

func annotate(set *pflag.FlagSet, name, key string, values []string) {
	if err := set.SetAnnotation(name, key, values); err != nil {
		panic(err) // there is no such flag
	}
}

// nameShells makes the command that prints completion scripts say what is wrong with its
// arguments. Cobra's would print its help, as if that had been asked for.
func nameShells(root *cobra.Command) {
	root.InitDefaultCompletionCmd()
	for _, c := range root.Commands() {
		if c.Name() != "completion" {
			continue
		}
		var shells []string
		for _, shell := range c.Commands() {
			shell.Args = NoArguments
			shells = append(shells, shell.Name())
		}
		c.Use, c.DisableFlagsInUseLine = c.Name()+" "+strings.Join(shells, "|"), true
		c.Short = "Print a completion script for a shell"
		c.Args = cobra.ArbitraryArgs // of which RunE says what is wrong
		c.RunE = func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				return Usagef("unknown shell %q: %s", args[0], NotOneOf(args[0], shells...))
			}
			return Usagef("name a shell, for example: %s bash", c.CommandPath())
		}
	}
}

// completeFlags completes the flags of a command and of those below it with the values
// that their annotations name. Where there are none, a shell would offer files.
func completeFlags(c *cobra.Command) {
	c.Flags().VisitAll(func(f *pflag.Flag) {
		if _, there := c.GetFlagCompletionFunc(f.Name); there || f.Value.Type() == "bool" {
			return
		}
		_ = c.RegisterFlagCompletionFunc(f.Name, func(_ *cobra.Command, _ []string, begun string) ([]string,
			cobra.ShellCompDirective) {
			return completions(f, begun), cobra.ShellCompDirectiveNoFileComp
		}) // the flag is there, and has none
	})
	for _, below := range c.Commands() {
		completeFlags(below)
	}
}

// completions are the values that a flag's annotations name. In a list, they follow what
// it has already.
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

// FabricNames completes the names of fabrics, as NetBox has them now. It suggests nothing
// where NetBox does not answer soon. The caller completes the client's configuration.
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
				!strings.ContainsFunc(name, unicode.IsControl) { // which ends a suggestion
				status := fabric.SyncStatus(f.Facts(), read.ObservedAt).Status
				names = append(names, cobra.CompletionWithDesc(name, status.Display()))
			}
		}
		return names, alone
	}
}
