package rest

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// The test compares the index with a simple search, on strings with spellings that overlap,
// repeat and have common prefixes.
func TestSecretIndex_masksWhatASearchForEachSpellingFinds(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	word := func(n int) string {
		letters := make([]byte, n)
		for i := range letters {
			letters[i] = "ab"[random.IntN(2)]
		}
		return string(letters)
	}
	for range 2000 {
		index, spellings := newSecretIndex(), []string{}
		for range random.IntN(12) {
			s := word(shortestSecret + random.IntN(8))
			index.add(s)
			spellings = append(spellings, s)
		}
		for range random.IntN(len(spellings) + 1) { // some are taken back
			last := len(spellings) - 1
			index.remove(spellings[last])
			spellings = spellings[:last]
		}
		text := word(random.IntN(40))
		if got, want := index.mask(text), plainlyMasked(text, spellings); got != want {
			t.Fatalf("%q without %q is %q, want %q", text, spellings, got, want)
		}
	}
}

// plainlyMasked masks every occurrence of a spelling, and joins those that overlap.
func plainlyMasked(text string, spellings []string) string {
	covered, starts := make([]bool, len(text)), make([]bool, len(text)+1)
	for _, s := range spellings {
		for i := range text {
			if strings.HasPrefix(text[i:], s) {
				starts[i] = true
				for j := range s {
					covered[i+j] = true
				}
			}
		}
	}
	// A spelling that starts where another one ends gets its own replacement.
	inner := make([]bool, len(text)+1)
	for _, s := range spellings {
		for i := range text {
			for j := 1; strings.HasPrefix(text[i:], s) && j < len(s); j++ {
				inner[i+j] = true
			}
		}
	}
	var masked strings.Builder
	for i := range text {
		switch {
		case !covered[i]:
			masked.WriteByte(text[i])
		case starts[i] && !inner[i]:
			masked.WriteString(redacted)
		}
	}
	return masked.String()
}

// redactorAt is a redactor with a clock that the test sets.
func redactorAt(now *time.Time) *redactor {
	r := newRedactor(Config{APIToken: secretV1})
	r.now = func() time.Time { return *now }
	return r
}

func wantMasked(t *testing.T, r *redactor, secret string, masked bool) {
	t.Helper()
	if got := r.redact("it said " + secret + "."); (got == "it said (redacted).") != masked {
		t.Errorf("got %q, masked: want %t", got, masked)
	}
}

// The redactor keeps tokens that it has seen within the hour, tokens in use, and the client's
// own token.
func TestRedactor_dropsTokensThatHaveRotatedAway(t *testing.T) {
	now := time.Date(2026, 11, 29, 3, 0, 0, 0, time.UTC)
	r := redactorAt(&now)
	token := func(i int) string { return fmt.Sprintf("rotating-token-%05d", i) }
	const tokens, perMinute = 10_000, 20
	for i := range tokens {
		r.add("token-that-does-not-rotate")
		r.add(token(i))
		if i%perMinute == 0 {
			now = now.Add(time.Minute)
		}
	}
	if n := r.recent.Len(); n > 61*perMinute+1 || len(r.met) != n || len(r.index.sorted) > n+1 ||
		len(r.index.uses) != len(r.index.sorted) {
		t.Errorf("%d secrets, %d by name, %d spellings, %d counted", n, len(r.met), len(r.index.sorted),
			len(r.index.uses))
	}
	wantMasked(t, r, secretV1, true)
	wantMasked(t, r, "token-that-does-not-rotate", true)
	wantMasked(t, r, token(tokens-1), true)
	wantMasked(t, r, token(tokens-59*perMinute), true)
	wantMasked(t, r, token(0), false) // else the test shows nothing
}

// The redactor keeps a thousand tokens that are in use, however much time has passed.
func TestRedactor_keepsTheTokensOfManyFabrics(t *testing.T) {
	now := time.Date(2026, 11, 29, 3, 0, 0, 0, time.UTC)
	r := redactorAt(&now)
	token := func(i int) string { return fmt.Sprintf("token-of-fabric-%05d", i) }
	const fabrics = 10_000
	for i := range fabrics {
		r.add(token(i))
	}
	now = now.Add(secretLifetime - time.Second)
	r.add("one-more-token")
	for i := range fabrics {
		wantMasked(t, r, token(i), true)
	}
	now = now.Add(24 * time.Hour)
	r.add("yet-another-token")
	if n := r.recent.Len(); n != recentSecrets {
		t.Errorf("%d secrets are left, want %d", n, recentSecrets)
	}
	wantMasked(t, r, token(fabrics-recentSecrets+2), true)
	wantMasked(t, r, token(0), false)
}

// Dropping a fabric's token keeps the client's own token, even if they are the same.
func TestRedactor_aTokenOfOwnIsKeptWhenAFabricHadItToo(t *testing.T) {
	now := time.Date(2026, 11, 29, 3, 0, 0, 0, time.UTC)
	r := redactorAt(&now)
	r.add(secretV1)
	now = now.Add(2 * secretLifetime)
	for i := range recentSecrets {
		r.add(fmt.Sprintf("token-of-fabric-%05d", i))
	}
	if r.met[secretV1] != nil {
		t.Error("the fabric's token was kept")
	}
	wantMasked(t, r, secretV1, true)
}

// Adding a token to many must not sort all of them again, which once took half a second.
func TestRedactor_aNewTokenCostsLittleAmongMany(t *testing.T) {
	now := time.Date(2026, 11, 29, 3, 0, 0, 0, time.UTC)
	r := redactorAt(&now)
	page := strings.Repeat("an answer that is long ", 1000)
	start := time.Now()
	for i := range 11_000 {
		r.add(fmt.Sprintf("eyJhbGciOiJSUzI1NiJ9.token-%05d", i))
		if i < 10_000 {
			continue
		}
		if got := r.redact("it said eyJhbGciOiJSUzI1NiJ9.token-00077"); got != "it said (redacted)" {
			t.Fatal(got)
		}
		if i%100 == 0 && r.redact(page) != page {
			t.Fatal("a page without a secret has changed")
		}
		if took := time.Since(start); took > 20*time.Second {
			t.Fatalf("%d tokens took %v", i, took)
		}
	}
}
