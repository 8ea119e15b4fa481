package examplestest

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Each line of an import.sh is run alone, on a NetBox that has what the lines name.
func TestAccImportCommands_importWhatTheyName(t *testing.T) {
	c := newCLI(t)
	files, err := filepath.Glob(filepath.Join(examplesFolder, "resources", "*", "import.sh"))
	must(t, err)
	if len(files) == 0 {
		t.Fatal("no resource has an import.sh")
	}
	wantNames := map[string]string{"7": "berlin", "berlin": "berlin", "name:2026": "2026"}
	for _, file := range files {
		folder := "resources/" + filepath.Base(filepath.Dir(file))
		for _, command := range commands(t, file) {
			t.Run(folder+"/"+command, func(t *testing.T) {
				t.Parallel()
				w := newWorkspace(t, c, folder)
				choose(t, w.dir, "")
				found := inspect(t, w.dir)
				c.need(t, found)
				w.netbox.AddFabric(synced("2026", nil))
				w.netbox.AddFabric(synced("berlin", map[string]any{"id": 7}))
				w.prepare(found, settings[folder], "")
				words := strings.Fields(command)
				w.run(words[1:]...).must(t)
				want, known := wantNames[words[len(words)-1]]
				if got := w.importedName(words[len(words)-2]); !known || got != want {
					t.Errorf("%s imports the fabric %q, want %q", command, got, want)
				}
			})
		}
	}
}

// commands are the lines of a script that call the CLI.
func commands(t *testing.T, file string) []string {
	t.Helper()
	raw, err := os.ReadFile(file)
	must(t, err)
	var found []string
	for line := range strings.Lines(string(raw)) {
		if strings.HasPrefix(line, "terraform ") {
			found = append(found, strings.TrimSpace(line))
		}
	}
	return found
}

// importedName is the name of a fabric in the state.
func (w *workspace) importedName(address string) string {
	w.t.Helper()
	var state struct {
		Values struct {
			Root struct {
				Resources []struct {
					Address string
					Values  struct{ Name string }
				}
			} `json:"root_module"`
		}
	}
	must(w.t, json.Unmarshal([]byte(w.run("show", "-json").must(w.t)), &state))
	for _, resource := range state.Values.Root.Resources {
		if resource.Address == address {
			return resource.Values.Name
		}
	}
	return ""
}
