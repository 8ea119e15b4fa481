package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"path"
	"slices"
	"time"
)

// layer is a part of an image's file system.
type layer struct {
	what       string // shown in the image's history
	compressed []byte
	diffID     string // the digest of the uncompressed layer
}

// file is a file of a layer. Root owns all files, so that the program cannot change them.
type file struct {
	name    string
	mode    int64
	content []byte
}

// newLayer packs files and their folders. The result does not depend on the machine or the day,
// so that the same commit gives the same image.
func newLayer(what string, modified time.Time, files ...file) (layer, error) {
	var plain, compressed bytes.Buffer
	w := tar.NewWriter(&plain)
	folders := map[string]bool{}
	for _, f := range files {
		for _, folder := range foldersOf(f.name) {
			if folders[folder] {
				continue
			}
			folders[folder] = true
			header := &tar.Header{Typeflag: tar.TypeDir, Name: folder + "/", Mode: 0o755, ModTime: modified}
			if err := w.WriteHeader(header); err != nil {
				return layer{}, err
			}
		}
		header := &tar.Header{Name: f.name, Mode: f.mode, Size: int64(len(f.content)), ModTime: modified}
		if err := w.WriteHeader(header); err != nil {
			return layer{}, err
		}
		if _, err := w.Write(f.content); err != nil {
			return layer{}, err
		}
	}
	if err := w.Close(); err != nil {
		return layer{}, err
	}
	z := gzip.NewWriter(&compressed)
	if _, err := z.Write(plain.Bytes()); err != nil {
		return layer{}, err
	}
	if err := z.Close(); err != nil {
		return layer{}, err
	}
	return layer{what, compressed.Bytes(), digest(plain.Bytes())}, nil
}

// foldersOf returns the folders above a file, outermost first.
func foldersOf(name string) (all []string) {
	for folder := path.Dir(name); folder != "."; folder = path.Dir(folder) {
		all = append(all, folder)
	}
	slices.Reverse(all)
	return all
}

// digest returns the OCI digest of content.
func digest(raw []byte) string {
	sum := sha256.Sum256(raw)
	return "sha256:" + hex.EncodeToString(sum[:])
}
