package command

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// UsageError is a command line that cannot be meant.
type UsageError struct{ problem string }

func (e *UsageError) Error() string { return e.problem }

// Misused returns a [*UsageError].
func Misused(format string, a ...any) error { return &UsageError{fmt.Sprintf(format, a...)} }

// ExitError ends the program with a code after everything was said.
type ExitError struct{ Code int }

func (e *ExitError) Error() string { return fmt.Sprintf("exit code %d", e.Code) }

// Execute runs a command line of the program, tells what is wrong with it, and
// returns the exit code.
func Execute(ctx context.Context, root *cobra.Command, args []string) int {
	root.SetArgs(twoDashes(root, args))
	root.SetFlagErrorFunc(flagError)
	root.SilenceErrors, root.SilenceUsage = true, true
	root.CompletionOptions.DisableDefaultCmd = true
	root.SetHelpCommand(newHelp())
	ran, err := root.ExecuteContextC(ctx)
	if err == nil {
		return exitWell
	}
	if exit, ok := errors.AsType[*ExitError](err); ok {
		return exit.Code
	}
	for problem := range strings.SplitSeq(err.Error(), "\n") {
		ran.PrintErrf("%s: %s\n", ran.CommandPath(), problem)
	}
	if _, ok := errors.AsType[*UsageError](err); ok {
		ran.PrintErrf("\nUsage: %s\nHelp:  %s --help\n", ran.UseLine(), ran.CommandPath())
	}
	return exitUsage
}

// newHelp returns the command that prints the help of another one, and refuses what is
// not a command.
func newHelp() *cobra.Command {
	return &cobra.Command{
		Use: "help [command]", Short: "Print the help of a command",
		RunE: func(c *cobra.Command, args []string) error {
			asked, rest, err := c.Root().Find(args)
			if err == nil {
				err = NoArguments(asked, rest)
			}
			if err != nil {
				return err
			}
			asked.InitDefaultHelpFlag()
			return asked.Help()
		},
	}
}

// typos is how many letters may be wrong, missing or in excess in what is still
// recognized.
const typos = 2

// NoArguments refuses what is neither a flag nor a command.
func NoArguments(c *cobra.Command, args []string) error {
	switch {
	case len(args) == 0:
		return nil
	case c.HasAvailableSubCommands():
		c.SuggestionsMinimumDistance = typos
		return Misused("unknown command %q%s", args[0], meant("", c.SuggestionsFor(args[0])))
	}
	return Misused("unexpected argument %q", args[0])
}

// dashes stand before a flag's name; one, if that is a letter.
const dashes = "--"

// flagError puts an error of a command's flags into a [*UsageError].
func flagError(c *cobra.Command, err error) error {
	if wrong, ok := errors.AsType[*pflag.InvalidValueError](err); ok && wrong.GetFlag().Value.Type() == "bool" {
		return Misused("invalid argument %q for %q flag: it must be true or false", wrong.GetValue(), dashes+
			wrong.GetFlag().Name)
	}
	unknown, ok := errors.AsType[*pflag.NotExistError](err)
	if !ok {
		return Misused("%s", err.Error())
	}
	name := unknown.GetSpecifiedShortnames() // -onec is a group of flags of one letter
	if name == "" {
		name = unknown.GetSpecifiedName()
	}
	// Cobra can tell which command was meant. What it knows of commands it can be asked
	// of flags.
	flags := &cobra.Command{SuggestionsMinimumDistance: typos}
	c.Flags().VisitAll(func(f *pflag.Flag) {
		flags.AddCommand(&cobra.Command{Use: f.Name, Run: func(*cobra.Command, []string) {}})
	})
	given := dashes[:min(len(name), len(dashes))] + name
	return Misused("unknown flag %s%s", given, meant(dashes, flags.SuggestionsFor(name)))
}

func meant(prefix string, suggestions []string) string {
	if len(suggestions) == 0 {
		return ""
	}
	return "; did you mean " + prefix + strings.Join(suggestions, " or "+prefix) + "?"
}

var oneDash = regexp.MustCompile(`^-([a-z][a-z-]+)(=|$)`)

// twoDashes gives a flag that has one dash, as Go's programs and Terraform's write
// flags, the two that it has here. No flag has a name of one letter but -h.
func twoDashes(root *cobra.Command, args []string) []string {
	known := func(name string) bool {
		for _, c := range append(root.Commands(), root) {
			if c.Flags().Lookup(name) != nil {
				return true
			}
		}
		return name == "help"
	}
	all := make([]string, len(args))
	for i, arg := range args {
		all[i] = arg
		if found := oneDash.FindStringSubmatch(arg); found != nil && known(found[1]) {
			all[i] = "-" + arg
		}
	}
	return all
}
