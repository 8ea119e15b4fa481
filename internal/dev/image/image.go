package main

import (
	"time"
)

const (
	repository = "https://github.com/hedgehog-fabric/" + project
	// nobody is a user and a group that own no files. Kubernetes' runAsNonRoot needs numbers, since
	// an image without /etc/passwd has no names.
	nobody = "65532:65532"
	// authorities is the file in which Go first looks for a Linux system's certificate authorities.
	authorities = "etc/ssl/certs/ca-certificates.crt"
	documents   = "usr/share/doc/" + project + "/"
)

// imageConfig and the types below are the parts of OCI's image format that this image uses.
type imageConfig struct {
	Created      time.Time       `json:"created"`
	Architecture string          `json:"architecture"`
	OS           string          `json:"os"`
	Config       containerConfig `json:"config"`
	RootFS       rootFS          `json:"rootfs"`
	History      []history       `json:"history"`
}

type containerConfig struct {
	User       string
	Env        []string
	Entrypoint []string
	Cmd        []string
	WorkingDir string
	Labels     map[string]string
}

type rootFS struct {
	Type    string   `json:"type"`
	DiffIDs []string `json:"diff_ids"`
}

type history struct {
	Created   time.Time `json:"created"`
	CreatedBy string    `json:"created_by"`
}

// labels returns the image's description, for its configuration and for the index.
func (r *release) labels() map[string]string {
	const prefix = "org.opencontainers.image."
	return map[string]string{
		prefix + "title":         project,
		prefix + "description":   "Keeps Hedgehog fabrics in NetBox, and syncs them with their clusters",
		prefix + "licenses":      "MPL-2.0",
		prefix + "url":           repository,
		prefix + "source":        repository, // GitHub links the image to this repository
		prefix + "documentation": repository + "/blob/v" + r.version + "/examples/sync/README.md",
		prefix + "version":       r.version,
		prefix + "revision":      r.revision,
		prefix + "created":       r.committed.Format(time.RFC3339),
	}
}

// config returns the image's configuration for one architecture.
func (r *release) config(architecture string, layers []layer) *imageConfig {
	c := &imageConfig{
		Created: r.committed, Architecture: architecture, OS: "linux",
		Config: containerConfig{
			User: nobody, WorkingDir: "/", Labels: r.labels(),
			Entrypoint: []string{"/" + project},
			Cmd:        []string{"--help"}, // the default command
			Env:        []string{"PATH=/"}, // for commands that users run in the container
		},
		RootFS: rootFS{Type: "layers"},
	}
	for _, l := range layers {
		c.RootFS.DiffIDs = append(c.RootFS.DiffIDs, l.diffID)
		c.History = append(c.History, history{r.committed, l.what})
	}
	return c
}

// layers returns the authorities, which all architectures share, and the program.
func (r *release) layers(p program) ([]layer, error) {
	shared, err := newLayer("certificate authorities", r.committed, file{authorities, 0o644, authoritiesPEM()})
	if err != nil {
		return nil, err
	}
	own, err := newLayer(project+" "+r.version, r.committed,
		file{project, 0o755, p.binary},
		file{documents + "LICENSE", 0o644, p.license},
		file{documents + "sbom.cdx.json", 0o644, p.sbom})
	return []layer{shared, own}, err
}
