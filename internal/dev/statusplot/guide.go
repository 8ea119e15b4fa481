// Package statusplot shows the rule for the sync status on an example: in the picture
// docs/images/sync-status.svg, and in the timeline of the guide about the status. Both
// come from package fabric, so they show what the provider does. make pictures writes
// them, and a test fails when they are out of date.
package statusplot

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// The timeline is between these lines of the guide.
const (
	guidePath = "templates/guides/sync-status.md"
	begin     = "<!-- timeline: make pictures -->"
	end       = "<!-- end of timeline -->"
)

// guide returns the guide with the timeline as it is now.
func (s *scenario) guide(root string) ([]byte, error) {
	guide, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(guidePath)))
	if err != nil {
		return nil, err
	}
	head, rest, found := bytes.Cut(guide, []byte(begin+"\n"))
	_, tail, closed := bytes.Cut(rest, []byte(end+"\n"))
	if !found || !closed {
		return nil, fmt.Errorf("%s has no place for the timeline: the lines %q and %q", guidePath, begin, end)
	}
	timeline := strings.Join([]string{begin, "", s.table(), s.text(), end, ""}, "\n")
	return bytes.Join([][]byte{head, []byte(timeline), tail}, nil), nil
}
