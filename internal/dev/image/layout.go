package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
)

const (
	indexType    = "application/vnd.oci.image.index.v1+json"
	manifestType = "application/vnd.oci.image.manifest.v1+json"
	configType   = "application/vnd.oci.image.config.v1+json"
	layerType    = "application/vnd.oci.image.layer.v1.tar+gzip"
)

// layout is a folder in OCI's image layout. Each part is a file named after its digest.
type layout struct{ folder string }

// descriptor refers to a part.
type descriptor struct {
	MediaType   string            `json:"mediaType"`
	Digest      string            `json:"digest"`
	Size        int               `json:"size"`
	Platform    *platform         `json:"platform,omitempty"`
	Annotations map[string]string `json:"annotations,omitempty"`
}

type platform struct {
	Architecture string `json:"architecture"`
	OS           string `json:"os"`
}

// manifest is the image for one architecture.
type manifest struct {
	SchemaVersion int          `json:"schemaVersion"`
	MediaType     string       `json:"mediaType"`
	Config        descriptor   `json:"config"`
	Layers        []descriptor `json:"layers"`
}

// index is the image for all architectures.
type index struct {
	SchemaVersion int               `json:"schemaVersion"`
	MediaType     string            `json:"mediaType"`
	Manifests     []descriptor      `json:"manifests"`
	Annotations   map[string]string `json:"annotations,omitempty"`
}

// write writes the image of a release, and returns its descriptor.
func (l layout) write(r *release) (descriptor, error) {
	all := index{SchemaVersion: 2, MediaType: indexType, Annotations: r.labels()}
	for _, p := range r.programs {
		d, err := l.writeProgram(r, p)
		if err != nil {
			return descriptor{}, err
		}
		all.Manifests = append(all.Manifests, d)
	}
	image, err := l.document(indexType, all)
	if err != nil {
		return descriptor{}, err
	}
	named := image
	named.Annotations = map[string]string{"org.opencontainers.image.ref.name": r.version}
	for name, v := range map[string]any{
		"oci-layout": map[string]string{"imageLayoutVersion": "1.0.0"},
		"index.json": index{SchemaVersion: 2, MediaType: indexType, Manifests: []descriptor{named}},
	} {
		raw, err := json.Marshal(v)
		if err != nil {
			return descriptor{}, err
		}
		if err := os.WriteFile(filepath.Join(l.folder, name), raw, 0o644); err != nil {
			return descriptor{}, err
		}
	}
	return image, nil
}

func (l layout) writeProgram(r *release, p program) (descriptor, error) {
	layers, err := r.layers(p)
	if err != nil {
		return descriptor{}, err
	}
	m := manifest{SchemaVersion: 2, MediaType: manifestType}
	if m.Config, err = l.document(configType, r.config(p.architecture, layers)); err != nil {
		return descriptor{}, err
	}
	for _, part := range layers {
		d, err := l.blob(layerType, part.compressed)
		if err != nil {
			return descriptor{}, err
		}
		m.Layers = append(m.Layers, d)
	}
	d, err := l.document(manifestType, m)
	d.Platform = &platform{Architecture: p.architecture, OS: "linux"}
	return d, err
}

// document writes a part as JSON. Maps have sorted keys, so the output is always the same.
func (l layout) document(mediaType string, v any) (descriptor, error) {
	raw, err := json.Marshal(v)
	if err != nil {
		return descriptor{}, err
	}
	return l.blob(mediaType, raw)
}

func (l layout) blob(mediaType string, raw []byte) (descriptor, error) {
	d := descriptor{MediaType: mediaType, Digest: digest(raw), Size: len(raw)}
	name := filepath.Join(l.folder, "blobs", filepath.FromSlash(strings.Replace(d.Digest, ":", "/", 1)))
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return descriptor{}, err
	}
	return d, os.WriteFile(name, raw, 0o644)
}
