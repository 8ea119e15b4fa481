package examplestest

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/dev/picture"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

// pageVariable names a file that gets the page: tools/screenshot takes its
// picture from there.
const pageVariable = "HEDGEHOG_STATUS_PAGE"

// pictured are fabrics of every status.
func pictured() []map[string]any {
	server := func(name string, changes map[string]any) map[string]any {
		fields := map[string]any{"name": name, "status": "active", "kubernetes_server": "https://" + name +
			".k8s.example.com:6443"}
		maps.Copy(fields, changes)
		return fields
	}
	ago := func(d time.Duration) time.Time { return observed.Add(-d) }
	return []map[string]any{
		synced("berlin", map[string]any{"sync_interval": 600}),
		synced("tokyo", map[string]any{"last_sync": ago(7 * time.Minute), "sync_status": "syncing"}),
		synced("prague", map[string]any{"last_sync": ago(51*time.Hour + 20*time.Minute), "sync_interval": 900}),
		server("porto", map[string]any{"connection_error": "dial tcp 192.0.2.17:6443: connect: no route to host",
			"sync_status":       "error",
			"connection_status": "error", "last_sync": ago(3*time.Hour + 12*time.Minute), "sync_interval": 600}),
		server("vienna", map[string]any{"status": "planned"}),
		server("oslo", map[string]any{"status": "maintenance", "sync_enabled": false, "last_sync": ago(26 * time.Hour),
			"sync_status": "in_sync"}),
		{"name": "madrid", "status": "planned"},
		{"name": "bench", "status": "active", "sync_status": "in_sync"},
	}
}

func TestAccStatusPage_showsEachFabric(t *testing.T) {
	t.Parallel()
	text := statusPage(t, newCLI(t), pictured())
	p := parsePage(t, text)
	want := []row{
		{"porto", "Sync Error", "bg-danger text-white", "The last sync could not use the Kubernetes cluster: dial " +
			"tcp 192.0.2.17:6443: connect: no route to host.",
			"2026-11-23 08:48", "3 h 12 min", "due now", "–"},
		{"prague", "Out of Sync", "bg-danger text-white", "The last sync was 2 d 3 h ago, more than twice the " +
			"interval of 15 min.",
			"2026-11-21 08:40", "2 d 3 h", "due now", "–"},
		{"vienna", "Never Synced", "bg-warning text-dark", "The fabric is configured and has never been synced.", "–",
			"–", "due now", "–"},
		{"berlin", "In Sync", "bg-success text-white", "The last sync was 4 min ago, within the interval of 10 min.",
			"2026-11-23 11:56", "4 min", "2026-11-23 12:06", "–"},
		{"tokyo", "In Sync", "bg-success text-white", "The last sync was 7 min ago. A new one is due, but the " +
			"last one is at most an hour old.",
			"2026-11-23 11:53", "7 min", "running now", "–"},
		{"oslo", "Sync Disabled", "bg-secondary text-white", "Sync is switched off for this fabric (sync_enabled is " +
			"false).",
			"2026-11-22 10:00", "1 d 2 h", "–", "–"},
		{"bench", "Not Configured", "bg-secondary text-white", "No Kubernetes server is configured, so there is " +
			"nothing to sync with.", "–", "–", "–",
			`NetBox stores the sync status "in_sync", but no Kubernetes server is configured.` +
				`NetBox stores the sync status "in_sync", but no last sync time.`},
		{"madrid", "Not Configured", "bg-secondary text-white", "No Kubernetes server is configured, so there is " +
			"nothing to sync with.",
			"–", "–", "–", "–"},
	}
	if got := p.rows(); !slices.Equal(got, want) {
		t.Errorf("got the table\n%+v\nwant\n%+v", got, want)
	}
	links := p.all("a")
	if len(links) != 8 || !strings.HasSuffix(attribute(links[0], "href"), "/plugins/hedgehog/fabrics/4/") {
		t.Errorf("%d names lead to a page, the first to %q", len(links), attribute(links[0], "href"))
	}
	wantCounts := []string{"1 Sync Error", "1 Out of Sync", "1 Never Synced", "2 In Sync", "1 Sync Disabled",
		"2 Not Configured"}
	if got := p.counts(); !slices.Equal(got, wantCounts) {
		t.Errorf("got the counts %q, want %q", got, wantCounts)
	}
	for _, words := range []string{"As of 23 November 2026, 12:00 UTC", "3 of 8 fabrics need attention"} {
		if !strings.Contains(textOf(p.root), words) {
			t.Errorf("the page does not say %q", words)
		}
	}
	if file := os.Getenv(pageVariable); file != "" {
		must(t, os.WriteFile(file, []byte(text), 0o600))
	}
}

// Texts in NetBox are anybody's: none may become markup, nor be changed.
func TestAccStatusPage_escapesEveryText(t *testing.T) {
	t.Parallel()
	nasty := []string{
		`<script>alert(1)</script>`,
		`"><img src=x onerror=alert(1)>`,
		`\u003cb\u003e`,
		`\" onload=\"alert(1)`,
		`it's "A & B" &lt;C&gt; \\n`,
		`${1 + 1} %{ if true }yes%{ endif }`,
	}
	var fabrics []map[string]any
	for _, name := range nasty {
		fabrics = append(fabrics, map[string]any{"name": name, "kubernetes_server": "https://k8s.example.com",
			"sync_error": name, "sync_status": name})
	}
	p := parsePage(t, statusPage(t, newCLI(t), fabrics))
	for _, tag := range []string{"script", "img", "b"} {
		if found := p.all(tag); len(found) > 0 {
			t.Errorf("a text became the element <%s>", tag)
		}
	}
	rows := p.rows()
	for _, name := range nasty {
		i := slices.IndexFunc(rows, func(r row) bool { return r.name == name })
		if i < 0 {
			t.Errorf("the page has no fabric %s: %+v", name, rows)
			continue
		}
		if !strings.Contains(rows[i].reason, name) || !strings.Contains(rows[i].inconsistencies, strconv.Quote(name)) {
			t.Errorf("the texts of %s are not as NetBox has them: %+v", name, rows[i])
		}
	}
}

func TestAccStatusPage_badgesAreTheProvidersOwn(t *testing.T) {
	t.Parallel()
	text := statusPage(t, newCLI(t), pictured())
	p := parsePage(t, text)
	var want []string
	for _, s := range fabric.Statuses() {
		want = append(want, s.Display()+": badge "+s.Badge())
		for class := range strings.FieldsSeq(s.Badge()) {
			if !strings.Contains(text, "\n  ."+class+" { ") {
				t.Errorf("the stylesheet has no class %s", class)
			}
		}
	}
	var got []string
	for _, item := range p.counted() {
		badge := elements(item, "span")[0]
		got = append(got, textOf(badge)+": "+attribute(badge, "class"))
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("the counts have the badges %q; the provider has %q", got, want)
	}
}

// cssColor matches what names a color of the stylesheet: a class, or a variable of a scheme.
var cssColor = regexp.MustCompile(`(?:\.((?:bg|text)-\w+) \{ [a-z]+|(--[a-z-]+)): (#[0-9a-f]{6});`)

func TestStatusPage_textHasContrast(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join(repository, "examples/status-page/status.html.tftpl"))
	must(t, err)
	style, _, _ := strings.Cut(string(raw), "@media print")
	light, dark, _ := strings.Cut(style, "prefers-color-scheme: dark")
	colors := func(style string) map[string]string {
		named := map[string]string{}
		for _, m := range cssColor.FindAllStringSubmatch(style, -1) {
			named[m[1]+m[2]] = m[3]
		}
		return named
	}
	check := func(named map[string]string, text, below string) {
		t.Helper()
		if named[text] == "" || named[below] == "" || picture.Contrast(named[text], named[below]) < 4.5 {
			t.Errorf("%s %s on %s %s", text, named[text], below, named[below])
		}
	}
	for _, status := range fabric.Statuses() {
		classes := strings.Fields(status.Badge())
		check(colors(style), classes[1], classes[0])
	}
	for _, scheme := range []map[string]string{colors(light), colors(dark)} {
		for _, below := range []string{"--page", "--card"} {
			check(scheme, "--text", below)
			check(scheme, "--quiet", below)
		}
		check(scheme, "--text", "--alert")
		check(scheme, "--text", "--calm")
	}
}

// Two statuses are red, and two are gray.
func TestStatusPage_noTwoStatusesLookAlike(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join(repository, "examples/status-page/status.html.tftpl"))
	must(t, err)
	seen := map[string]fabric.Status{}
	for _, status := range fabric.Statuses() {
		looks := regexp.MustCompile(`\[data-status="` + string(status) + `"\] \{ (--sign: "[^"]+";)(.*)\}`)
		rule := looks.FindStringSubmatch(string(raw))
		if rule == nil {
			t.Errorf("%s has no sign", status)
			continue
		}
		for _, appearance := range []string{rule[1], status.Badge() + rule[2]} {
			if other, twice := seen[appearance]; twice {
				t.Errorf("%s and %s both look like %q", status, other, appearance)
			}
			seen[appearance] = status
		}
	}
}

func TestAccStatusPage_needsNothingFromElsewhere(t *testing.T) {
	t.Parallel()
	text := strings.ReplaceAll(statusPage(t, newCLI(t), pictured()), "<a href=", "") // followed by a click alone
	if found := regexp.MustCompile(`(?i)<(link|script|img|iframe)\b|\b(src|href)=|@import|url\(`).FindString(
		text); found != "" {
		t.Errorf("the page refers to something else by %q", found)
	}
}

func TestAccStatusPage_withoutFabrics(t *testing.T) {
	t.Parallel()
	p := parsePage(t, statusPage(t, newCLI(t), nil))
	if said := textOf(p.root); !strings.Contains(said, "No fabric to show.") || len(p.rows()) > 0 {
		t.Errorf("the page of a NetBox without fabrics says %q", said)
	}
}

// statusPage renders the example as its README says.
func statusPage(t *testing.T, c *cli, fabrics []map[string]any) string {
	t.Helper()
	w := newWorkspace(t, c, "status-page")
	for _, fields := range fabrics {
		w.netbox.AddFabric(fields)
	}
	printed := w.run("apply", "-auto-approve").must(t)
	if strings.Contains(printed, "<html") {
		t.Error("apply prints the whole page")
	}
	return w.run("output", "-raw", "html").must(t)
}

// page is a parsed status page.
type page struct{ root *html.Node }

func parsePage(t *testing.T, text string) page {
	t.Helper()
	root, err := html.Parse(strings.NewReader(text))
	must(t, err)
	return page{root}
}

// row is a line of the table as a reader sees it.
type row struct{ name, status, badge, reason, lastSync, age, nextSync, inconsistencies string }

func (p page) rows() []row {
	var rows []row
	for _, body := range p.all("tbody") {
		for _, line := range elements(body, "tr") {
			name, cells := elements(line, "th")[0], elements(line, "td")
			badge := elements(cells[0], "span")[0]
			rows = append(rows, row{
				textOf(elements(name, "a")[0]), textOf(badge), strings.TrimPrefix(attribute(badge, "class"), "badge "),
				textOf(cells[1]), textOf(cells[2]), textOf(cells[3]), textOf(cells[4]), textOf(cells[5]),
			})
		}
	}
	return rows
}

func (p page) counted() []*html.Node {
	return slices.DeleteFunc(p.all("li"), func(n *html.Node) bool {
		return !strings.HasPrefix(attribute(n, "class"),
			"count")
	})
}

func (p page) counts() []string {
	var counts []string
	for _, item := range p.counted() {
		counts = append(counts, textOf(elements(item, "strong")[0])+" "+textOf(elements(item, "span")[0]))
	}
	return counts
}

func (p page) all(tag string) []*html.Node { return elements(p.root, tag) }

// elements are the elements of a name in a node, in the order of the text.
func elements(within *html.Node, tag string) []*html.Node {
	var found []*html.Node
	for n := range within.Descendants() {
		if n.Type == html.ElementNode && n.Data == tag {
			found = append(found, n)
		}
	}
	return found
}

// textOf is a node's text, its own and that within.
func textOf(n *html.Node) string {
	if n.Type == html.TextNode {
		return n.Data
	}
	var b strings.Builder
	for inner := range n.Descendants() {
		if inner.Type == html.TextNode {
			b.WriteString(inner.Data)
		}
	}
	return b.String()
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}
