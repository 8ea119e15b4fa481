package acctest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

// The sweepers delete what tests create, in any NetBox under test. Objects with similar names stay.
// No other test may run on that NetBox at the same time.
func TestSweepers_deleteWhatTestsMakeAndNothingElse(t *testing.T) {
	t.Run("NetBox under test", func(t *testing.T) { sweepAll(t, Start(t)) })
	t.Run("published plugin", func(t *testing.T) {
		sweepAll(t, Standin(t, netboxtest.Options{PublishedDisplayURL: true}))
	})
}

func sweepAll(t *testing.T, n *NetBox) {
	t.Helper()
	const fabrics = "plugins/hedgehog/fabrics/"
	for list, body := range map[string]map[string]any{
		fabrics:        {"name": "my-tf-acc-fabric"},
		"extras/tags/": {"name": "tf-acc-tag", "slug": "my-tf-acc-tag"},
		"extras/custom-fields/": {"name": "my_tf_acc_field", "type": "text",
			"object_types": []string{fabricObject}},
		"extras/custom-field-choice-sets/": {"name": "tf-acc", "extra_choices": choices([]string{"a"})},
		"extras/webhooks/":                 {"name": "TF-ACC-webhook", "payload_url": "http://127.0.0.1:9/"},
		"users/users/":                     {"username": "tf_acc_user", "password": "Aa1-" + random(16)},
		"users/permissions/": {"name": "tf-accident", "object_types": []string{fabricObject},
			"actions": []string{"view"}},
	} {
		n.make(t, list, body)
	}
	want := n.swept(t)

	name := Name("left")
	fabric := n.CreateKept(t, map[string]any{"name": name})
	n.Tag(t, "Left")
	set, _ := n.ChoiceSet(t, "a")
	n.CustomField(t, CustomField{Type: "select", ChoiceSet: set})
	n.WithoutDefinitions(t)
	n.EventRule(t)
	var report strings.Builder
	var failed []string
	for _, s := range Sweepers() {
		if err := s.Sweep(n, &report); err != nil {
			failed = append(failed, err.Error())
		}
		if deleted := fmt.Sprintf("deleted %s/api/%s", n.URL, s.list); s.Name != "branches" && s.Name != "fabrics" &&
			!strings.Contains(report.String(), deleted) {
			t.Errorf("the report does not say what was deleted of %s:\n%s", s.Name, report.String())
		}
	}

	url := fmt.Sprintf("%s/api/%s%d/ (%s)", n.URL, fabrics, fabric, name)
	switch {
	case n.Published: // which cannot delete fabrics
		want[fabrics] = append(want[fabrics], name)
		if len(failed) != 1 || !strings.HasPrefix(failed[0], url+" is left: the published plugin ") {
			t.Errorf("sweeping failed with %q, want that %s is left", failed, url)
		}
	case len(failed) > 0:
		t.Errorf("sweeping failed: %s", strings.Join(failed, "\n"))
	case !strings.Contains(report.String(), "deleted "+url+"\n"):
		t.Errorf("the report does not say that %s was deleted:\n%s", url, report.String())
	}
	if got := n.swept(t); !reflect.DeepEqual(got, want) {
		t.Errorf("after the sweepers NetBox has\n%v\nwant\n%v", got, want)
	}
}

func TestSweepers_branches(t *testing.T) {
	n := StartBranching(t)
	branch := n.Branch(t, "left")
	for _, s := range Sweepers() {
		var report strings.Builder
		if err := s.Sweep(n, &report); err != nil && s.Name == "branches" {
			t.Error(err)
		}
		if deleted := strings.Contains(report.String(), "("+branch.Name+")"); deleted != (s.Name == "branches") {
			t.Errorf("%s says\n%s", s.Name, report.String())
		}
	}
	if names := n.swept(t)["plugins/branching/branches/"]; slices.Contains(names, branch.Name) {
		t.Errorf("NetBox has the branches %q", names)
	}
}

// Objects that others need are deleted after them, even if the sweepers run in their listed order.
func TestSweepers_order(t *testing.T) {
	var done []string
	for _, s := range Sweepers() {
		for _, before := range s.After {
			if !slices.Contains(done, before) {
				t.Errorf("%s is before %s", s.Name, before)
			}
		}
		done = append(done, s.Name)
	}
}

// swept returns the names in every list that is swept.
func (n *NetBox) swept(t *testing.T) map[string][]string {
	t.Helper()
	names := map[string][]string{}
	for _, s := range Sweepers() {
		objects, err := n.all(s.list, "")
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range objects {
			name, _ := o[s.name].(string)
			names[s.list] = append(names[s.list], name)
		}
	}
	return names
}

// make makes an object in a list, and removes it after the test.
func (n *NetBox) make(t *testing.T, list string, body map[string]any) {
	t.Helper()
	resp, raw, err := n.ask(http.MethodPost, n.URL+"/api/"+list, body)
	var made struct {
		ID int64 `json:"id"`
	}
	if err != nil || resp.StatusCode != http.StatusCreated || json.Unmarshal(raw, &made) != nil {
		t.Fatalf("making %v in %s: %v: %s", body, list, err, raw)
	}
	t.Cleanup(func() {
		_, _, _ = n.ask(http.MethodDelete, fmt.Sprintf("%s/api/%s%d/", n.URL, list, made.ID), nil)
	})
}
