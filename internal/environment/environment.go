// Package environment reads how to reach NetBox from the NETBOX_… variables, for
// the provider and for the sync command alike. Their names are those of the
// NetBox provider that people already use.
package environment

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netbox"
)

// MaxRequestTimeout is the longest time that one request may be given, in seconds.
const MaxRequestTimeout = 3600

// Settings, by the name of the provider's attribute.
const (
	serverURL            = "server_url"
	apiToken             = "api_token"
	allowInsecureHTTPS   = "allow_insecure_https"
	caCertFile           = "ca_cert_file"
	headers              = "headers"
	requestTimeout       = "request_timeout"
	skipVersionCheck     = "skip_version_check"
	stripTrailingSlashes = "strip_trailing_slashes_from_url"
)

// Variable returns the name of a setting's variable: NETBOX_SERVER_URL for
// server_url.
func Variable(setting string) string { return "NETBOX_" + strings.ToUpper(setting) }

// Given are settings that are made elsewhere, as in a provider block, and that
// win. Nil leaves a setting to its variable. So do an empty text and no headers: the
// variable of a module often has such a default.
type Given struct {
	ServerURL, APIToken, CACertFile                            *string
	AllowInsecureHTTPS, SkipVersionCheck, StripTrailingSlashes *bool
	RequestTimeout                                             *int64 // seconds
	Headers                                                    map[string]string
}

// Problem is a setting that is missing, or a variable that cannot be read.
type Problem struct {
	Setting string // by the name of the provider's attribute
	Missing bool
	Want    string // what it has to be, such as "the URL of NetBox"
	Seen    string // the variable's value, quoted; "" where it may hold a secret
}

// Error says what is wrong with the variable, in one or two sentences.
func (p *Problem) Error() string {
	switch name := Variable(p.Setting); {
	case p.Missing:
		return fmt.Sprintf("Set the environment variable %s to %s.", name, p.Want)
	case p.Seen == "":
		return fmt.Sprintf("%s must be %s.", name, p.Want)
	default:
		return fmt.Sprintf("%s is %s. It must be %s.", name, p.Seen, p.Want)
	}
}

// NetBox merges what is given with the environment. The configuration is
// complete when there is no problem, but for what a caller adds: a User-Agent,
// an observer, a message for the change log.
func NetBox(given Given, getenv func(string) string) (netbox.Config, []*Problem) {
	r := &reader{getenv: getenv}
	config := netbox.Config{
		ServerURL:      r.text(given.ServerURL, serverURL),
		APIToken:       r.text(given.APIToken, apiToken),
		CACertFile:     r.text(given.CACertFile, caCertFile),
		InsecureTLS:    r.boolean(given.AllowInsecureHTTPS, allowInsecureHTTPS, false),
		SkipVersion:    r.boolean(given.SkipVersionCheck, skipVersionCheck, false),
		RequestTimeout: r.seconds(given.RequestTimeout, requestTimeout),
		Headers:        r.headers(given.Headers),
	}
	if r.boolean(given.StripTrailingSlashes, stripTrailingSlashes, true) {
		config.ServerURL = strings.TrimRight(config.ServerURL, "/")
	}
	if config.ServerURL == "" {
		r.missing(serverURL, "the URL of NetBox, such as https://netbox.example.com")
	}
	if config.APIToken == "" {
		r.missing(apiToken, "a token made in NetBox under Admin > API Tokens")
	}
	return config, r.problems
}

// reader reads variables and collects what is wrong with them.
type reader struct {
	getenv   func(string) string
	problems []*Problem
}

func (r *reader) missing(setting, want string) {
	r.problems = append(r.problems, &Problem{Setting: setting, Missing: true, Want: want})
}

func (r *reader) wrong(setting, seen, want string) {
	r.problems = append(r.problems, &Problem{Setting: setting, Seen: strconv.Quote(seen), Want: want})
}

func (r *reader) text(given *string, setting string) string {
	if given != nil && *given != "" {
		return *given
	}
	return r.getenv(Variable(setting))
}

func (r *reader) boolean(given *bool, setting string, fallback bool) bool {
	if given != nil {
		return *given
	}
	text := r.getenv(Variable(setting))
	if text == "" {
		return fallback
	}
	b, err := strconv.ParseBool(text)
	if err != nil {
		r.wrong(setting, text, "true or false")
	}
	return b
}

// seconds returns 0, which is the client's default, where nothing is set.
func (r *reader) seconds(given *int64, setting string) time.Duration {
	if given != nil {
		return time.Duration(*given) * time.Second
	}
	text := r.getenv(Variable(setting))
	if text == "" {
		return 0
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 1 || n > MaxRequestTimeout {
		r.wrong(setting, text, fmt.Sprintf("a number of seconds from 1 to %d", MaxRequestTimeout))
		return 0
	}
	return time.Duration(n) * time.Second
}

func (r *reader) headers(given map[string]string) map[string]string {
	if len(given) > 0 {
		return given
	}
	var all map[string]*string
	text := r.getenv(Variable(headers))
	if text != "" && json.Unmarshal([]byte(text), &all) != nil {
		// The value may hold a secret, so it is not repeated.
		r.problems = append(r.problems, &Problem{
			Setting: headers, Want: `a JSON object of texts, such as {"X-Remote-User": "terraform"}`,
		})
	}
	set := make(map[string]string, len(all))
	for name, value := range all {
		if value != nil { // null leaves a header out, as it does in a provider block
			set[name] = *value
		}
	}
	return set
}
