package main

import (
	"archive/zip"
	"bytes"
	"debug/buildinfo"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

const project = "terraform-provider-hedgehog"

// architectures returns the architectures of an image, all on Linux. A snapshot may lack some.
func architectures() []string { return []string{"amd64", "arm64"} }

// release has the parts of an image.
type release struct {
	version, revision string
	committed         time.Time
	programs          []program
}

// program is the program for one Linux architecture, with its SBOM.
type program struct {
	architecture          string
	binary, license, sbom []byte
}

// openRelease reads the archives for Linux and their SBOMs.
func openRelease(dist string) (*release, error) {
	sums, err := filepath.Glob(filepath.Join(dist, project+"_*_SHA256SUMS"))
	if err != nil || len(sums) != 1 {
		return nil, fmt.Errorf("%s is not the folder of a release: it has the SHA256SUMS files %q", dist, sums)
	}
	prefix := strings.TrimSuffix(sums[0], "SHA256SUMS")
	r := &release{version: strings.Trim(strings.TrimPrefix(filepath.Base(prefix), project), "_")}
	snapshot := strings.Contains(r.version, "-snapshot-")
	for _, architecture := range architectures() {
		p := program{architecture: architecture}
		switch err := r.read(&p, prefix+"linux_"+architecture); {
		case errors.Is(err, fs.ErrNotExist) && snapshot:
		case err != nil:
			return nil, err
		default:
			r.programs = append(r.programs, p)
		}
	}
	if len(r.programs) == 0 {
		return nil, fmt.Errorf("%s has no archive for Linux on one of %q", dist, architectures())
	}
	return r, nil
}

// read reads the archive of one program. All programs are built from the same commit.
func (r *release) read(p *program, path string) error {
	archive, err := zip.OpenReader(path + ".zip")
	if err != nil {
		return fmt.Errorf("%s.zip: %w", path, err)
	}
	defer archive.Close()
	name := project + "_v" + r.version
	for file, into := range map[string]*[]byte{name: &p.binary, "LICENSE": &p.license} {
		if *into, err = fs.ReadFile(archive, file); err != nil {
			return fmt.Errorf("%s.zip: %w", path, err)
		}
	}
	info, err := fs.Stat(archive, name)
	if err != nil {
		return err
	}
	r.committed = info.ModTime().UTC()
	if r.revision, err = revisionOf(bytes.NewReader(p.binary)); err != nil {
		return fmt.Errorf("%s.zip: %w", path, err)
	}
	p.sbom, err = os.ReadFile(path + ".cdx.json")
	return err
}

// revisionOf returns the commit that a binary was built from.
func revisionOf(binary io.ReaderAt) (string, error) {
	info, err := buildinfo.Read(binary)
	if err != nil {
		return "", err
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			return s.Value, nil
		}
	}
	return "", errors.New("the binary does not record its commit")
}
