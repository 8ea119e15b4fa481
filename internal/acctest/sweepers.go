package acctest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
)

// Sweeper deletes what killed tests left in a NetBox: the objects of one kind whose names have
// the tests' prefix.
type Sweeper struct {
	Name  string
	After []string // sweepers that must run before

	list   string // path of the objects' list, below /api/
	name   string // the field that has the name
	prefix string
}

// Sweepers returns a sweeper for each kind of object that tests create. NetBox deletes
// imported objects with their fabric, and tokens with their user.
func Sweepers() []Sweeper {
	return []Sweeper{
		{Name: "event_rules", list: "extras/event-rules/", name: "name", prefix: NamePrefix},
		{Name: "webhooks", list: "extras/webhooks/", name: "name", prefix: NamePrefix, After: []string{"event_rules"}},
		{Name: "branches", list: "plugins/branching/branches/", name: "name", prefix: NamePrefix},
		{Name: "fabrics", list: "plugins/hedgehog/fabrics/", name: "name", prefix: NamePrefix,
			After: []string{"event_rules"}},
		{Name: "tags", list: "extras/tags/", name: "slug", prefix: NamePrefix},
		{Name: "custom_fields", list: "extras/custom-fields/", name: "name", prefix: underscored(NamePrefix)},
		{Name: "choice_sets", list: "extras/custom-field-choice-sets/", name: "name", prefix: NamePrefix,
			After: []string{"custom_fields"}},
		{Name: "permissions", list: "users/permissions/", name: "name", prefix: NamePrefix},
		{Name: "users", list: "users/users/", name: "username", prefix: NamePrefix},
	}
}

// ToSweep returns the NetBox in the environment: in the provider's variables or, if they are
// not set, in those of internal/dev/netboxserver.
func ToSweep() (*NetBox, error) {
	url, token := os.Getenv("NETBOX_SERVER_URL"), os.Getenv("NETBOX_API_TOKEN")
	if url == "" && token == "" {
		url, token = os.Getenv(envServerURL), os.Getenv(envToken)
	}
	if url == "" || token == "" {
		return nil, errors.New("name the NetBox to sweep in NETBOX_SERVER_URL and NETBOX_API_TOKEN")
	}
	return &NetBox{URL: strings.TrimRight(url, "/"), Token: token, admin: token}, nil
}

// Sweep deletes what tests left in the NetBox, and reports what it deleted. Its error lists
// what NetBox did not delete.
func (s Sweeper) Sweep(n *NetBox, report io.Writer) error {
	found, err := n.all(s.list, "")
	if err != nil {
		return err
	}
	var left []error
	for _, object := range found {
		name, _ := object[s.name].(string)
		id, _ := object["id"].(float64)
		if !strings.HasPrefix(name, s.prefix) {
			continue
		}
		what := fmt.Sprintf("%s/api/%s%.0f/ (%s)", n.URL, s.list, id, name)
		resp, raw, err := n.ask(http.MethodDelete, fmt.Sprintf("%s/api/%s%.0f/", n.URL, s.list, id), nil)
		switch {
		case err != nil:
			left = append(left, fmt.Errorf("%s is left: %w", what, err))
		case resp.StatusCode == http.StatusNotFound: // NetBox deleted it with another object
		case resp.StatusCode == http.StatusInternalServerError && s.Name == "fabrics":
			left = append(left, fmt.Errorf("%s is left: the published plugin deletes no fabric, and answers 500", what))
		case resp.StatusCode != http.StatusNoContent:
			left = append(left, fmt.Errorf("%s is left: %s", what, answerOf(resp, raw)))
		default:
			_, _ = fmt.Fprintf(report, "deleted %s\n", what)
		}
	}
	return errors.Join(left...)
}

// all returns the objects of a list below /api/, from all its pages. If NetBox does not have
// the plugin, there are none.
func (n *NetBox) all(list, query string) ([]map[string]any, error) {
	var all []map[string]any
	for {
		url := fmt.Sprintf("%s/api/%s?ordering=id&limit=1000&offset=%d%s", n.URL, list, len(all), query)
		resp, raw, err := n.ask(http.MethodGet, url, nil)
		if err != nil {
			return nil, err
		}
		if resp.StatusCode == http.StatusNotFound && strings.HasPrefix(list, "plugins/") {
			return nil, nil
		}
		var page struct {
			Next    *string          `json:"next"`
			Results []map[string]any `json:"results"`
		}
		if resp.StatusCode != http.StatusOK || json.Unmarshal(raw, &page) != nil {
			return nil, fmt.Errorf("listing %s: %s", url, answerOf(resp, raw))
		}
		if all = append(all, page.Results...); page.Next == nil {
			return all, nil
		}
	}
}

// answerOf returns NetBox's answer as text for a message.
func answerOf(resp *http.Response, raw []byte) string {
	const most = 300
	if !strings.HasPrefix(resp.Header.Get("Content-Type"), "application/json") {
		return "NetBox answers " + resp.Status
	}
	return fmt.Sprintf("NetBox answers %s: %s", resp.Status, raw[:min(len(raw), most)])
}
