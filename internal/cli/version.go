package cli

import (
	"encoding/json"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

// build describes a build of the program, and the versions that it works with.
type build struct {
	Program  string   `json:"program"`
	Version  string   `json:"version"`
	Commit   string   `json:"commit"`   // "" where Go has not recorded it
	Modified bool     `json:"modified"` // the commit lacks some changes
	Date     string   `json:"date"`     // of the commit; "" where Go has not recorded it
	Go       string   `json:"go"`
	Platform string   `json:"platform"`
	Protocol int      `json:"terraform_protocol"`
	CRDs     []string `json:"crds"`
}

// NewVersionCommand returns the command that prints how the program was built. protocol is
// the version of Terraform's plugin protocol.
func NewVersionCommand(program, version string, protocol int) *cobra.Command {
	var output string
	c := &cobra.Command{
		Use: "version [flags]", Short: "Print the version and how it was built", Args: NoArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			info, _ := debug.ReadBuildInfo()
			b := newBuild(program, version, protocol, info)
			if output == "json" {
				encoder := json.NewEncoder(c.OutOrStdout())
				encoder.SetIndent("", "  ")
				return encoder.Encode(b)
			}
			c.Print(b)
			return nil
		},
	}
	OneOf(c.Flags(), &output, "output", "format of the output (default text)", "text", "json")
	return c
}

// newBuild returns what Go recorded about a build; info is nil if it recorded nothing.
func newBuild(program, version string, protocol int, info *debug.BuildInfo) *build {
	known := map[string]string{}
	if info != nil {
		for _, s := range info.Settings {
			known[s.Key] = s.Value
		}
	}
	return &build{
		Program: program, Version: version, Commit: known["vcs.revision"], Modified: known["vcs.modified"] == "true",
		Date: known["vcs.time"], Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH,
		Protocol: protocol, CRDs: fabric.GroupVersions(),
	}
}

// String describes the build, line by line.
func (b *build) String() string {
	var text strings.Builder
	fmt.Fprintf(&text, "%s %s\n", b.Program, b.Version)
	if b.Commit != "" {
		commit := b.Commit
		if b.Modified {
			commit += ", with changes"
		}
		fmt.Fprintf(&text, "commit:             %s\n", commit)
	}
	if b.Date != "" {
		fmt.Fprintf(&text, "date:               %s\n", b.Date)
	}
	fmt.Fprintf(&text, "go:                 %s, %s\n", b.Go, b.Platform)
	fmt.Fprintf(&text, "Terraform protocol: %d\n", b.Protocol)
	fmt.Fprintf(&text, "Hedgehog CRDs:      %s\n", strings.Join(b.CRDs, ", "))
	return text.String()
}
