package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
)

// describe says which build of the program this is, as far as Go has noted it; nil is
// not at all.
func describe(info *debug.BuildInfo) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s\n", name, version)
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
