package rest

import (
	"context"
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// The secrets of these tests. Several need escaping, in different formats.
const (
	secretV1      = "5ec4e7aaaabbbbccccddddeeeeffff0000111122"
	secretV2      = "nbt_keyOfTheToken.SecretPartOfTheV2Token"
	secretHeader  = `gateway<&"s3cret">/+=`
	secretSent    = `sent-account "token"/+&<1>`
	secretInStore = `stored-account-token-2`
)

// fragments returns the strings that must not appear anywhere, in any encoding.
func fragments() []string {
	var all []string
	for _, s := range []string{secretV1, secretV2, "SecretPartOfTheV2Token", secretHeader, secretSent, secretInStore,
		"gateway", "s3cret", "sent-account", "stored-account"} {
		asJSON, _ := json.Marshal(s)
		all = append(all, s, strings.Trim(string(asJSON), `"`), url.QueryEscape(s), html.EscapeString(s))
	}
	return all
}

func wantNoSecret(t *testing.T, where, text string) {
	t.Helper()
	for _, s := range fragments() {
		if strings.Contains(text, s) {
			t.Errorf("%s holds %q: %s", where, s, text)
			return
		}
	}
}

func TestRedact(t *testing.T) {
	r := newRedactor(Config{APIToken: secretV2, Headers: map[string]string{
		"X-Key": "inner-part", "X-Token": "the inner-part and more", "X-Secret": "one",
		"X-Forwarded": "Basic dGVycmFmb3JtOmdhdGV3YXk=",
		"X-Internal":  "already",
	}})
	r.add("-----BEGIN-----\nfirst line\n second line \n")
	for text, want := range map[string]string{
		"Bearer " + secretV2 + ".":                    "Bearer (redacted).",
		"only SecretPartOfTheV2Token":                 "only (redacted)",
		"the inner-part and more, and the inner-part": "(redacted), and the (redacted)",
		"first line / second line":                    "(redacted) / (redacted)",
		"it said dGVycmFmb3JtOmdhdGV3YXk=":            "it said (redacted)",
		"the name already exists":                     "the name already exists",
		"one is too short to hide":                    "one is too short to hide",
		`"kubernetes_token": "never seen \" before",`: `"kubernetes_token": "(redacted)",`,
		`{"kubernetes_token":"cut of`:                 `{"kubernetes_token":"(redacted)`,
		`{'kubernetes_token': 'never seen'}`:          `{'kubernetes_token': '(redacted)'}`,
		`"kubernetes_token": ["Not a valid string."]`: `"kubernetes_token": ["Not a valid string."]`,
		"kubernetes_token: refused":                   "kubernetes_token: refused",
	} {
		for range 20 { // the order of a map must not matter
			if got := r.redact(text); got != want {
				t.Errorf("%s: got %s, want %s", text, got, want)
				break
			}
		}
	}
}

func TestExchange_keepsNoSecretOfWhatIsNoHTTP(t *testing.T) {
	s := startServer(t, func(w http.ResponseWriter, r *http.Request) {
		connection, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = fmt.Fprintf(connection, "%s %s\r\n\r\n", r.Header["Authorization"], r.Header["X-Gateway-Key"])
		_ = connection.Close()
	})
	var seen []Exchange
	c := newClient(t, s.URL, withoutCheck, func(c *Config) {
		c.APIToken, c.Headers = secretV2, map[string]string{"X-Gateway-Key": secretV1}
		c.ObserveExchange = func(_ context.Context, e Exchange) { seen = append(seen, e) }
	})
	_, err := get(t.Context(), c, 1)
	wantNoSecret(t, "error", err.Error())
	wantNoSecret(t, "exchanges", fmt.Sprintf("%+v", seen))
	if len(seen) == 0 || !strings.Contains(seen[0].Problem, "malformed") || seen[0].Status != 0 {
		t.Errorf("got %+v", seen)
	}
}

// BenchmarkRedact masks a short text and a page with the tokens of many fabrics, after one of
// them has been rotated.
func BenchmarkRedact(b *testing.B) {
	texts := map[string]string{"sentence": "NetBox answered with ",
		"page of 64 kB": strings.Repeat("NetBox answered with ", 3000)}
	for _, secrets := range []int{1, 1000, 10_000} {
		for name, text := range texts {
			b.Run(fmt.Sprintf("%s, %d secrets", name, secrets), func(b *testing.B) {
				r := newRedactor(Config{APIToken: "0123456789abcdef"})
				for i := range secrets {
					r.add(fmt.Sprintf("eyJhbGciOiJSUzI1NiJ9.token-of-the-cluster-%05d", i))
				}
				for i := 0; b.Loop(); i++ {
					rotated := fmt.Sprintf("eyJhbGciOiJSUzI1NiJ9.rotated-%05d", i%1000)
					r.add(rotated)
					if got := r.redact(text + rotated); strings.Contains(got, "rotated") {
						b.Fatal(got)
					}
				}
			})
		}
	}
}
