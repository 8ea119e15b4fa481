package netbox

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
)

const redacted = "(redacted)"

// tokenField finds the value of a token's field in JSON, or in Python's way of
// printing it, also where an answer that cannot be read breaks off within it.
// Such a token has not been handled yet, so only its place tells what it is.
var tokenField = regexp.MustCompile(`(kubernetes_token"\s*:\s*")(?:[^"\\]|\\.)+|(kubernetes_token'\s*:\s*')(?:[^'\\]|\\.)+`)

// redactor replaces every secret that the client has handled.
type redactor struct {
	mu      sync.Mutex
	secrets map[string]struct{}
	// known are all spellings of the secrets, the longest first, since one secret
	// may be a part of another; nil after a new one came. A client may handle a
	// thousand tokens, and masks texts with every request.
	known []string
}

func newRedactor(config Config) *redactor {
	r := &redactor{secrets: map[string]struct{}{}}
	r.add(config.APIToken)
	if _, secret, found := strings.Cut(config.APIToken, "."); found {
		r.add(secret)
	}
	for name, value := range config.Headers {
		if !SecretHeader(name, value) {
			continue
		}
		r.add(value)
		for _, word := range strings.Fields(value) { // also without the scheme before it
			if looksSecret(word) {
				r.add(word)
			}
		}
	}
	r.addProxy(config.ServerURL)
	return r
}

// addProxy takes the password of the proxy that the environment names for a server,
// as it is and as it goes with every request.
func (r *redactor) addProxy(server string) {
	to, err := url.Parse(server)
	if err != nil {
		return
	}
	proxy, err := http.ProxyFromEnvironment(&http.Request{URL: to})
	if err != nil || proxy == nil {
		return
	}
	if password, given := proxy.User.Password(); given {
		r.add(password)
		r.add(base64.StdEncoding.EncodeToString([]byte(proxy.User.Username() + ":" + password)))
	}
}

// add takes a secret, and each of its lines where it has several. Texts too
// short to be one are left out, since replacing them would garble messages.
func (r *redactor) add(secret string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range append(strings.Split(secret, "\n"), secret) {
		if s = strings.TrimSpace(s); len(s) < 4 {
			continue
		}
		if _, old := r.secrets[s]; !old {
			r.secrets[s], r.known = struct{}{}, nil
		}
	}
}

// redact masks every secret in a text, however it is spelled there.
func (r *redactor) redact(text string) string {
	for _, s := range r.all() {
		text = strings.ReplaceAll(text, s, redacted)
	}
	return tokenField.ReplaceAllString(text, "${1}${2}"+redacted)
}

func (r *redactor) all() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.known == nil {
		known := make([]string, 0, len(r.secrets))
		for s := range r.secrets {
			known = append(known, spellings(s)...)
		}
		slices.SortFunc(known, func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) })
		r.known = slices.Compact(known)
	}
	return r.known
}

// spellings are the ways in which an answer may repeat a text: in JSON, in
// HTML, in a URL, and JSON within those.
func spellings(s string) []string {
	var plain bytes.Buffer
	encoder := json.NewEncoder(&plain)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(s) // a text can always be encoded
	inJSON := strings.TrimSpace(plain.String())
	escaped, _ := json.Marshal(s)
	var all []string
	for _, form := range []string{s, inJSON[1 : len(inJSON)-1], string(escaped[1 : len(escaped)-1])} {
		inHTML := html.EscapeString(form)
		python := strings.NewReplacer("&#34;", "&quot;", "&#39;", "&#x27;").Replace(inHTML)
		all = append(all, form, inHTML, python, url.QueryEscape(form), url.PathEscape(form))
	}
	return all
}
