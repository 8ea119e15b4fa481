package rest

import (
	"regexp"
	"strings"
	"unicode"
)

// A setting may contain anything, such as a private key instead of the path of its file, or
// the token instead of the URL. So a message repeats a value only if it looks right for the
// setting.

const (
	longestPath   = 1024
	longestURL    = 256
	longestName   = 40 // of a header
	longestOption = 20 // of a number, or of true and false
)

var (
	// key matches text in keys and certificates that rarely occurs in paths: 64 characters
	// of Base64 or hexadecimal in a row.
	key = regexp.MustCompile(`[A-Za-z0-9+/=]{64}`)
	// token matches text in tokens that rarely occurs in the URL of a server.
	token = regexp.MustCompile(`[A-Za-z0-9+=_]{32}`)
	// pathStart matches the beginning of an absolute path, or of a path that is explicitly
	// relative.
	pathStart = regexp.MustCompile(`^(/|~|\.|\\\\|[A-Za-z]:)`)
)

// isContent reports whether a value is the content of a file and not its path: a PEM block,
// perhaps on one line, or several lines.
func isContent(value string) bool {
	return strings.Contains(value, "-----") || strings.ContainsAny(strings.TrimRight(value, "\r\n"), "\r\n")
}

// isPath reports whether a value looks like a path. A long one must begin like a path or
// contain a dot: Base64 of a key does neither.
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

// isServerURL reports whether a value looks like the URL of a server, or like an attempt at
// one.
func isServerURL(value string) bool {
	return isShortText(value, longestURL) && !isContent(value) && !token.MatchString(value)
}

// isShortText reports whether a value is one line of at most so many bytes.
func isShortText(value string, most int) bool {
	return len(value) <= most && !strings.ContainsFunc(value, func(r rune) bool { return !unicode.IsPrint(r) })
}
