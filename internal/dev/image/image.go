package main

import (
	"time"
)

const (
	repository = "https://github.com/hedgehog-fabric/" + project
	// nobody is a user and a group that no file belongs to. Kubernetes' runAsNonRoot needs a
	// number: an image without /etc/passwd has no names.
	nobody = "65532:65532"
	// authorities is where Go looks first for the certificate authorities of a Linux system.
	authorities = "etc/ssl/certs/ca-certificates.crt"
	documents   = "usr/share/doc/" + project + "/"
)

// imageConfig and what follows are the parts of OCI's image format that this image has.
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

// labels describe the image, in its configuration and in the index.
func (r *release) labels() map[string]string {
	const prefix = "org.opencontainers.image."
	return map[string]string{
		prefix + "title":         project,
		prefix + "description":   "Keeps Hedgehog fabrics in NetBox, and syncs them with their clusters",
		prefix + "licenses":      "MPL-2.0",
		prefix + "url":           repository,
		prefix + "source":        repository, // by which GitHub knows whose image it is
		prefix + "documentation": repository + "/blob/v" + r.version + "/examples/sync/README.md",
		prefix + "version":       r.version,
		prefix + "revision":      r.revision,
		prefix + "created":       r.committed.Format(time.RFC3339),
	}
}

// config is the configuration of the image for one architecture.
func (r *release) config(architecture string, layers []layer) *imageConfig {
	c := &imageConfig{
		Created: r.committed, Architecture: architecture, OS: "linux",
		Config: containerConfig{
			User: nobody, WorkingDir: "/", Labels: r.labels(),
			Entrypoint: []string{"/" + project},
			Cmd:        []string{"--help"}, // where no command is given
			Env:        []string{"PATH=/"}, // for an exec into a container
		},
		RootFS: rootFS{Type: "layers"},
	}
	for _, l := range layers {
		c.RootFS.DiffIDs = append(c.RootFS.DiffIDs, l.diffID)
		c.History = append(c.History, history{r.committed, l.what})
	}
	return c
}

// layers are the authorities, which all architectures share, and the program.
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
