package cli

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
)

// NewVersionCommand returns the command that prints which build of a program this is.
func NewVersionCommand(program, version string) *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the version, and what it was built from and with", Args: NoArguments,
		Run: func(c *cobra.Command, _ []string) {
			info, _ := debug.ReadBuildInfo()
			c.Print(describe(program, version, info))
		},
	}
}

// describe returns what Go has recorded of a build. Without a record, info is nil.
func describe(program, version string, info *debug.BuildInfo) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s\n", program, version)
	known := map[string]string{}
	if info != nil {
		for _, s := range info.Settings {
			known[s.Key] = s.Value
		}
	}
	if commit := known["vcs.revision"]; commit != "" {
		if known["vcs.modified"] == "true" {
			commit += ", with changes"
		}
		fmt.Fprintf(&b, "commit: %s\n", commit)
	}
	if date := known["vcs.time"]; date != "" {
		fmt.Fprintf(&b, "date:   %s\n", date)
	}
	fmt.Fprintf(&b, "go:     %s, %s/%s\n", runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return b.String()
}
