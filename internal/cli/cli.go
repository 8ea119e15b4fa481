// Package cli runs the program's commands: it parses the command line, prints help, reports
// errors and chooses the exit code.
package cli

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// Exit codes.
const (
	ExitSuccess = 0
	ExitFailure = 1
	ExitUsage   = 2   // the command line or the environment is wrong
	ExitUnknown = 3   // the answer cannot be known now
	ExitStopped = 130 // a signal stopped the program early
)

// UsageError is a mistake in the command line.
type UsageError struct{ problem string }

func (e *UsageError) Error() string { return e.problem }

// Usagef returns a [*UsageError].
func Usagef(format string, a ...any) error { return &UsageError{fmt.Sprintf(format, a...)} }

// ExitError makes the program exit with a code. The command has already printed everything.
type ExitError struct{ Code int }

func (e *ExitError) Error() string { return fmt.Sprintf("exit code %d", e.Code) }

// Execute runs a command line, prints its error, and returns the exit code.
func Execute(ctx context.Context, root *cobra.Command, args []string) int {
	root.SetArgs(twoDashes(root, args))
	root.SetFlagErrorFunc(flagError)
	root.SilenceErrors, root.SilenceUsage = true, true
	root.SetHelpCommand(newHelp())
	nameShells(root)
	if completing(args) {
		completeFlags(root)
	}
	ran, err := root.ExecuteContextC(ctx)
	if err == nil {
		return ExitSuccess
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
	return ExitUsage
}

// newHelp returns the help command.
func newHelp() *cobra.Command {
	return &cobra.Command{
		Use: "help [command]", Short: "Print help for a command",
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

// NoArguments returns an error if there are arguments: they are neither flags nor commands.
func NoArguments(c *cobra.Command, args []string) error {
	switch {
	case len(args) == 0:
		return nil
	case c.HasAvailableSubCommands():
		c.SuggestionsMinimumDistance = typos
		return Usagef("unknown command %q%s", args[0], didYouMean("", c.SuggestionsFor(args[0])))
	}
	return Usagef("unexpected argument %q", args[0])
}

// dashes is the prefix of a flag's name. A name of one letter has one dash.
const dashes = "--"

// flagError turns an error about a flag into a [*UsageError].
func flagError(c *cobra.Command, err error) error {
	if wrong, ok := errors.AsType[*pflag.InvalidValueError](err); ok && wrong.GetFlag().Value.Type() == "bool" {
		return Usagef("invalid argument %q for %q flag: it must be true or false", wrong.GetValue(), dashes+
			wrong.GetFlag().Name)
	}
	unknown, ok := errors.AsType[*pflag.NotExistError](err)
	if !ok {
		return Usagef("%s", err.Error())
	}
	name := unknown.GetSpecifiedShortnames() // -onec is a group of one-letter flags
	if name == "" {
		name = unknown.GetSpecifiedName()
	}
	var flags []string
	c.Flags().VisitAll(func(f *pflag.Flag) { flags = append(flags, f.Name) })
	given := dashes[:min(len(name), len(dashes))] + name
	return Usagef("unknown flag %s%s", given, DidYouMean(dashes, name, flags))
}

var oneDash = regexp.MustCompile(`^-([a-z][a-z-]+)(=|$)`)

// twoDashes adds the second dash to flags with only one, as Go programs and Terraform write
// them. The only flag with a name of one letter is -h. It leaves alone what follows "--",
// which is not a flag, and the last argument of a completion, which the shell wants to
// complete as it is.
func twoDashes(root *cobra.Command, args []string) []string {
	known := func(name string) bool {
		for _, c := range append(root.Commands(), root) {
			if c.Flags().Lookup(name) != nil {
				return true
			}
		}
		return name == "help"
	}
	all := slices.Clone(args)
	for i, arg := range args {
		if arg == dashes || i == len(args)-1 && completing(args) {
			break
		}
		if found := oneDash.FindStringSubmatch(arg); found != nil && known(found[1]) {
			all[i] = "-" + arg
		}
	}
	return all
}

// completing reports whether a shell is asking for completions.
func completing(args []string) bool {
	return len(args) > 0 && (args[0] == cobra.ShellCompRequestCmd || args[0] == cobra.ShellCompNoDescRequestCmd)
}
