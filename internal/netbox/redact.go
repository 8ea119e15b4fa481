package netbox

import (
	"strings"
	"sync"
)

const redacted = "(redacted)"

// redactor replaces every secret that the client has handled.
type redactor struct {
	mu      sync.RWMutex
	secrets map[string]struct{}
}

func newRedactor(config Config) *redactor {
	r := &redactor{secrets: map[string]struct{}{}}
	r.add(config.APIToken)
	if _, secret, found := strings.Cut(config.APIToken, "."); found {
		r.add(secret)
	}
	for _, v := range config.Headers {
		r.add(v)
	}
	return r
}

// add takes a secret, and each of its lines where it has several. Texts too
// short to be one are left out, since replacing them would garble messages.
func (r *redactor) add(secret string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range append(strings.Split(secret, "\n"), secret) {
		if s = strings.TrimSpace(s); len(s) >= 4 {
			r.secrets[s] = struct{}{}
		}
	}
}

func (r *redactor) redact(text string) string {
	r.mu.RLock()
	defer r.mu.RUnlock()
	for s := range r.secrets {
		text = strings.ReplaceAll(text, s, redacted)
	}
	return text
}
