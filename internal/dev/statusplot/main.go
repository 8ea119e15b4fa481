// Statusplot writes what shows the rule for the sync status on an example: the
// picture docs/images/sync-status.svg, and the timeline in the guide about the status.
// Both come from package fabric, so that they cannot say anything else than the
// provider does; a test fails when they are out of date.
//
//	go run ./internal/dev/statusplot
package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Paths below the repository's root.
const (
	picturePath = "docs/images/sync-status.svg"
	guidePath   = "templates/guides/sync-status.md"
)

// What stands between these lines of the guide is written here.
const (
	begin = "<!-- timeline: go run ./internal/dev/statusplot -->"
	end   = "<!-- end of timeline -->"
)

func main() {
	if err := write("."); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func write(root string) error {
	files, err := generate(root)
	if err != nil {
		return err
	}
	for path, content := range files {
		file := filepath.Join(root, filepath.FromSlash(path))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(file, content, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// generate returns what the files are to hold, by their paths.
func generate(root string) (map[string][]byte, error) {
	s := example()
	picture, err := s.plot()
	if err != nil {
		return nil, err
	}
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
	return map[string][]byte{
		picturePath: []byte(picture),
		guidePath:   bytes.Join([][]byte{head, []byte(timeline), tail}, nil),
	}, nil
}
