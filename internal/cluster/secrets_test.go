package cluster

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/go-logr/logr/funcr"
	"k8s.io/klog/v2"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/clustertest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

// echoes are answers that repeat the token.
func echoes(token string) map[string]http.HandlerFunc {
	return map[string]http.HandlerFunc{
		"in a refusal":          refusal(403, "Forbidden", "token "+token+" may not"),
		"in a failure":          refusal(500, "InternalError", "token "+token),
		"in an expiry":          refusal(410, "Expired", "token "+token),
		"in a page":             page(500, "text/html", "<p>Bearer "+token),
		"in plain words":        page(400, "text/plain", "cannot read "+token),
		"at the cut of a text":  page(401, "text/plain", strings.Repeat("x", maxQuote-len(token)/2)+token),
		"at a refusal's cut":    refusal(403, "Forbidden", strings.Repeat("x", maxQuote-len(token)/2)+token),
		"in a content type":     page(200, "text/"+token, "hello"),
		"in an unreadable list": page(200, "application/json", `{"`+token+`":1}`),
		"in an unknown object":  page(200, "application/json", `{"kind":"`+token+`","apiVersion":"v1"}`),
		"in the address": http.RedirectHandler("http://elsewhere.example.com/"+token,
			http.StatusFound).ServeHTTP,
		"in the address's host":  http.RedirectHandler("http://"+token+".example.com/", http.StatusFound).ServeHTTP,
		"in an endless redirect": http.RedirectHandler("/"+token, http.StatusFound).ServeHTTP,
	}
}

func TestErrors_neverHoldTheToken(t *testing.T) {
	const token = "0pensesame-to-the-cluster"
	for name, answer := range echoes(token) {
		t.Run(name, func(t *testing.T) {
			s := standin(t, clustertest.Options{})
			s.Answer("/", answer)
			c := connect(t, s, func(c *Config) { c.Token = token })
			report := c.Check(t.Context())
			_, counting := c.Count(t.Context(), fabric.Kinds()[0])
			_, listing := all(c.List(t.Context(), fabric.Kinds()[0]))
			_, reviewing := c.reviewAccess(t.Context(), fabric.Kinds()[0])
			_, reading := c.agents(t.Context())
			for _, err := range []error{report.Err, counting, listing, reviewing, reading} {
				if err == nil {
					t.Fatal("no error")
				}
				for ; err != nil; err = errors.Unwrap(err) {
					for _, text := range []string{err.Error(), fmt.Sprintf("%+v", err), fmt.Sprintf("%#v", err)} {
						if strings.Contains(text, token[:len(token)/2]) {
							t.Errorf("%T holds the token: %s", err, text)
						}
					}
				}
			}
		})
	}
}

func TestErrors_redactSpellings(t *testing.T) {
	c, err := New(Config{Server: "https://k8s.example.com", Token: "a&b/c=d"})
	if err != nil {
		t.Fatal(err)
	}
	text := c.redact("a&b/c=d, a&amp;b/c=d and " + url.QueryEscape("a&b/c=d"))
	if text != "(redacted), (redacted) and (redacted)" {
		t.Errorf("redacted to %q", text)
	}
}

// A short token may be part of many strings. The mask itself is not masked.
func TestErrors_redactLeavesTextsReadable(t *testing.T) {
	for token, want := range map[string]string{
		"t":    "the token t was refused",
		"edac": "the token (redacted) was refused",
	} {
		c, err := New(Config{Server: "https://k8s.example.com", Token: token})
		if err != nil {
			t.Fatal(err)
		}
		if got := c.redact("the token " + token + " was refused"); got != want {
			t.Errorf("%s: redacted to %q, want %q", token, got, want)
		}
	}
}

// client-go must not log to stderr, which Terraform shows.
func TestCluster_isSilent(t *testing.T) {
	var said lockedBuffer
	klog.SetLogger(funcr.New(func(prefix, args string) { _, _ = fmt.Fprintln(&said, prefix, args) },
		funcr.Options{Verbosity: 10}))
	t.Cleanup(klog.ClearLogger)
	klog.FromContext(context.Background()).Info("heard")
	if !strings.Contains(said.String(), "heard") {
		t.Fatal("the test hears nothing")
	}
	said.Reset()

	s := standin(t, clustertest.Options{})
	c := connect(t, s)
	use := func() {
		c.Check(t.Context())
		_, _ = c.Count(t.Context(), fabric.Kinds()[0])
		_, _ = all(c.List(t.Context(), fabric.Kinds()[0]))
		c.Health(t.Context())
	}
	s.Intercept(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Warning", `299 - "vpc.githedgehog.com/v1beta1 is deprecated"`)
			next.ServeHTTP(w, r)
		})
	})
	use()
	for _, answer := range echoes("x") {
		remove := s.Answer("/", answer)
		use()
		remove()
	}
	s.Answer("/", func(w http.ResponseWriter, _ *http.Request) { // a body that breaks off
		w.Header().Set("Content-Length", "1000")
		_, _ = io.WriteString(w, `{`)
	})
	use()
	if said.String() != "" {
		t.Errorf("client-go said:\n%s", said.String())
	}
}

type lockedBuffer struct {
	mu sync.Mutex
	bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.String()
}
