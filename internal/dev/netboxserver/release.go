//go:build unix

package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

const (
	// defaultVersion is the newest NetBox that the provider was tested with.
	defaultVersion = "4.7.3"
	// firstPackage is the first NetBox that is a Python package.
	firstPackage = "4.7.0"
	// firstV2Tokens is the first NetBox with tokens of version 2.
	firstV2Tokens = "4.5.0"
)

// release is the NetBox to run: a Python package, or a checkout of its repository.
type release struct {
	version      string
	requirements []byte // what pip installs
	source       fs.FS  // NetBox's folder of the checkout; nil for a package
	content      string // a hash of the source; "" for a package, whose version identifies it
}

// chooseRelease returns the NetBox that the user names by version, by a folder with its
// source, or by both. If both are set, they must agree.
func chooseRelease(version, source string) (release, error) {
	if version != "" && !releaseVersion.MatchString(version) {
		return release{}, fmt.Errorf("NETBOX_VERSION is %q, not a version such as %s", version, defaultVersion)
	}
	if source != "" {
		return checkedOut(version, source)
	}
	if version == "" {
		version = defaultVersion
	}
	if !since(version, firstPackage) {
		return release{}, &missingSourceError{version: version}
	}
	return release{version: version, requirements: []byte("netbox==" + version + "\n")}, nil
}

// missingSourceError is a NetBox that is not a Python package, without its source.
type missingSourceError struct{ version string }

func (e *missingSourceError) Error() string {
	return fmt.Sprintf("NetBox %s is not a Python package, the first one is %s. %s", e.version, firstPackage,
		checkItOut(e.version))
}

// checkItOut returns the command that gets the source of a NetBox.
func checkItOut(version string) string {
	return fmt.Sprintf("Check out its sources, and name their folder in NETBOX_SOURCE:\n\n"+
		"  git clone --depth 1 --branch v%[1]s https://github.com/netbox-community/netbox build/netbox-%[1]s\n"+
		"  make test-netbox NETBOX_VERSION=%[1]s NETBOX_SOURCE=build/netbox-%[1]s", version)
}

var (
	releaseVersion = regexp.MustCompile(`^\d+\.\d+\.\d+$`)
	statedVersion  = regexp.MustCompile(`(?m)^version: *"?([^"\s]+)"?`)
)

// checkedOut returns the release whose source is in a folder.
func checkedOut(version, folder string) (release, error) {
	found := release{source: os.DirFS(filepath.Join(folder, "netbox"))}
	stated, err := os.ReadFile(filepath.Join(folder, "netbox", "release.yaml"))
	if err == nil {
		found.requirements, err = os.ReadFile(filepath.Join(folder, "requirements.txt"))
	}
	if errors.Is(err, fs.ErrNotExist) {
		return release{}, fmt.Errorf("NETBOX_SOURCE is %s, which is not a checkout of NetBox's repository: %w. %s",
			folder, err, checkItOut(cmp.Or(version, "VERSION")))
	}
	if err != nil {
		return release{}, fmt.Errorf("read NETBOX_SOURCE: %w", err)
	}
	if match := statedVersion.FindSubmatch(stated); match != nil {
		found.version = string(match[1])
	}
	if found.version == "" || (version != "" && version != found.version) {
		return release{}, fmt.Errorf("NETBOX_SOURCE is %s, which has NetBox %s, not %s: leave out "+
			"NETBOX_VERSION, or name another folder", folder, found.version, version)
	}
	content, err := folderContent(found.source)
	if err != nil {
		return release{}, fmt.Errorf("read NETBOX_SOURCE: %w", err)
	}
	found.content = contentKey(content)
	return found, nil
}

// parts returns the parts of the release for contentKey.
func (r release) parts() [][]byte {
	if r.source == nil {
		return [][]byte{r.requirements}
	}
	return [][]byte{r.requirements, []byte(r.content)}
}

// since reports whether version is first or later.
func since(version, first string) bool { return slices.Compare(numbers(version), numbers(first)) >= 0 }

func numbers(version string) []int {
	var all []int
	for part := range strings.SplitSeq(version, ".") {
		number, _ := strconv.Atoi(part)
		all = append(all, number)
	}
	return all
}
