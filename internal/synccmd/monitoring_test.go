package synccmd

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

// exposed are the labels that each metric has, with their values.
type exposed map[string]map[string][]string

func exposedMetrics(t *testing.T) exposed {
	t.Helper()
	families, err := everyMetric(t).Gather()
	if err != nil {
		t.Fatal(err)
	}
	all := exposed{}
	for _, f := range families {
		labels := map[string][]string{"job": nil, "instance": nil} // which Prometheus adds
		for _, sample := range f.GetMetric() {
			for _, pair := range sample.GetLabel() {
				labels[pair.GetName()] = append(labels[pair.GetName()], pair.GetValue())
			}
		}
		if f.GetType().String() != "HISTOGRAM" {
			all[f.GetName()] = labels
			continue
		}
		labels["le"] = nil
		for _, suffix := range []string{"_bucket", "_sum", "_count"} {
			all[f.GetName()+suffix] = labels
		}
	}
	return all
}

var (
	selectors = regexp.MustCompile(`\b((?:hedgehog_sync|workqueue|process|go)_\w+)(?:\{([^}]*)\})?`)
	matchers  = regexp.MustCompile(`(\w+)\s*(?:=~|!~|!=|=)\s*"([^"]*)"`)
	groupings = regexp.MustCompile(`\b(?:by|on|without|ignoring)\s*\(([^)]*)\)`)
	// constants are labels whose values are all known; the others are names of fabrics,
	// status codes and the like.
	constants = []string{"status", "sync_status", "action", "outcome", "class", "name"}
)

// wantExposed checks that a query uses existing metrics, labels and values.
func (e exposed) wantExposed(t *testing.T, query string) {
	t.Helper()
	found := selectors.FindAllStringSubmatch(query, -1)
	if len(found) == 0 {
		t.Errorf("the query %q has no metric", query)
	}
	var labels []string
	for _, selector := range found {
		has, known := e[selector[1]]
		if !known {
			t.Errorf("there is no metric %s, in %q", selector[1], query)
			continue
		}
		for label := range has {
			labels = append(labels, label)
		}
		for _, matcher := range matchers.FindAllStringSubmatch(selector[2], -1) {
			values, known := has[matcher[1]]
			if !known {
				t.Errorf("%s has no label %s, in %q", selector[1], matcher[1], query)
			}
			for value := range strings.SplitSeq(matcher[2], "|") {
				if slices.Contains(constants, matcher[1]) && !slices.Contains(values, value) {
					t.Errorf("label %s of %s is never %q, in %q", matcher[1], selector[1], value, query)
				}
			}
		}
	}
	for _, grouping := range groupings.FindAllStringSubmatch(query, -1) {
		for label := range strings.SplitSeq(grouping[1], ",") {
			if !slices.Contains(labels, strings.TrimSpace(label)) {
				t.Errorf("no metric has the label %q, in %q", label, query)
			}
		}
	}
}

// alertRule is a rule of a file of alerts.
type alertRule struct {
	Alert, Expr         string
	Labels, Annotations map[string]string
}

func (r *alertRule) wantComplete(t *testing.T, metrics exposed) {
	t.Helper()
	metrics.wantExposed(t, r.Expr)
	if r.Annotations["summary"] == "" || r.Annotations["description"] == "" || r.Labels["severity"] == "" {
		t.Errorf("%s does not say enough: %+v", r.Alert, r)
	}
}

func TestMonitoring_alertsAskForWhatThereIs(t *testing.T) {
	var file struct{ Groups []struct{ Rules []alertRule } }
	if err := yaml.Unmarshal([]byte(readExample(t, "monitoring/alerts.yaml")), &file); err != nil {
		t.Fatal(err)
	}
	metrics, tests := exposedMetrics(t), readExample(t, "monitoring/alerts_test.yaml")
	for _, rule := range file.Groups[0].Rules {
		rule.wantComplete(t, metrics)
		if !strings.Contains(tests, "alertname: "+rule.Alert+"\n        exp_alerts:") {
			t.Errorf("no test makes %s fire", rule.Alert)
		}
		if !strings.Contains(tests, "alertname: "+rule.Alert+"}") {
			t.Errorf("no test keeps %s quiet", rule.Alert)
		}
	}
	if n := len(file.Groups[0].Rules); n < 8 {
		t.Errorf("got %d rules", n)
	}
}

// The README has a rule for a fabric that must exist.
func TestMonitoring_alertOfTheReadmeAsksForWhatThereIs(t *testing.T) {
	_, text, found := strings.Cut(readExample(t, "README.md"), "```yaml\n- alert: ")
	text, _, closed := strings.Cut(text, "```")
	var rules []alertRule
	if err := yaml.Unmarshal([]byte("- alert: "+text), &rules); err != nil || !found || !closed || len(rules) != 1 {
		t.Fatalf("%v: %v", err, rules)
	}
	rules[0].wantComplete(t, exposedMetrics(t))
}

func TestMonitoring_dashboardAsksForWhatThereIs(t *testing.T) {
	var dashboard struct {
		Templating struct {
			List []struct{ Name, Definition string }
		}
		Panels []struct {
			ID      int
			Title   string
			GridPos struct{ X, Y, W, H int }
			Targets []struct{ Expr string }
		}
	}
	if err := json.Unmarshal([]byte(readExample(t, "monitoring/dashboard.json")), &dashboard); err != nil {
		t.Fatal(err)
	}
	metrics := exposedMetrics(t)
	for _, variable := range dashboard.Templating.List {
		if variable.Name != "datasource" {
			metrics.wantExposed(t, variable.Definition)
		}
	}
	used := map[[2]int]int{}
	for _, panel := range dashboard.Panels {
		if len(panel.Targets) == 0 {
			t.Errorf("panel %q shows nothing", panel.Title)
		}
		for _, target := range panel.Targets {
			metrics.wantExposed(t, target.Expr)
		}
		for x := range panel.GridPos.W {
			for y := range panel.GridPos.H {
				at := [2]int{panel.GridPos.X + x, panel.GridPos.Y + y}
				if other := used[at]; other != 0 || at[0] >= 24 {
					t.Fatalf("panel %q overlaps panel %d, or is outside the page", panel.Title, other)
				}
				used[at] = panel.ID
			}
		}
	}
}
