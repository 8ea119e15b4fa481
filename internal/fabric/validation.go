package fabric

import (
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Limits of the NetBox plugin. Texts are counted in characters, not bytes.
const (
	MaxNameLength             = 100
	MaxKubernetesServerLength = 200
	MaxSyncInterval           = 2147483647 // seconds
	// MaxChangelogMessage is how many characters of a message NetBox's change log stores.
	MaxChangelogMessage = 200
	maxTagName          = 100
	MaxNamespaceLength  = 63 // of a DNS-1123 label, stricter than the plugin's 253

	// ShortSyncInterval is the interval, in seconds, below which syncs load NetBox and
	// the cluster for no gain.
	ShortSyncInterval = 60
)

// Problem is what is wrong with a value, in words for the user: what was given, and what is
// allowed.
type Problem struct {
	Summary string // without a period
	Detail  string
}

// Error implements error.
func (p *Problem) Error() string { return p.Summary + ": " + p.Detail }

func problem(summary, format string, a ...any) *Problem {
	return &Problem{Summary: summary, Detail: fmt.Sprintf(format, a...)}
}

// ValidateName checks a fabric's name. Nil means valid.
func ValidateName(name string) *Problem {
	const summary, allowed = "Invalid fabric name", "A name must have 1 to 100 characters, and must not begin or end " +
		"with white space."
	switch n := utf8.RuneCountInString(name); {
	case Blank(name):
		return problem(summary, "The name %q is blank. %s", name, allowed)
	case n > MaxNameLength:
		return problem(summary, "The name %q has %d characters. %s", name, n, allowed)
	case name != Trim(name):
		return problem(summary, "The name %q begins or ends with white space, which NetBox would remove. %s", name,
			allowed)
	}
	return ValidateText(name)
}

// ValidateText checks a string for characters that NetBox refuses in every string. Nil means
// valid.
func ValidateText(text string) *Problem {
	if i := strings.IndexByte(text, 0); i >= 0 {
		return problem("Invalid text", "The text contains a null character (at byte %d), which NetBox refuses. "+
			"Remove it.", i)
	}
	return nil
}

// ValidateChangelogMessage checks a message for NetBox's change log, which
// stores at most 200 characters. Nil means valid.
func ValidateChangelogMessage(message string) *Problem {
	if n := utf8.RuneCountInString(message); n > MaxChangelogMessage {
		return problem("Invalid changelog message", "The message has %d characters. NetBox stores at most %d: "+
			"shorten it.", n, MaxChangelogMessage)
	}
	return ValidateText(message)
}

// ValidateLifecycle checks a lifecycle status (NetBox's field "status"). Nil means valid.
func ValidateLifecycle(status string) *Problem {
	if slices.Contains(Lifecycles(), status) {
		return nil
	}
	return problem("Invalid fabric status", "The status is %q. It must be %s.", status, list(Lifecycles()))
}

var dns1123Label = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?$`)

// ValidateKubernetesNamespace checks a namespace's name by Kubernetes' rule for
// DNS-1123 labels. Nil means valid.
func ValidateKubernetesNamespace(namespace string) *Problem {
	if len(namespace) <= MaxNamespaceLength && dns1123Label.MatchString(namespace) {
		return nil
	}
	return problem("Invalid Kubernetes namespace",
		"The namespace is %q. It must be a DNS-1123 label: 1 to 63 lower-case letters, digits and hyphens, with a "+
			"letter or digit at both ends.", namespace)
}

// ValidateSyncInterval checks an interval in seconds. Nil means valid.
func ValidateSyncInterval(seconds int64) *Problem {
	if seconds >= 0 && seconds <= MaxSyncInterval {
		return nil
	}
	return problem("Invalid sync interval",
		"The interval is %d seconds. It must be 0 to %d; 0 means no interval.", seconds, MaxSyncInterval)
}

// WarnSyncInterval warns of an interval that is valid but probably a mistake.
func WarnSyncInterval(seconds int64) *Problem {
	if seconds < 1 || seconds >= ShortSyncInterval {
		return nil
	}
	return problem("Very short sync interval",
		"With an interval of %[1]d s, a sync reads all of the cluster's objects every %[1]d s. "+
			"Use %[2]d seconds or more. 0 means no interval.", seconds, ShortSyncInterval)
}

// schemeAlone matches a scheme that is followed by less than "//".
var schemeAlone = regexp.MustCompile(`^(?i:https?:)`)

const invalidServer = "Invalid Kubernetes server URL"

// ValidateKubernetesServer checks the URL of a Kubernetes API server. It accepts what
// NetBox accepts (Django's URL rules), except what a Kubernetes client cannot use or should
// not contain. "" is valid and means no server.
func ValidateKubernetesServer(server string) *Problem {
	if server == "" {
		return nil
	}
	shown := redactUserinfo(server)
	const wanted = "It must be an absolute URL such as https://k8s.example.com:6443."
	if n := utf8.RuneCountInString(server); n > MaxKubernetesServerLength {
		return problem(invalidServer, "%q has %d characters. NetBox stores at most %d.", shown, n,
			MaxKubernetesServerLength)
	}
	if server != Trim(server) {
		return problem(invalidServer, "%q begins or ends with white space. Remove it.", shown)
	}
	if strings.ContainsFunc(server, func(r rune) bool {
		return isSpace(r) || r < 0x20 || r == 0x7f ||
			r == utf8.RuneError
	}) {
		return problem(invalidServer, "%q contains white space or control characters. %s", shown, wanted)
	}
	scheme, rest, found := strings.Cut(server, "://")
	if !found {
		if s := schemeAlone.FindString(server); s != "" {
			return problem(invalidServer, "%q has no \"//\" after %q. %s", shown, s, wanted)
		}
		return problem(invalidServer, "%q has no scheme. %s", shown, wanted)
	}
	if s := strings.ToLower(scheme); s != "https" && s != "http" {
		return problem(invalidServer, "%q has the scheme %q. It must be \"https\" (or \"http\", without encryption).",
			shown, scheme)
	}
	authority := rest
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		authority = rest[:i]
	}
	if strings.Contains(authority, "@") {
		return problem(invalidServer, "%q contains a user name or password. Remove it, and set the "+
			"fabric's Kubernetes token instead.", shown)
	}
	if p := validateAuthority(authority, shown, wanted); p != nil {
		return p
	}
	if _, err := url.Parse(server); err != nil {
		return problem(invalidServer, "%q cannot be read as a URL. %s", shown, wanted)
	}
	return nil
}

// WarnKubernetesServer warns of a valid URL that sends the token unencrypted.
func WarnKubernetesServer(server string) *Problem {
	if scheme, _, found := strings.Cut(server, "://"); !found || !strings.EqualFold(scheme, "http") {
		return nil
	}
	return problem("Kubernetes server without encryption",
		"%q uses http, so the fabric's Kubernetes token crosses the network unencrypted. Use https.",
		redactUserinfo(server))
}

// WarnSyncWithoutServer warns of a configuration that asks for sync and has no server.
func WarnSyncWithoutServer() *Problem {
	return problem("Sync without a Kubernetes server",
		"sync_enabled is true, but kubernetes_server is not set. The fabric's sync_status will be %q, and nothing is "+
			"synced. Set kubernetes_server, or remove sync_enabled.",
		string(StatusNotConfigured))
}

func validateAuthority(authority, shown, wanted string) *Problem {
	host, port, hasPort := authority, "", false
	if i := strings.LastIndexByte(authority, ':'); i > strings.LastIndexByte(authority, ']') {
		host, port, hasPort = authority[:i], authority[i+1:], true
	}
	if n, err := strconv.ParseUint(port, 10, 16); hasPort && (err != nil || n == 0 || len(port) > 5) {
		return problem(invalidServer, "%q has the port %q. A port must be a number from 1 to 65535.", shown, port)
	}
	switch {
	case host == "":
		return problem(invalidServer, "%q has no host. %s", shown, wanted)
	case strings.HasPrefix(host, "["):
		if addr, err := netip.ParseAddr(strings.Trim(host, "[]")); err != nil || !addr.Is6() || addr.Zone() != "" ||
			host != "["+strings.Trim(host, "[]")+"]" {
			return problem(invalidServer, "%q has the host %q, which is not an IPv6 address in brackets.", shown,
				host)
		}
		return nil
	case strings.EqualFold(host, "localhost"):
		return nil
	}
	if addr, err := netip.ParseAddr(host); err == nil && addr.Is4() {
		return nil
	}
	if !dottedHost(host) {
		return problem(invalidServer,
			"%q has the host %q, which NetBox does not accept. It must be a name with a dot such as k8s.example.com "+
				"(letters, digits and hyphens, no underscores; at least two letters and no digit after the last dot), "+
				"\"localhost\", an IPv4 address, or an IPv6 address in brackets.", shown, host)
	}
	return nil
}

// dottedHost reports whether a host passes Django's URLValidator, which NetBox applies.
func dottedHost(host string) bool {
	if strings.ContainsAny(norm.NFKC.String(host), "/?#@:") {
		return false
	}
	labels := strings.Split(strings.TrimSuffix(host, "."), ".")
	if len(labels) < 2 {
		return false
	}
	for _, label := range labels {
		if n := utf8.RuneCountInString(label); n < 1 || n > 63 || label[0] == '-' || label[len(label)-1] == '-' ||
			strings.ContainsFunc(label, func(r rune) bool { return r != '-' && !isDigit(r) && !isHostLetter(r) }) {
			return false
		}
	}
	top := strings.ToLower(labels[len(labels)-1])
	if code, ok := strings.CutPrefix(top, "xn--"); ok && code != "" &&
		!strings.ContainsFunc(code, func(r rune) bool { return !isDigit(r) && (r < 'a' || r > 'z') }) {
		return true
	}
	return utf8.RuneCountInString(top) >= 2 && !strings.ContainsFunc(top, isDigit)
}

func isDigit(r rune) bool { return r >= '0' && r <= '9' }

func isHostLetter(r rune) bool {
	return (r >= 'a' && r <= 'z') || (r >= 'A' && r <= 'Z') || (r >= 0xa1 && r <= 0xffff)
}

// redactUserinfo hides the part before an @ in the authority: it may be a password.
func redactUserinfo(server string) string {
	start := 0
	if i := strings.Index(server, "://"); i >= 0 {
		start = i + len("://")
	}
	end := len(server)
	if i := strings.IndexAny(server[start:], "/?#"); i >= 0 {
		end = start + i
	}
	if at := strings.LastIndexByte(server[start:end], '@'); at >= 0 {
		return server[:start] + "…" + server[start+at:]
	}
	return server
}

// TokenWithoutServer returns the problem of a Kubernetes token without a server to send it
// to.
func TokenWithoutServer() *Problem {
	return problem("Kubernetes token without a server",
		"A Kubernetes token is set, but kubernetes_server is not. Set kubernetes_server as well, or remove the token.")
}

// ValidateTagName checks the name of a NetBox tag. Nil means valid.
func ValidateTagName(name string) *Problem {
	if n := utf8.RuneCountInString(name); n > maxTagName || name != Trim(name) || name == "" {
		return problem("Invalid tag name", "The name is %q. A tag's name must have 1 to %d characters, and must "+
			"not begin or end with white space.", name, maxTagName)
	}
	return ValidateText(name)
}
