package netboxtest

import (
	"net/netip"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// AcceptsKubernetesServer reports whether NetBox accepts text as the Kubernetes server of a
// fabric. Tests compare our own check with it.
func AcceptsKubernetesServer(text string) bool {
	_, messages := pluginModels()[fabricEndpoint].field("kubernetes_server").check(text)
	return len(messages) == 0
}

// validURL follows the rules of Django's URLValidator for the schemes that it accepts by default.
// The text is already trimmed.
func validURL(s string) bool {
	if strings.ContainsAny(s, "\t\r\n") {
		return false
	}
	scheme, rest, found := strings.Cut(s, "://")
	if !found || !slices.Contains([]string{"http", "https", "ftp", "ftps"}, strings.ToLower(scheme)) {
		return false
	}
	authority, tail := rest, ""
	if end := strings.IndexAny(rest, "/?#"); end >= 0 {
		authority, tail = rest[:end], rest[end:]
	}
	if strings.ContainsFunc(tail, isPythonSpace) || strings.ContainsFunc(authority, isPythonSpace) ||
		hidesDelimiter(authority) {
		return false
	}
	if userinfo, host, found := strings.Cut(authority, "@"); found {
		if !validUserinfo(userinfo) {
			return false
		}
		authority = host
	}
	host, valid := cutPort(authority)
	return valid && validHost(host)
}

// hidesDelimiter reports whether a character turns into a delimiter when it is normalized.
// Python's urlsplit refuses that before Django's own checks.
func hidesDelimiter(authority string) bool {
	plain := strings.NewReplacer("@", "", ":", "", "#", "", "?", "").Replace(authority)
	return strings.ContainsAny(norm.NFKC.String(plain), "/?#@:")
}

// validUserinfo reports whether text is a user, or a user and a password, which may be empty.
func validUserinfo(s string) bool {
	user, password, _ := strings.Cut(s, ":")
	return user != "" && !strings.Contains(password, ":")
}

// cutPort removes a port of one to five digits. Its value does not matter.
func cutPort(authority string) (host string, valid bool) {
	end := strings.LastIndexByte(authority, ':')
	if end < 0 || strings.HasSuffix(authority, "]") {
		return authority, true
	}
	port := authority[end+1:]
	if len(port) < 1 || len(port) > 5 {
		return "", false
	}
	for _, c := range port {
		if c < '0' || c > '9' {
			return "", false
		}
	}
	return authority[:end], true
}

// validHost reports whether text is a dotted name, localhost, an IPv4 address or an IPv6 address
// in brackets, with at most 253 characters.
func validHost(host string) bool {
	if inner, bracket := strings.CutPrefix(host, "["); bracket {
		inner, closed := strings.CutSuffix(inner, "]")
		addr, err := netip.ParseAddr(inner)
		return closed && err == nil && addr.Is6() && addr.Zone() == ""
	}
	if utf8.RuneCountInString(host) > 253 {
		return false
	}
	if addr, err := netip.ParseAddr(host); err == nil && addr.Is4() {
		return true
	}
	return strings.EqualFold(host, "localhost") || validDomain(host)
}

// validDomain reports whether text has at least two labels of letters, digits and hyphens. The
// last label must have at least two characters, and no digits unless it is punycode. The name may
// end with a dot.
func validDomain(host string) bool {
	labels := strings.Split(strings.TrimSuffix(host, "."), ".")
	if len(labels) < 2 {
		return false
	}
	for _, label := range labels {
		if !validLabel(label) {
			return false
		}
	}
	top := labels[len(labels)-1]
	if len(top) > 4 && strings.EqualFold(top[:4], "xn--") && isASCII(top) && !strings.Contains(top[4:], "-") {
		return true
	}
	return utf8.RuneCountInString(top) >= 2 && !strings.ContainsAny(top, "0123456789")
}

func validLabel(label string) bool {
	n := utf8.RuneCountInString(label)
	if n < 1 || n > 63 || strings.HasPrefix(label, "-") || strings.HasSuffix(label, "-") {
		return false
	}
	for _, c := range label {
		ascii := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-'
		if !ascii && (c < 0xa1 || c > 0xffff) {
			return false
		}
	}
	return true
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > 0x7f })
}
