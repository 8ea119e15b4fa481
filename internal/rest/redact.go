package rest

import (
	"container/list"
	"encoding/base64"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/connection"
)

// tokenField matches a token's field and value in JSON, or in Python's way of printing it,
// even if an unreadable answer ends within the value. The client has not handled such a
// token yet, so only its field shows what it is.
var tokenField = regexp.MustCompile(
	`(kubernetes_token"\s*:\s*")(?:[^"\\]|\\.)+|(kubernetes_token'\s*:\s*')(?:[^'\\]|\\.)+`)

// Which secrets a client keeps: the last recentSecrets that it met, and more of them if
// they were met within secretLifetime. A message can contain only what the client has handled
// recently. Older secrets are in no later message, so rotating tokens do not add up.
const (
	recentSecrets  = 1000
	secretLifetime = time.Hour
)

// redactor masks all secrets that the client handles.
type redactor struct {
	now func() time.Time

	mu    sync.RWMutex
	index *secretIndex
	// own are the secrets of the configuration, which are kept permanently.
	own map[string]struct{}
	// met are the other secrets. The latest is at the front of recent.
	met    map[string]*list.Element // of *metSecret
	recent *list.List
}

// metSecret is a secret that came from NetBox or was sent there.
type metSecret struct {
	secret string
	last   time.Time
}

func newRedactor(config Config) *redactor {
	r := &redactor{now: time.Now, index: newSecretIndex(), own: map[string]struct{}{}, met: map[string]*list.Element{},
		recent: list.New()}
	r.addOwn(config.APIToken)
	if _, secret, found := strings.Cut(config.APIToken, "."); found {
		r.addOwn(secret)
	}
	for name, value := range config.Headers {
		if !SecretHeader(name, value) {
			continue
		}
		r.addOwn(value)
		for _, word := range strings.Fields(value) { // also without the scheme in front
			if looksSecret(word) {
				r.addOwn(word)
			}
		}
	}
	r.addProxy(config.ServerURL)
	return r
}

// addProxy adds the password of the proxy that the environment names for a server, in plain
// form and as sent with every request.
func (r *redactor) addProxy(server string) {
	to, err := url.Parse(server)
	if err != nil {
		return
	}
	route, err := connection.RouteTo(to)
	if err != nil || route.Proxy == nil {
		return
	}
	user := route.Proxy.User
	if password, given := user.Password(); given {
		r.addOwn(password)
		r.addOwn(base64.StdEncoding.EncodeToString([]byte(user.Username() + ":" + password)))
	}
}

// addOwn adds a secret that is kept permanently.
func (r *redactor) addOwn(secret string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range linesOf(secret) {
		if _, old := r.own[s]; !old {
			r.own[s] = struct{}{}
			r.index.addAll(s)
		}
	}
}

// add adds a secret that the client has met, or marks it as met again.
func (r *redactor) add(secret string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.now()
	for _, s := range linesOf(secret) {
		if known := r.met[s]; known != nil {
			known.Value.(*metSecret).last = now //nolint:forcetypeassert // the list has nothing else
			r.recent.MoveToFront(known)
			continue
		}
		r.met[s] = r.recent.PushFront(&metSecret{s, now})
		r.index.addAll(s)
	}
	for r.recent.Len() > recentSecrets {
		oldest := r.recent.Back().Value.(*metSecret) //nolint:forcetypeassert // as above
		if now.Sub(oldest.last) < secretLifetime {
			break
		}
		r.recent.Remove(r.met[oldest.secret])
		delete(r.met, oldest.secret)
		r.index.removeAll(oldest.secret)
	}
}

// linesOf returns a secret and, if it has several lines, each of them, without those that
// are too short to be a secret.
func linesOf(secret string) []string {
	var all []string
	for _, s := range append(strings.Split(secret, "\n"), secret) {
		if s = strings.TrimSpace(s); len(s) >= shortestSecret && !slices.Contains(all, s) {
			all = append(all, s)
		}
	}
	return all
}

// redact masks every secret in a string, in any spelling.
func (r *redactor) redact(text string) string {
	r.mu.RLock()
	text = r.index.mask(text)
	r.mu.RUnlock()
	if !strings.Contains(text, "kubernetes_token") {
		return text
	}
	return tokenField.ReplaceAllString(text, "${1}${2}"+redacted)
}
