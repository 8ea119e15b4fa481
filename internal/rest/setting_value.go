package rest

import (
	"regexp"
	"strings"
	"unicode"
)

// What a setting holds may be anything, such as a private key where the path of its file
// belongs, or the token where the URL belongs. So a message repeats only what looks like
// what the setting takes.

const (
	longestPath   = 1024
	longestURL    = 256
	longestName   = 40 // of a header
	longestOption = 20 // of a number, or of true and false
)

var (
	// key matches what is in keys and certificates and hardly in paths: 64 characters
	// of Base64, or in hexadecimal, without a break.
	key = regexp.MustCompile(`[A-Za-z0-9+/=]{64}`)
	// token matches what is in tokens and hardly in the URL of a server.
	token = regexp.MustCompile(`[A-Za-z0-9+=_]{32}`)
	// pathStart matches how an absolute path begins, and one that says where it is relative
	// to.
	pathStart = regexp.MustCompile(`^(/|~|\.|\\\\|[A-Za-z]:)`)
)

// isContent reports whether a value is the content of a file and not its path: a PEM block,
// perhaps with its lines joined, or several lines.
func isContent(value string) bool {
	return strings.Contains(value, "-----") || strings.ContainsAny(strings.TrimRight(value, "\r\n"), "\r\n")
}

// isPath reports whether a value looks like a path. One that is long shows it by where it
// begins, or by a dot: neither is in Base64 that begins as every key does.
func isPath(value string) bool {
	if !isShortText(value, longestPath) || isContent(value) || key.MatchString(value) ||
		strings.ContainsAny(value, `"{}<>|`) {
		return false
	}
	for word := range strings.FieldsSeq(value) {
		if len(word) > 32 && !pathStart.MatchString(word) && !strings.Contains(word, ".") {
			return false
		}
	}
	return true
}

// isServerURL reports whether a value looks like the URL of a server, or like a try at it.
func isServerURL(value string) bool {
	return isShortText(value, longestURL) && !isContent(value) && !token.MatchString(value)
}

// isShortText reports whether a value is one line, of at most a number of bytes.
func isShortText(value string, most int) bool {
	return len(value) <= most && !strings.ContainsFunc(value, func(r rune) bool { return !unicode.IsPrint(r) })
}
