//go:build unix

package main

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/clustertest"
)

const (
	providerPackage = "github.com/hedgehog-fabric/terraform-provider-hedgehog"
	environmentFile = "env.sh"
	// firstLine is the first line of the environment file. It marks a playground's folder.
	firstLine = "# The environment of the playground, for sh, bash and zsh. Each start writes it again."
)

//go:embed hcl
var hcl embed.FS

// folder is the user's working directory.
type folder struct{ path string }

// openFolder returns the folder at path. It must be new, empty, or an earlier playground's.
func openFolder(ctx context.Context, path string) (*folder, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	f := &folder{path}
	content, err := os.ReadDir(path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(content) == 0 {
		return f, os.MkdirAll(path, 0o700)
	}
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(f.in(environmentFile))
	if err != nil || !strings.HasPrefix(string(text), firstLine) {
		return nil, fmt.Errorf("%s has files that are not a playground's: choose another folder with -folder", path)
	}
	if last := netBoxOf(string(text)); last.answers(ctx) {
		return nil, fmt.Errorf("another playground is running in %s: stop it, or choose another folder with -folder",
			path)
	}
	return f, nil
}

var exported = regexp.MustCompile(`(?m)^export (NETBOX_\w+)=(.*)$`)

// netBoxOf returns the NetBox in an environment file.
func netBoxOf(environment string) *netBox {
	values := map[string]string{}
	for _, m := range exported.FindAllStringSubmatch(environment, -1) {
		values[m[1]] = m[2]
	}
	return &netBox{URL: values["NETBOX_SERVER_URL"], token: values["NETBOX_API_TOKEN"]}
}

func (f *folder) in(name string) string { return filepath.Join(f.path, filepath.FromSlash(name)) }

// installPrograms builds the provider, and puts the CLI next to it.
func (f *folder) installPrograms(ctx context.Context, c *cli) error {
	build := exec.CommandContext(ctx, "go", "build", "-o", f.in("bin/terraform-provider-hedgehog"), providerPackage)
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("building the provider: %w\n%s", err, out)
	}
	link := f.in("bin/" + c.name)
	if err := os.Remove(link); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return os.Symlink(c.path, link)
}

// write writes the environment and the HCL. It removes the state of an earlier playground,
// whose NetBox no longer exists, and keeps all other files.
func (f *folder) write(n *netBox, clusters map[string]*clustertest.Server) error {
	files := map[string]string{
		environmentFile: f.environment(n),
		"cli.tfrc": fmt.Sprintf("provider_installation {\n  dev_overrides {\n    \"hedgehog-fabric/hedgehog\" = %q\n"+
			"  }\n}\n", f.in("bin")),
	}
	var addresses []string
	for name, c := range clusters {
		addresses = append(addresses, example(name), c.URL())
		files["clusters/"+name+".pem"] = c.CA()
	}
	sources, err := fs.Glob(hcl, "hcl/*")
	if err != nil {
		return err
	}
	for _, source := range sources {
		text, err := hcl.ReadFile(source)
		if err != nil {
			return err
		}
		files[filepath.Base(source)] = strings.NewReplacer(addresses...).Replace(string(text))
	}
	for name, text := range files {
		if err := os.MkdirAll(filepath.Dir(f.in(name)), 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(f.in(name), []byte(text), 0o600); err != nil {
			return err
		}
	}
	for _, state := range []string{"terraform.tfstate", "terraform.tfstate.backup"} {
		if err := os.Remove(f.in(state)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// environment returns the file that a user sources. It unsets settings of another NetBox,
// such as a proxy's headers.
func (f *folder) environment(n *netBox) string {
	return firstLine + `
for name in $(env | sed -n 's/^\(NETBOX_[A-Z0-9_]*\)=.*/\1/p'); do unset "$name"; done
export NETBOX_SERVER_URL=` + quoted(n.URL) + `
export NETBOX_API_TOKEN=` + quoted(n.token) + `
export TF_CLI_CONFIG_FILE=` + quoted(f.in("cli.tfrc")) + `
export CHECKPOINT_DISABLE=1
export PATH=` + quoted(f.in("bin")) + `:"$PATH"
`
}

// plain matches text without special characters for a shell.
var plain = regexp.MustCompile(`^[\w./:@%+=-]+$`)

// quoted returns text as one word for a shell.
func quoted(text string) string {
	if plain.MatchString(text) {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}
