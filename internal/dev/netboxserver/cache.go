//go:build unix

package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/dev/process"
)

const (
	// keepUnused is how long a database dump may lie unused before a later run removes it.
	keepUnused = 30 * 24 * time.Hour
	lockEvery  = 100 * time.Millisecond
)

// cache is a folder of things that are slow to make, each named after the content it was made from.
type cache struct {
	folder string
}

func openCache() (cache, error) {
	base := os.Getenv("XDG_CACHE_HOME")
	if base == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return cache{}, err
		}
		base = filepath.Join(home, ".cache")
	}
	opened := cache{folder: filepath.Join(base, "terraform-provider-hedgehog", "netbox")}
	return opened, os.MkdirAll(opened.folder, 0o700)
}

func (c cache) path(name string) string { return filepath.Join(c.folder, name) }

// lock lets one run at a time make the named thing. A lock ends with its
// process, so a run that was killed leaves none behind.
func (c cache) lock(ctx context.Context, name string, report *process.Progress) (unlock func(), err error) {
	file, err := os.OpenFile(c.path(name+".lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	for told := false; ; {
		err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return func() { _ = file.Close() }, nil
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			_ = file.Close()
			return nil, fmt.Errorf("lock %s: %w", file.Name(), err)
		}
		if !told {
			report.Note("waiting for another run to make %s", name)
			told = true
		}
		select {
		case <-ctx.Done():
			_ = file.Close()
			return nil, context.Cause(ctx)
		case <-time.After(lockEvery):
		}
	}
}

// touch marks a thing as used now, for prune.
func (c cache) touch(file string) error {
	now := time.Now()
	return os.Chtimes(file, now, now)
}

// prune removes database dumps that no run has used for a long time: every
// change of the plugin makes a new one.
func (c cache) prune(now time.Time) error {
	dumps, err := filepath.Glob(c.path("*" + dumpSuffix))
	if err != nil {
		return err
	}
	for _, dump := range dumps {
		info, err := os.Stat(dump)
		if err != nil || now.Sub(info.ModTime()) < keepUnused {
			continue
		}
		if err := os.Remove(dump); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// contentKey names a thing after the parts it is made from.
func contentKey(parts ...[]byte) string {
	sum := sha256.New()
	for _, part := range parts {
		// The length keeps ("ab", "c") and ("a", "bc") apart.
		_, _ = fmt.Fprintf(sum, "%d\n", len(part))
		_, _ = sum.Write(part)
	}
	return hex.EncodeToString(sum.Sum(nil))[:16]
}

// folderContent returns the names and contents of a package's files as one text, without what Python compiled.
func folderContent(folder fs.FS) ([]byte, error) {
	var content bytes.Buffer
	err := walkSources(folder, func(name string, text []byte) error {
		_, _ = fmt.Fprintf(&content, "%d %s %d\n", len(name), name, len(text))
		_, _ = content.Write(text)
		return nil
	})
	return content.Bytes(), err
}

// walkSources visits a package's files in order of their names.
func walkSources(folder fs.FS, visit func(name string, text []byte) error) error {
	return fs.WalkDir(folder, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if entry.Name() == "__pycache__" {
				return fs.SkipDir
			}
			return nil
		}
		if !entry.Type().IsRegular() || strings.HasSuffix(name, ".pyc") {
			return nil
		}
		text, err := fs.ReadFile(folder, name)
		if err != nil {
			return err
		}
		return visit(path.Clean(name), text)
	})
}
