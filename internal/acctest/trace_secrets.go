package acctest

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/clustertest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

// distinctive is the length from which a secret is searched for in all logs. A shorter one may
// be an ordinary word in the log of another test.
const distinctive = 10

// secrets are the secrets that tests have used, each with the tests that used it; ""
// means all tests.
type secrets struct {
	mu     sync.Mutex
	owners map[string][]string
}

var used = secrets{}

// Secret registers values that a test uses as secrets. The secrets that stand-ins see are
// registered automatically.
func Secret(t *testing.T, values ...string) {
	t.Helper()
	used.add(t.Name(), values...)
}

func (s *secrets) add(test string, values ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, value := range values {
		if value = strings.TrimSpace(value); len(value) < 4 {
			continue // too short to distinguish from other text
		}
		if s.owners == nil {
			s.owners = map[string][]string{}
		}
		if !slices.Contains(s.owners[value], test) {
			s.owners[value] = append(s.owners[value], test)
		}
	}
}

// of returns the secrets that must not be in a log with this name, longest first.
func (s *secrets) of(log string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []string
	for value, owners := range s.owners {
		if len(value) >= distinctive || slices.ContainsFunc(owners, func(test string) bool {
			name := logName(test)
			return test == "" || log == name || strings.HasPrefix(log, name+"__")
		}) {
			all = append(all, spellings(value)...)
		}
	}
	slices.SortFunc(all, func(a, b string) int { return len(b) - len(a) })
	return slices.Compact(all)
}

// spellings returns a secret as it is, and as JSON and URLs encode it.
func spellings(value string) []string {
	raw, _ := json.Marshal(value) // a string can always be encoded
	inJSON := strings.Trim(string(raw), `"`)
	all := []string{value}
	for _, other := range []string{inJSON, url.QueryEscape(value), url.PathEscape(value)} {
		if !slices.Contains(all, other) {
			all = append(all, other)
		}
	}
	return all
}

// standinTokens returns the tokens that every stand-in accepts.
func standinTokens() []string {
	return tokensOf(netboxtest.AdminToken, netboxtest.AdminTokenV2, netboxtest.LimitedToken,
		clustertest.FullToken, clustertest.AdminToken, clustertest.PartialToken, clustertest.NobodyToken)
}

// tokensOf returns API tokens, and also the second half of a v2 token.
func tokensOf(tokens ...string) []string {
	var all []string
	for _, token := range tokens {
		all = append(all, token)
		if _, half, found := strings.Cut(token, "."); found {
			all = append(all, half)
		}
	}
	return all
}

// A request's header is a secret because of its name, or because its value is one long word.
// The provider's own rule, which is under test, is finer.
var (
	secretName = regexp.MustCompile(`(?i)auth|cookie|credential|key|pass|secret|session|signature|token`)
	longWord   = regexp.MustCompile(`^\S{20,}$`)
)

// sentBy returns the secrets of a request: its credentials, secret values of the provider's
// extra headers, and the token of a fabric.
func sentBy(header http.Header, body []byte) []string {
	var all []string
	for name, values := range header {
		for _, value := range values {
			if _, token, found := strings.Cut(value, " "); found && name == "Authorization" {
				all = append(all, tokensOf(token)...)
			}
			if strings.HasPrefix(name, "X-") && (secretName.MatchString(name) || longWord.MatchString(value)) {
				all = append(all, value)
			}
		}
	}
	var fields map[string]any
	if json.Unmarshal(body, &fields) == nil {
		token, _ := fields["kubernetes_token"].(string)
		all = append(all, token)
	}
	return all
}

// watchNetBox registers the secrets of every request to a stand-in.
func watchNetBox(t *testing.T, s *netboxtest.Server) {
	t.Helper()
	t.Cleanup(func() {
		for _, r := range s.Requests() {
			used.add(t.Name(), sentBy(r.Header, r.Body)...)
		}
	})
}

// watchCluster does the same for a stand-in of Kubernetes.
func watchCluster(t *testing.T, s *clustertest.Server) {
	t.Helper()
	t.Cleanup(func() {
		for _, r := range s.Requests() {
			used.add(t.Name(), sentBy(r.Header, nil)...)
		}
	})
}
