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
	// keepUnused is how long an unused database dump is kept.
	keepUnused = 30 * 24 * time.Hour
	lockEvery  = 100 * time.Millisecond
)

// cache is a folder of files that take long to make. Their names have the hash of their input.
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

// lock lets only one run at a time make the named thing. A killed run leaves no lock, since a
// lock ends with its process.
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
			report.Note("waiting for another run that makes %s", name)
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

// touch records for prune that a thing is used now.
func (c cache) touch(file string) error {
	now := time.Now()
	return os.Chtimes(file, now, now)
}

// prune deletes database dumps that no run has used for a long time. Every change of the
// plugin creates a new dump.
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

// contentKey returns a hash of the parts that a thing is made from.
func contentKey(parts ...[]byte) string {
	sum := sha256.New()
	for _, part := range parts {
		// The length keeps ("ab", "c") and ("a", "bc") apart.
		_, _ = fmt.Fprintf(sum, "%d\n", len(part))
		_, _ = sum.Write(part)
	}
	return hex.EncodeToString(sum.Sum(nil))[:16]
}

// folderContent returns the names and contents of a package's files, without Python's compiled files.
func folderContent(folder fs.FS) ([]byte, error) {
	var content bytes.Buffer
	err := walkSources(folder, func(name string, text []byte) error {
		_, _ = fmt.Fprintf(&content, "%d %s %d\n", len(name), name, len(text))
		_, _ = content.Write(text)
		return nil
	})
	return content.Bytes(), err
}

// walkSources visits a package's files ordered by name.
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
