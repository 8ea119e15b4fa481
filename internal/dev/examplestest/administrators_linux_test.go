package examplestest

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/acctest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

const administrators = "templates/guides/netbox-administrators.md"

// The checks of the guide print what it says: first on the published plugin, then on the
// patched one.
func TestGuide_administratorsChecks(t *testing.T) {
	needCommands(t, "bash", "curl", "sed")
	for form, options := range map[string]netboxtest.Options{
		"published": {PublishedDisplayURL: true},
		"patched":   {ObjectFilter: netboxtest.FilterFields},
	} {
		t.Run(form, func(t *testing.T) {
			t.Parallel()
			s := acctest.Standin(t, options).Standin
			id := s.AddFabric(map[string]any{"name": "berlin", "kubernetes_token": "eyJhbGciOiJSUzI1NiJ9"})
			s.AddObjects("switches", 2, func(i int) map[string]any {
				return map[string]any{"fabric": id, "name": fmt.Sprintf("leaf-%d", i), "namespace": "default",
					"spec": map[string]any{"role": "server-leaf"}}
			})
			addEventRule(t, s, id)
			checked := 0
			for _, c := range administratorsChecks(t) {
				want := c.published
				if options.ObjectFilter != netboxtest.NoFilter {
					want = c.patched
				}
				script := strings.NewReplacer("https://netbox.example.com", s.URL(), "NETBOX_API_TOKEN=…",
					"NETBOX_API_TOKEN="+netboxtest.AdminToken, "fabric=1", fmt.Sprint("fabric=", id)).Replace(c.script)
				for _, shell := range []string{"bash", "sh"} { // an administrator repeats a check, in a new shell
					got := runScript(t, shell, t.TempDir(), curlWithoutToken+script)
					if !likely(want).MatchString(compact(got)) {
						t.Errorf("%s, %s: the check prints in %s\n%s\nwant\n%s", administrators, c.title, shell, got,
							want)
					}
				}
				checked++
			}
			if checked < 8 {
				t.Errorf("only %d checks were found", checked)
			}
		})
	}
}

// curlWithoutToken runs curl, and prints a line instead if the token is on its command line, which
// other users of the machine can read.
const curlWithoutToken = `curl() {
  case "$*" in
  *` + netboxtest.AdminToken + `*) echo "the token is on the command line of curl" ;;
  *) command curl "$@" ;;
  esac
}
`

// adminCheck has the commands of a section, after those that prepare all of them.
type adminCheck struct {
	title, script      string
	published, patched string // what the last command prints
}

// administratorsChecks are those of the guide. Where a patch changes nothing, only one answer
// is shown.
func administratorsChecks(t *testing.T) []adminCheck {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(repository, administrators))
	must(t, err)
	preparation, checks := "", []adminCheck(nil)
	for section := range strings.SplitSeq(string(raw), "\n## ") {
		all := blocksOf(section)
		if strings.HasPrefix(section, "Before you start") {
			preparation = all[0].text
			continue
		}
		title, _, _ := strings.Cut(section, "\n")
		c := adminCheck{title: title, script: preparation}
		for _, b := range all {
			answer := b.language == "json" || b.language == "text"
			switch {
			case b.language == "sh" && strings.Contains(b.text, "curl"):
				c.script += b.text
				c.published, c.patched = "", ""
			case answer && c.published == "":
				c.published = b.text
			case answer:
				c.patched = b.text
			}
		}
		if row := answerInTable.FindStringSubmatch(section); c.published == "" && row != nil {
			c.published = row[1]
		}
		if c.patched == "" {
			c.patched = c.published
		}
		if c.script != preparation {
			checks = append(checks, c)
		}
	}
	return checks
}

var (
	answerInTable = regexp.MustCompile("\n\\| `([^`]+)` \\|")
	digits        = regexp.MustCompile(`\d+`)
)

// likely returns a pattern for what a check prints last: numbers in JSON may be others, and "…"
// may be anything.
func likely(answer string) *regexp.Regexp {
	answer = strings.ReplaceAll(answer, "https://netbox.example.com", "…")
	pattern := regexp.QuoteMeta(compact(answer))
	if strings.HasPrefix(answer, "{") {
		pattern = digits.ReplaceAllString(pattern, `\d+`)
	}
	return regexp.MustCompile("(^|\n)" + strings.NewReplacer(`"…"`, ".*", "…", ".*").Replace(pattern) + "$")
}

// compact returns JSON without blanks and with its keys in order. Other text stays, but for
// blanks around it.
func compact(text string) string {
	var value any
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		return strings.TrimSpace(text)
	}
	again, _ := json.Marshal(value)
	return string(again)
}

// addEventRule adds an event rule, so that NetBox renders a fabric after each update.
func addEventRule(t *testing.T, s *netboxtest.Server, fabric int64) {
	t.Helper()
	script := fmt.Sprintf("send() {\ncurl -sf -X $1 -H 'Authorization: Token %s' -H 'Content-Type: application/json' "+
		"%s/api/$2 -d \"$3\"\n}\n", netboxtest.AdminToken, s.URL()) + fmt.Sprintf(`
send PATCH "plugins/hedgehog/fabrics/%d/?omit=display_url" '{"description": "Hall 2"}'
send POST extras/webhooks/ '{"name": "w", "payload_url": "http://127.0.0.1:1/"}'
send POST extras/event-rules/ '{"name": "e", "event_types": ["object_updated"], "action_type": "webhook",
  "object_types": ["netbox_hedgehog.hedgehogfabric"], "action_object_type": "extras.webhook", "action_object_id": 1}'
`, fabric)
	bash(t, t.TempDir(), script)
}

// filtersOfViews runs the plugin's views with what they need of NetBox, and prints their filters.
const filtersOfViews = `python3 - <<'END'
from types import SimpleNamespace as Any

def objects_with(*names):
    return Any(model=Any(_meta=Any(fields=[Any(name=name) for name in names])))

class APIView: pass
class NetBoxModelViewSet: pass
exec(open('api/views.py').read())
for view in HedgehogFabricViewSet, VPCViewSet, SyncView:
    print(view.__name__, getattr(view, 'filterset_fields', None))
END
`

// The two patches can be pasted twice, change what the guide says, and can be undone.
func TestGuide_administratorsPatches(t *testing.T) {
	needCommands(t, "bash", "sed", "grep", "python3")
	plugin := t.TempDir()
	files := map[string]string{
		"api/serializers.py": "class BaseCRDSerializer(NetBoxModelSerializer):\n    fabric = 1\n\n\n" +
			"class FabricSerializer(NetBoxModelSerializer):\n    pass\n\n\n" +
			"class HedgehogFabricSerializer(NetBoxModelSerializer):\n    pass\n\n\n" +
			"class VPCSerializer(BaseCRDSerializer):\n    pass\n",
		"api/views.py": "class HedgehogFabricViewSet(NetBoxModelViewSet):\n    queryset = objects_with('name')\n\n\n" +
			"class VPCViewSet(NetBoxModelViewSet):\n    queryset = objects_with('name', 'fabric')\n\n\n" +
			"class SyncView(APIView):\n    pass", // its last line has no end, as the plugin's
	}
	must(t, os.Mkdir(filepath.Join(plugin, "api"), 0o700))
	for name, text := range files {
		must(t, os.WriteFile(filepath.Join(plugin, name), []byte(text), 0o600))
	}
	raw, err := os.ReadFile(filepath.Join(repository, administrators))
	must(t, err)
	patches, want := "", ""
	for _, b := range blocksOf(string(raw)) {
		if b.language == "sh" && strings.HasPrefix(b.text, `cd "$plugin/api"`+"\n") {
			patches += b.text
		}
		if b.language == "python" {
			want = b.text
		}
	}
	patches = fmt.Sprintf("plugin=%q\n", plugin) + patches
	if strings.Count(patches, "\ncd ") != 2 {
		t.Fatalf("the guide's patches are\n%s", patches)
	}
	if got := bash(t, plugin, patches); got != want {
		t.Errorf("the patch prints\n%s\nwant\n%s", got, want)
	}
	content := func(name string) string {
		text, err := os.ReadFile(filepath.Join(plugin, name))
		must(t, err)
		return string(text)
	}
	once := content("api/serializers.py") + content("api/views.py")
	bash(t, plugin, patches)
	if twice := content("api/serializers.py") + content("api/views.py"); twice != once {
		t.Errorf("a second run makes\n%s\nof\n%s", twice, once)
	}
	if strings.Count(once, "    display_url = None\n") != 3 || !strings.Contains(once, "pass\n# Filter objects") {
		t.Errorf("the patched files are\n%s", once)
	}
	if got, want := bash(t, plugin, filtersOfViews), "HedgehogFabricViewSet None\nVPCViewSet ['fabric']\n"+
		"SyncView None\n"; got != want {
		t.Errorf("the patched view sets filter by\n%s\nwant\n%s", got, want)
	}
	for _, undo := range regexp.MustCompile("To undo the patch, run `([^`]+)`").FindAllStringSubmatch(string(raw), -1) {
		bash(t, filepath.Join(plugin, "api"), undo[1])
	}
	for name, text := range files {
		if got := content(name); strings.TrimSpace(got) != strings.TrimSpace(text) {
			t.Errorf("after both are undone, %s is\n%s", name, got)
		}
	}
}

func needCommands(t *testing.T, names ...string) {
	t.Helper()
	for _, name := range names {
		if _, err := exec.LookPath(name); err != nil {
			t.Skipf("the guide's commands need %s", name)
		}
	}
}

// bash returns what a script prints. Every command in it must succeed.
func bash(t *testing.T, dir, script string) string {
	t.Helper()
	return runScript(t, "bash", dir, "set -o pipefail\n"+script)
}

func runScript(t *testing.T, shell, dir, script string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), shell, "-eu", "-c", script)
	cmd.Dir, cmd.Env = dir, ownEnvironment()
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("got %v\n%s\n%s", err, script, out)
	}
	return string(out)
}
