package rest

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"strings"
	"time"
)

// Config is the configuration of a client.
type Config struct {
	ServerURL       string // with scheme; a path prefix is kept
	APIToken        string // v1 or v2, which begins with "nbt_" if it is v2
	Headers         map[string]string
	Branch          string // of NetBox Branching, its name or its schema id; "" for main
	InsecureTLS     bool   // do not verify the server's certificate
	CACertFile      string // PEM file of CA certificates to trust instead of the system's
	ClientCertFile  string // PEM file of the client certificate, if the server asks for one
	ClientKeyFile   string // PEM file of its key
	RequestTimeout  time.Duration
	RetryWait       time.Duration // first pause before a retry; 0 means 250 ms
	MaxAnswer       int64         // size of the largest answer to read, in bytes; 0 means 32 MiB
	Needs           Requirements  // of NetBox
	SkipVersion     bool          // do not check them
	UserAgent       string
	Audience        Audience                        // of the messages about these settings
	ObserveExchange func(context.Context, Exchange) // called after every request; may be nil
	// WrapTransport wraps the transport that sends requests. It sees no credentials. It may
	// be nil.
	WrapTransport func(http.RoundTripper) http.RoundTripper
	Now           func() time.Time // the local clock; nil means time.Now
}

// Requirements are what NetBox must have.
type Requirements struct {
	Plugin  string // by the name that NetBox lists it under; "" for none
	Version string // the oldest NetBox that will do; "" for any
	API     string // path of the plugin's API, such as /api/plugins/example/; "" for none
	Tested  string // the newest minor version that was tested, such as 4.7; "" for any
}

// Exchange is a request and its outcome, without secrets.
type Exchange struct {
	Method   string
	Path     string // with the query
	Branch   string // its schema id; "" for main
	Status   int    // 0 if there was no answer
	Duration time.Duration
	Problem  string // why there was no answer
}

const (
	// DefaultRequestTimeout is the time limit of one request with its answer.
	DefaultRequestTimeout = 30 * time.Second
	// defaultRetryWait is the first pause before a retry. The pauses double.
	defaultRetryWait = 250 * time.Millisecond
	// defaultMaxAnswer is the largest size of an answer: a page of 1,000 records is about
	// 1 MB, with large certificates ten.
	defaultMaxAnswer = 32 << 20
)

// withDefaults returns the configuration with its defaults filled in.
func (c Config) withDefaults() Config {
	if c.RequestTimeout <= 0 {
		c.RequestTimeout = DefaultRequestTimeout
	}
	if c.RetryWait <= 0 {
		c.RetryWait = defaultRetryWait
	}
	if c.MaxAnswer <= 0 {
		c.MaxAnswer = defaultMaxAnswer
	}
	if c.ObserveExchange == nil {
		c.ObserveExchange = func(context.Context, Exchange) {}
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return c
}

// ConfigError means that a client configuration cannot work.
type ConfigError struct {
	Field  string // name of the provider's attribute
	Detail string
}

func (e *ConfigError) Error() string { return e.Field + ": " + e.Detail }

// wantedURL says what NetBox's URL must be, for messages.
const wantedURL = "It must be an absolute URL, http or https, such as https://netbox.example.com."

// checkConfig returns NetBox's URL, or a [*ConfigError] for the setting that cannot work.
func checkConfig(config Config) (*url.URL, error) {
	to := config.Audience
	base, problem := checkServerURL(config.ServerURL, to)
	if problem != "" {
		if !isServerURL(config.ServerURL) { // it may be the token
			return nil, &ConfigError{settingServerURL, to.Name(settingServerURL) + " does not look like a URL, so it " +
				"is not repeated here. " + wantedURL}
		}
		return nil, &ConfigError{settingServerURL, fmt.Sprintf("The URL %q %s %s", withoutSecrets(config.ServerURL),
			to.of(settingServerURL), problem)}
	}
	if problem := checkToken(config.APIToken, to); problem != "" {
		return nil, &ConfigError{settingAPIToken, "The API token " + to.of(settingAPIToken) + " " + problem}
	}
	if problem := checkHeaders(config.Headers); problem != "" {
		return nil, &ConfigError{settingHeaders, to.Name(settingHeaders) + " " + problem}
	}
	return base, nil
}

// schemeAlone matches a scheme that is followed by less than "//".
var schemeAlone = regexp.MustCompile(`^(?i:https?:)`)

// checkServerURL returns what is wrong with NetBox's URL, as the end of a sentence, or "" if
// nothing is.
func checkServerURL(server string, to Audience) (base *url.URL, problem string) {
	scheme, _, found := strings.Cut(server, "://")
	if !found {
		if scheme := schemeAlone.FindString(server); scheme != "" {
			return nil, fmt.Sprintf("has no \"//\" after %q. %s", scheme, wantedURL)
		}
		return nil, "has no scheme. " + wantedURL
	}
	base, err := url.Parse(server)
	switch {
	case err != nil:
		return nil, "cannot be read as a URL. " + wantedURL
	case base.Scheme != "http" && base.Scheme != "https":
		return nil, fmt.Sprintf("has the scheme %q. %s", scheme, wantedURL)
	case base.Hostname() == "":
		return nil, "has no host. " + wantedURL
	case base.User != nil:
		return nil, "contains a user name or password. Remove it, and set " + to.Name(settingAPIToken) + " to an API " +
			"token instead."
	case base.RawQuery != "" || base.ForceQuery || base.Fragment != "":
		return nil, "contains a query or a fragment. Remove everything after the path."
	case path.Base(base.Path) == "api":
		return nil, "is the URL of NetBox's API. Use the URL of NetBox itself, without /api."
	}
	return base, ""
}

// checkToken returns what is wrong with an API token, as the end of a sentence, or "" if
// nothing is. It never repeats the token.
func checkToken(token string, to Audience) string {
	trimmed := strings.TrimSpace(token)
	first, _, several := strings.Cut(trimmed, " ")
	scheme := strings.EqualFold(first, "Token") || strings.EqualFold(first, "Bearer")
	const quotes = "\"'`"
	switch {
	case trimmed == "" && token != "":
		return "is only white space. Perhaps it comes from a variable that is not set."
	case strings.Trim(trimmed, quotes) != trimmed:
		return "begins or ends with a quotation mark, which no NetBox token has. Remove the quotation marks: some " +
			"programs that read a file of variables keep them."
	case scheme && !several:
		return fmt.Sprintf("is only the word %q, without a token after it. Set the token, without "+
			"that word.", first)
	case several && scheme:
		return fmt.Sprintf("begins with %q, which belongs to the header Authorization and not to the token. Remove "+
			"it.", first+" ")
	case strings.HasPrefix(strings.ToLower(first), "authorization:"):
		return "is a whole header. Set the token alone."
	case strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r >= 0x7f }):
		return "contains white space or another character that no NetBox token has. A token that is read from a file " +
			"may end with a line break. " + to.Choose("In Terraform, trimspace() removes it; in a shell, tr -d '\\n' "+
			"does.", "In a shell, tr -d '\\n' removes it.")
	}
	return ""
}

// withoutSecrets returns a string without the parts of a URL that may contain secrets: what
// comes before the host, and the query. The string need not be a valid URL.
func withoutSecrets(text string) string {
	if i := strings.LastIndexByte(text, '@'); i >= 0 {
		text = "…" + text[i:]
	}
	if i := strings.IndexAny(text, "?#"); i >= 0 {
		text = text[:i] + "…"
	}
	return text
}

// origin returns the scheme, host and port of a URL.
func origin(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return u.Scheme + "://" + net.JoinHostPort(strings.ToLower(u.Hostname()), port)
}
