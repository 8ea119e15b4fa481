package rest

import (
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/net/http/httpguts"
)

// ownHeaders are the headers that the client sets itself. The most important is If-Match:
// with another value, changes would be lost or never written.
var ownHeaders = []string{
	"Accept", "Accept-Encoding", "Accept-Language", "Authorization", "Connection", "Content-Length", "Content-Type",
	"Host", "If-Match", "If-None-Match",
	"Transfer-Encoding", "User-Agent", "X-Http-Method-Override",
}

// checkHeaders returns what is wrong with configured headers, as the end of a sentence, or ""
// if nothing is. It does not repeat a value, which may be secret.
func checkHeaders(headers map[string]string) string {
	spelled := map[string]string{} // by the canonical form of the name
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		one := http.CanonicalHeaderKey(name)
		other, twice := spelled[one]
		spelled[one] = name
		switch {
		case !httpguts.ValidHeaderFieldName(name):
			return fmt.Sprintf("has %s. The name of an HTTP header consists of letters, digits and hyphens.",
				describeName(name))
		case slices.ContainsFunc(ownHeaders, func(own string) bool { return strings.EqualFold(own, name) }):
			return fmt.Sprintf("sets %s, which cannot be configured. Remove it.", one)
		case twice:
			return fmt.Sprintf("sets one header twice, as %s and as %s. Names of headers are not case-sensitive: "+
				"remove one of them.", other, name)
		case strings.TrimSpace(headers[name]) == "" && credentialName.MatchString(name):
			return fmt.Sprintf("has no value for %s, whose name suggests a secret. Perhaps it comes from a variable "+
				"that is not set. Set a value, or null to leave the header out.", name)
		case !httpguts.ValidHeaderFieldValue(headers[name]):
			return fmt.Sprintf("has a value for %s that no HTTP header can have: it contains a line break or "+
				"another control character. Remove it.", name)
		}
	}
	return ""
}

// describeName repeats an invalid header name, unless it may contain the value, too.
func describeName(name string) string {
	before, _, whole := strings.Cut(name, ":")
	switch {
	case !isShortText(before, longestName):
		return "a name that does not look like the name of a header, so it is not repeated here"
	case whole:
		return fmt.Sprintf("a name with a colon, %q. Put what follows the colon into the value", before+": …")
	}
	return fmt.Sprintf("the name %q", name)
}

// credentialName matches the names of headers with credentials. One of their words shows
// it. Some of these words also count at the end of a compound, others only alone.
var credentialName = regexp.MustCompile(`(?i)(^|[^a-z0-9])(` +
	`[a-z]*(token|secret|password|passwd|passphrase|cookie|signature|credential|jwt)s?|` +
	`auth|authz|authn|oauth|authorization|authentication|bearer|pwd|session|sessionid|assertion|` +
	`(api|access|secret|private|auth|shared|account|subscription|app|client|master)?keys?` +
	`)[0-9]*([^a-z0-9]|$)`)

// plainWords are values that are not a secret under any name.
var plainWords = []string{"true", "false", "yes", "no", "on", "off", "enabled", "disabled", "none", "null", "0", "1"}

// plainName matches host names, with or without a port. Even long ones are not secrets.
var plainName = regexp.MustCompile(`^[a-z0-9-]+(\.[a-z0-9-]+)+(:[0-9]+)?$`)

const (
	longWord   = 20 // length from which a word counts as a secret
	randomWord = 8  // length from which letters with digits in several places count as one
)

// SecretHeader reports whether the value of a header is a secret. No message and no log
// repeats one. A value is a secret if the header's name suggests credentials, or if the
// value looks like them: a long word, or a shorter one with digits in several places. An
// ordinary word such as "true" is not a secret: hiding it would garble other strings.
func SecretHeader(name, value string) bool {
	if slices.Contains(plainWords, strings.ToLower(strings.TrimSpace(value))) {
		return false
	}
	return credentialName.MatchString(name) || slices.ContainsFunc(strings.Fields(value), looksSecret)
}

func looksSecret(word string) bool {
	if len(word) >= longWord && !plainName.MatchString(word) && !strings.Contains(word, "://") {
		return true
	}
	parts := strings.FieldsFunc(word, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	return slices.ContainsFunc(parts, func(part string) bool {
		return len(part) >= randomWord && len(strings.FieldsFunc(part, unicode.IsLetter)) > 1
	})
}
