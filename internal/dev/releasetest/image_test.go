package releasetest

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

const (
	imageName   = "ghcr.io/hedgehog-fabric/" + project
	authorities = "etc/ssl/certs/ca-certificates.crt"
	documents   = "usr/share/doc/" + project + "/"
)

// image is the image for one platform, from the layout in dist/image.
type image struct {
	archive archive
	config  imageConfig
	files   map[string]imageFile
}

type imageConfig struct {
	Architecture, OS string
	Created          time.Time
	Config           struct {
		User, WorkingDir     string
		Env, Entrypoint, Cmd []string
		Labels               map[string]string
	}
	RootFS struct {
		DiffIDs []string `json:"diff_ids"`
	}
}

type imageFile struct {
	header  *tar.Header
	content []byte
}

// descriptor refers to a part of an image.
type descriptor struct {
	MediaType, Digest string
	Size              int
	Platform          struct{ Architecture, OS string }
	Annotations       map[string]string
}

type index struct {
	Manifests   []descriptor
	Annotations map[string]string
}

func (d *dist) layout() string { return filepath.Join(d.folder, "image") }

// blob returns a part of an image, and checks its digest.
func (d *dist) blob(t *testing.T, part descriptor) []byte {
	t.Helper()
	raw := read(t, filepath.Join(d.layout(), "blobs", filepath.FromSlash(strings.Replace(part.Digest, ":", "/", 1))))
	if "sha256:"+digest(raw) != part.Digest || len(raw) != part.Size {
		t.Fatalf("%s has %d bytes with the checksum %s; it should have %d", part.Digest, len(raw), digest(raw),
			part.Size)
	}
	return raw
}

// index returns the image for all platforms, with its name.
func (d *dist) index(t *testing.T) (descriptor, index) {
	t.Helper()
	var named, all index
	must(t, json.Unmarshal(read(t, filepath.Join(d.layout(), "index.json")), &named))
	if len(named.Manifests) != 1 {
		t.Fatalf("the layout has %d images, want one", len(named.Manifests))
	}
	must(t, json.Unmarshal(d.blob(t, named.Manifests[0]), &all))
	return named.Manifests[0], all
}

// images returns the image for each platform.
func (d *dist) images(t *testing.T) (all []image) {
	t.Helper()
	_, found := d.index(t)
	for _, m := range found.Manifests {
		i := slices.IndexFunc(d.archives, func(a archive) bool {
			return a.system == m.Platform.OS && a.architecture == m.Platform.Architecture
		})
		if i < 0 {
			t.Fatalf("there is an image for %+v, but no archive", m.Platform)
		}
		all = append(all, d.image(t, m, d.archives[i]))
	}
	return all
}

func (d *dist) image(t *testing.T, m descriptor, a archive) image {
	t.Helper()
	var manifest struct {
		Config descriptor
		Layers []descriptor
	}
	must(t, json.Unmarshal(d.blob(t, m), &manifest))
	i := image{archive: a, files: map[string]imageFile{}}
	must(t, json.Unmarshal(d.blob(t, manifest.Config), &i.config))
	for n, part := range manifest.Layers {
		z, err := gzip.NewReader(bytes.NewReader(d.blob(t, part)))
		must(t, err)
		plain, err := io.ReadAll(z)
		must(t, err)
		if got := "sha256:" + digest(plain); got != i.config.RootFS.DiffIDs[n] {
			t.Errorf("layer %d: got the checksum %s, want %s", n, got, i.config.RootFS.DiffIDs[n])
		}
		for r := tar.NewReader(bytes.NewReader(plain)); ; {
			header, err := r.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			must(t, err)
			content, err := io.ReadAll(r)
			must(t, err)
			i.files[header.Name] = imageFile{header, content}
		}
	}
	return i
}

func TestImage_platforms(t *testing.T) {
	d := openDist(t)
	named, all := d.index(t)
	if got := named.Annotations["org.opencontainers.image.ref.name"]; got != d.version {
		t.Errorf("got the image's name %q, want %q", got, d.version)
	}
	var want, got []string
	for _, a := range d.archives {
		if a.system == "linux" && (a.architecture == "amd64" || a.architecture == "arm64") {
			want = append(want, a.architecture)
		}
	}
	for _, i := range d.images(t) {
		got = append(got, i.config.Architecture)
		if i.config.OS != "linux" || i.config.Architecture != i.archive.architecture {
			t.Errorf("the image for %s says that it is for %s/%s", i.archive.platform(), i.config.OS,
				i.config.Architecture)
		}
		if !maps.Equal(i.config.Config.Labels, all.Annotations) {
			t.Errorf("got the labels %v, want those of the index, %v", i.config.Config.Labels, all.Annotations)
		}
	}
	slices.Sort(want)
	if !slices.Equal(got, want) || len(got) == 0 {
		t.Errorf("got images for %q, want %q", got, want)
	}
}

// The image starts from scratch and runs as nobody. This test lists everything in it.
func TestImage_filesAndConfiguration(t *testing.T) {
	d := openDist(t)
	committed, err := time.Parse(time.RFC3339, git(t, root, "log", "-1", "--format=%cI"))
	must(t, err)
	for _, i := range d.images(t) {
		c := i.config.Config
		if c.User != "65532:65532" || !slices.Equal(c.Entrypoint, []string{"/" + project}) ||
			!slices.Equal(c.Cmd, []string{"--help"}) || !slices.Equal(c.Env, []string{"PATH=/"}) {
			t.Errorf("got the configuration %+v", c)
		}
		const prefix = "org.opencontainers.image."
		for label, want := range map[string]string{
			"version": d.version, "revision": git(t, root, "rev-parse", "HEAD"),
			"source":  "https://github.com/hedgehog-fabric/" + project,
			"created": committed.UTC().Format(time.RFC3339), "licenses": "MPL-2.0",
		} {
			if got := c.Labels[prefix+label]; got != want {
				t.Errorf("label %s: got %q, want %q", label, got, want)
			}
		}
		archived := unpack(t, i.archive.file)
		want := map[string][]byte{ // nil is a folder
			"etc/": nil, "etc/ssl/": nil, "etc/ssl/certs/": nil, authorities: i.files[authorities].content,
			"usr/": nil, "usr/share/": nil, "usr/share/doc/": nil, documents: nil,
			project:                     content(t, archived[d.binary(i.archive)]),
			documents + "LICENSE":       content(t, archived["LICENSE"]),
			documents + "sbom.cdx.json": read(t, d.path(i.archive.platform()+".cdx.json")),
		}
		for name, f := range i.files {
			known, there := want[name]
			mode := map[bool]int64{true: 0o755, false: 0o644}[known == nil || name == project]
			if h := f.header; !there || !bytes.Equal(f.content, known) || h.Mode != mode || h.Uid != 0 || h.Gid != 0 ||
				!h.ModTime.Equal(committed) || !i.config.Created.Equal(committed) {
				t.Errorf("got %s with %d bytes and the header %+v", name, len(f.content), h)
			}
		}
		if len(i.files) != len(want) {
			t.Errorf("got the files %q, want %q", slices.Sorted(maps.Keys(i.files)), slices.Sorted(maps.Keys(want)))
		}
	}
}

// A file of authorities cannot exclude certificates that an authority has issued.
func TestImage_authorities(t *testing.T) {
	d := openDist(t)
	for _, i := range d.images(t) {
		rest, seen := i.files[authorities].content, map[string]bool{}
		for block, next := pem.Decode(rest); block != nil; block, next = pem.Decode(rest) {
			rest = next
			c, err := x509.ParseCertificate(block.Bytes)
			must(t, err)
			if !c.IsCA || seen[string(c.Raw)] || time.Now().Before(c.NotBefore) || time.Now().After(c.NotAfter) {
				t.Errorf("%s is not an authority, is listed twice, or is not valid", c.Subject)
			}
			seen[string(c.Raw)] = true
		}
		if len(seen) < 100 || len(bytes.TrimSpace(rest)) > 0 {
			t.Errorf("got %d authorities, followed by %q", len(seen), rest)
		}
	}
}

// The same archives make the same image.
func TestImage_sameBytesAgain(t *testing.T) {
	d := openDist(t)
	named, _ := d.index(t)
	again := &dist{folder: t.TempDir()}
	for _, file := range []string{"SHA256SUMS", "linux_amd64.zip", "linux_amd64.cdx.json", "linux_arm64.zip",
		"linux_arm64.cdx.json"} {
		if raw, err := os.ReadFile(d.path(file)); err == nil {
			must(t, os.WriteFile(filepath.Join(again.folder, filepath.Base(d.path(file))), raw, 0o600))
		}
	}
	cmd := exec.CommandContext(t.Context(), "go", "run", "./internal/dev/image", again.folder)
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("got %v\n%s", err, out)
	}
	if got, _ := again.index(t); got.Digest != named.Digest {
		t.Errorf("got the digest %s from a second build, want %s", got.Digest, named.Digest)
	}
}
