package acctest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

// Environment variables that internal/dev/netboxserver sets for tests.
const (
	envServerURL  = "HEDGEHOG_ACC_SERVER_URL"
	envToken      = "HEDGEHOG_ACC_API_TOKEN"
	envDisplayURL = "HEDGEHOG_ACC_DISPLAY_URL"
)

// NamePrefix is the prefix of the names of all objects that tests create in NetBox. In custom
// fields, underscores replace its hyphens. Tags have it in the slug. See [Sweepers].
const NamePrefix = "tf-acc-"

// NetBox is the NetBox of a test.
type NetBox struct {
	URL   string
	Token string // the administrator's, unless the NetBox is a user's view
	// Published reports whether display_url is broken as in the published plugin, so that
	// DELETE fails with the status 500.
	Published bool
	// Standin is nil on a real NetBox.
	Standin *netboxtest.Server

	admin string // the administrator's v1 token, for acctest's own requests
	user  string // the user whose view this is; "" for the administrator
	// branch is the schema id of the branch whose view this is, or "" for main.
	branch string
}

// Start returns the NetBox to test against.
func Start(t *testing.T) *NetBox {
	t.Helper()
	published := os.Getenv(envDisplayURL) == "published"
	if url := os.Getenv(envServerURL); url != "" {
		used.add("", os.Getenv(envToken))
		return &NetBox{
			URL: strings.TrimRight(url, "/"), Token: os.Getenv(envToken), admin: os.Getenv(envToken),
			Published: published,
		}
	}
	return Standin(t, netboxtest.Options{PublishedDisplayURL: published})
}

// Standin returns a stand-in, even if the environment names a real NetBox, for tests that
// need faults or a clock.
func Standin(t *testing.T, options netboxtest.Options) *NetBox {
	t.Helper()
	s, err := netboxtest.New(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	watchNetBox(t, s)
	// internal/dev/netboxserver adds the same tag to a real NetBox.
	s.AddTag("Prod", "prod")
	s.AddTag("Lab", "lab")
	seedCustomFields(s)
	return &NetBox{
		URL: s.URL(), Token: netboxtest.AdminToken, admin: netboxtest.AdminToken,
		Published: options.PublishedDisplayURL, Standin: s,
	}
}

// Name returns a fabric name that no other test uses.
func Name(suffix string) string {
	return NamePrefix + random(4) + "-" + suffix
}

// ProviderConfig returns a provider block for the NetBox, with the given extra lines.
func (n *NetBox) ProviderConfig(more ...string) string {
	return fmt.Sprintf("provider \"hedgehog\" {\n  server_url = %q\n  api_token  = %q\n  %s\n}\n", n.URL, n.Token,
		strings.Join(more, "\n  "))
}

// Deletion returns the line that a fabric's configuration needs so that destroy works:
// deletion_policy = "abandon" where DELETE fails, otherwise nothing.
func (n *NetBox) Deletion() string {
	if n.Published {
		return `deletion_policy = "abandon"`
	}
	return ""
}

// Create creates a fabric outside of Terraform, and returns its id. The end of the test
// deletes it.
func (n *NetBox) Create(t *testing.T, fields map[string]any) int64 {
	t.Helper()
	id := n.CreateKept(t, fields)
	if !n.Published {
		t.Cleanup(func() { n.remove(id) })
	}
	return id
}

// CreateKept is like Create, for a fabric that a later run of the tests deletes.
func (n *NetBox) CreateKept(t *testing.T, fields map[string]any) int64 {
	t.Helper()
	var made struct {
		ID int64 `json:"id"`
	}
	n.call(t, http.MethodPost, "", fields, http.StatusCreated, &made)
	return made.ID
}

// Patch changes a fabric outside of Terraform.
func (n *NetBox) Patch(t *testing.T, id int64, fields map[string]any) {
	t.Helper()
	n.call(t, http.MethodPatch, fmt.Sprintf("%d/", id), fields, http.StatusOK, nil)
}

// Fabric returns a fabric's record, and whether there is one.
func (n *NetBox) Fabric(t *testing.T, id int64) (map[string]any, bool) {
	t.Helper()
	var record map[string]any
	status := n.send(t, http.MethodGet, fmt.Sprintf("%d/", id), nil, &record)
	if status != http.StatusOK && status != http.StatusNotFound {
		t.Fatalf("reading fabric %d: status %d", id, status)
	}
	return record, status == http.StatusOK
}

// CustomFieldData returns what NetBox stores in a fabric's custom fields, in JSON
// with all digits.
func (n *NetBox) CustomFieldData(t *testing.T, id int64) map[string]json.RawMessage {
	t.Helper()
	var record struct {
		Data map[string]json.RawMessage `json:"custom_field_data"`
	}
	n.call(t, http.MethodGet, fmt.Sprintf("%d/", id), nil, http.StatusOK, &record)
	return record.Data
}

// Named returns all fabrics with a name.
func (n *NetBox) Named(t *testing.T, name string) []map[string]any {
	t.Helper()
	var named []map[string]any
	for _, r := range list(t, n, "fabrics", "") {
		if r["name"] == name {
			named = append(named, r)
		}
	}
	return named
}

// Delete deletes a fabric outside of Terraform. It needs a NetBox whose DELETE works.
func (n *NetBox) Delete(t *testing.T, id int64) {
	t.Helper()
	n.call(t, http.MethodDelete, fmt.Sprintf("%d/", id), nil, http.StatusNoContent, nil)
}

// Now returns NetBox's time, in whole seconds.
func (n *NetBox) Now(t *testing.T) time.Time {
	t.Helper()
	resp, _ := n.do(t, http.MethodGet, "?limit=1", nil)
	now, err := http.ParseTime(resp.Header.Get("Date"))
	if err != nil {
		t.Fatal(err)
	}
	return now
}

// Later lets time pass for a fabric. It moves the stand-in's clock forward. On a real NetBox,
// whose clock it cannot set, it moves last_sync back.
func (n *NetBox) Later(t *testing.T, d time.Duration, id int64) {
	t.Helper()
	if n.Standin != nil {
		n.Standin.Advance(d)
		return
	}
	record, _ := n.Fabric(t, id)
	if text, ok := record["last_sync"].(string); ok {
		last, err := time.Parse(time.RFC3339Nano, text)
		if err != nil {
			t.Fatal(err)
		}
		n.Patch(t, id, map[string]any{"last_sync": last.Add(-d).Format(time.RFC3339Nano)})
	}
}

func (n *NetBox) call(t *testing.T, method, path string, body any, want int, into any) {
	t.Helper()
	var raw json.RawMessage
	if status := n.send(t, method, path, body, &raw); status != want {
		t.Fatalf("%s fabrics/%s: status %d, want %d: %s", method, path, status, want, raw)
	}
	if into != nil {
		if err := json.Unmarshal(raw, into); err != nil {
			t.Fatal(err)
		}
	}
}

func (n *NetBox) send(t *testing.T, method, path string, body, into any) int {
	t.Helper()
	resp, raw := n.do(t, method, path, body)
	if into != nil && len(raw) > 0 && strings.HasPrefix(resp.Header.Get("Content-Type"), "application/json") {
		if err := json.Unmarshal(raw, into); err != nil {
			t.Fatal(err)
		}
	}
	return resp.StatusCode
}

func (n *NetBox) do(t *testing.T, method, path string, body any) (*http.Response, []byte) {
	t.Helper()
	resp, raw, err := n.exchange(method, path, body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, raw
}

// remove deletes a fabric that a test left.
func (n *NetBox) remove(id int64) {
	_, _, _ = n.exchange(http.MethodDelete, fmt.Sprintf("%d/", id), nil) // it may not exist any more
}

// Answers reports whether a NetBox under test has an object at a URL of its API. For a closed
// stand-in it returns false.
func Answers(url string) bool {
	token := netboxtest.AdminToken
	if real := os.Getenv(envServerURL); real != "" && strings.HasPrefix(url, real) {
		token = os.Getenv(envToken)
	}
	resp, _, err := (&NetBox{admin: token}).ask(http.MethodGet, url, nil)
	return err == nil && resp.StatusCode == http.StatusOK
}

func (n *NetBox) exchange(method, path string, body any) (*http.Response, []byte, error) {
	return n.ask(method, n.URL+"/api/plugins/hedgehog/fabrics/"+path, body)
}

// ask sends a request to a URL of the NetBox.
func (n *NetBox) ask(method, url string, body any) (*http.Response, []byte, error) {
	payload := &bytes.Buffer{}
	if body != nil {
		if err := json.NewEncoder(payload).Encode(body); err != nil {
			return nil, nil, err
		}
	}
	separator := "?"
	if strings.Contains(url, "?") {
		separator = "&"
	}
	url += separator + "omit=display_url"
	req, err := http.NewRequestWithContext(context.Background(), method, url, payload)
	if err != nil {
		return nil, nil, err
	}
	req.Header.Set("Authorization", authorization(n.admin))
	if n.branch != "" {
		req.Header.Set(branchHeader, n.branch)
	}
	req.Header.Set("User-Agent", userAgent)
	req.Header.Set("Accept", "application/json")
	req.Header.Set("Content-Type", "application/json")
	// NetBox soon closes idle connections, and a write on such a connection would be lost.
	req.Close = true
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, nil, err
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	return resp, raw, err
}

// authorization returns the header for a token. v2 tokens have a different one.
func authorization(token string) string {
	if strings.HasPrefix(token, "nbt_") {
		return "Bearer " + token
	}
	return "Token " + token
}
