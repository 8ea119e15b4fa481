package cli

import (
	"errors"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// typos is the largest edit distance at which a name is suggested.
const typos = 2

// OneOf defines a flag that takes one of a few values. They are the name of the value in
// --help.
func OneOf(set *pflag.FlagSet, to *string, name, usage string, values ...string) {
	set.Var(&choice{to, values}, name, usage)
	Suggest(set, name, values...)
}

// choice is the value of a flag that [OneOf] defines.
type choice struct {
	to     *string
	values []string
}

func (c *choice) Set(text string) error {
	if !slices.Contains(c.values, text) {
		return NotOneOf(text, c.values...)
	}
	*c.to = text
	return nil
}

// Type returns the name of the value in --help.
func (c *choice) Type() string { return strings.Join(c.values, "|") }

// String returns no default: the usage has it.
func (c *choice) String() string { return "" }

// NotOneOf returns an error for a flag value that is not allowed.
func NotOneOf(text string, values ...string) error {
	last := len(values) - 1
	return errors.New("it must be " + strings.Join(values[:last], ", ") + " or " + values[last] +
		DidYouMean("", text, values))
}

// DidYouMean returns the end of a message with the names that resemble the given one, each
// with the prefix, or "" if there are none.
func DidYouMean(prefix, given string, names []string) string {
	if given == "" { // it is a prefix of every name
		return ""
	}
	c := &cobra.Command{SuggestionsMinimumDistance: typos} // cobra suggests commands only
	for _, name := range names {
		c.AddCommand(&cobra.Command{Use: name, Run: func(*cobra.Command, []string) {}})
	}
	return didYouMean(prefix, c.SuggestionsFor(given))
}

func didYouMean(prefix string, suggestions []string) string {
	if len(suggestions) == 0 {
		return ""
	}
	return "; did you mean " + prefix + strings.Join(suggestions, " or "+prefix) + "?"
}
