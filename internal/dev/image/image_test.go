package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// An image for both architectures: each has its program, and they share the authorities. What the
// parts are is tested on the image of a snapshot, in internal/dev/releasetest.
func TestWrite_isForBothArchitectures(t *testing.T) {
	l := layout{t.TempDir()}
	image, err := l.write(&release{version: "1.2.3", revision: "abc", committed: time.Unix(1_800_000_000, 0).UTC(),
		programs: []program{{architecture: "amd64", binary: []byte("one")}, {architecture: "arm64",
			binary: []byte("other")}}})
	if err != nil {
		t.Fatal(err)
	}
	var all index
	l.read(t, image, &all)
	if len(all.Manifests) != 2 {
		t.Fatalf("the index has %+v", all.Manifests)
	}
	var layers [2][]descriptor
	for i, architecture := range architectures() {
		var m manifest
		var c imageConfig
		l.read(t, all.Manifests[i], &m)
		l.read(t, m.Config, &c)
		if p := all.Manifests[i].Platform; *p != (platform{architecture, "linux"}) || c.Architecture != architecture {
			t.Errorf("image %d is for %+v, and says %s", i, p, c.Architecture)
		}
		layers[i] = m.Layers
	}
	if layers[0][0].Digest != layers[1][0].Digest || layers[0][1].Digest == layers[1][1].Digest {
		t.Errorf("the layers are %+v", layers)
	}
}

func (l layout) read(t *testing.T, d descriptor, into any) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(l.folder, "blobs", "sha256", strings.TrimPrefix(d.Digest, "sha256:")))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, into); err != nil {
		t.Fatal(err)
	}
}

// A release must have both architectures; a snapshot one of them.
func TestOpenRelease_whatIsMissing(t *testing.T) {
	for _, c := range []struct {
		files []string
		want  string
	}{
		{nil, "is not the folder of a release"},
		{[]string{project + "_1.2.3_SHA256SUMS"}, project + "_1.2.3_linux_amd64.zip"},
		{[]string{project + "_1.2.4-snapshot-abc_SHA256SUMS"}, "no archive for Linux"},
	} {
		dist := t.TempDir()
		for _, file := range c.files {
			if err := os.WriteFile(filepath.Join(dist, file), nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := openRelease(dist); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v, want %q", c.files, err, c.want)
		}
	}
}
