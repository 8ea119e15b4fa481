package rest

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// MaxRequestTimeout is the longest time limit of a request, in seconds.
const MaxRequestTimeout = 3600

// The settings, by the name of the provider's attribute.
const (
	settingServerURL            = "server_url"
	settingAPIToken             = "api_token"
	settingAllowInsecureHTTPS   = "allow_insecure_https"
	settingBranch               = "branch"
	settingCaCertFile           = "ca_cert_file"
	settingClientCertFile       = "client_cert_file"
	settingClientKeyFile        = "client_key_file"
	settingHeaders              = "headers"
	settingRequestTimeout       = "request_timeout"
	settingSkipVersionCheck     = "skip_version_check"
	settingStripTrailingSlashes = "strip_trailing_slashes_from_url"
)

// Variable returns the environment variable of a setting: NETBOX_SERVER_URL for server_url.
// The names are those of the NetBox provider.
func Variable(setting string) string { return "NETBOX_" + strings.ToUpper(setting) }

// Settings are values from elsewhere, such as a provider block. They override the
// variables. For a nil setting the variable counts. The same is true of an empty text and
// empty headers, since variables of modules often have such a default.
type Settings struct {
	ServerURL, APIToken, CACertFile, Branch                    *string
	ClientCertFile, ClientKeyFile                              *string
	AllowInsecureHTTPS, SkipVersionCheck, StripTrailingSlashes *bool
	RequestTimeout                                             *int64 // seconds
	Headers                                                    map[string]string
}

// SettingError means that a setting is missing, or that its variable is invalid.
type SettingError struct {
	Setting string // name of the provider's attribute
	Missing bool
	Want    string // what it has to be, such as "the URL of NetBox"
	Seen    string // the variable's value, quoted; "" where it may be a secret
}

// Error describes the problem in one or two sentences.
func (e *SettingError) Error() string {
	switch name := Variable(e.Setting); {
	case e.Missing:
		return fmt.Sprintf("Set the environment variable %s to %s.", name, e.Want)
	case e.Seen == "":
		return fmt.Sprintf("%s must be %s.", name, e.Want)
	default:
		return fmt.Sprintf("%s is %s. It must be %s.", name, e.Seen, e.Want)
	}
}

// ConfigFrom merges settings with the NETBOX_… variables, for the provider and for the
// commands. Without problems, the configuration is complete except for what the caller
// adds, such as a User-Agent.
func ConfigFrom(given Settings, getenv func(string) string) (Config, []*SettingError) {
	r := &variables{getenv: getenv}
	config := Config{
		ServerURL:      r.text(given.ServerURL, settingServerURL),
		APIToken:       r.text(given.APIToken, settingAPIToken),
		CACertFile:     r.text(given.CACertFile, settingCaCertFile),
		Branch:         r.text(given.Branch, settingBranch),
		ClientCertFile: r.text(given.ClientCertFile, settingClientCertFile),
		ClientKeyFile:  r.text(given.ClientKeyFile, settingClientKeyFile),
		InsecureTLS:    r.boolean(given.AllowInsecureHTTPS, settingAllowInsecureHTTPS, false),
		SkipVersion:    r.boolean(given.SkipVersionCheck, settingSkipVersionCheck, false),
		RequestTimeout: r.seconds(given.RequestTimeout, settingRequestTimeout),
		Headers:        r.headers(given.Headers),
	}
	if r.boolean(given.StripTrailingSlashes, settingStripTrailingSlashes, true) {
		config.ServerURL = strings.TrimRight(config.ServerURL, "/")
	}
	if config.ServerURL == "" {
		r.missing(settingServerURL, "the URL of NetBox, such as https://netbox.example.com")
	}
	if config.APIToken == "" {
		r.missing(settingAPIToken, "a token that was created in NetBox under Admin > API Tokens")
	}
	return config, r.problems
}

// variables reads variables and collects problems.
type variables struct {
	getenv   func(string) string
	problems []*SettingError
}

func (v *variables) missing(setting, want string) {
	v.problems = append(v.problems, &SettingError{Setting: setting, Missing: true, Want: want})
}

func (v *variables) wrong(setting, seen, want string) {
	problem := &SettingError{Setting: setting, Want: want}
	if isShortText(seen, longestOption) {
		problem.Seen = strconv.Quote(seen)
	}
	v.problems = append(v.problems, problem)
}

func (v *variables) text(given *string, setting string) string {
	if given != nil && *given != "" {
		return *given
	}
	return v.getenv(Variable(setting))
}

func (v *variables) boolean(given *bool, setting string, fallback bool) bool {
	if given != nil {
		return *given
	}
	text := v.getenv(Variable(setting))
	if text == "" {
		return fallback
	}
	b, err := strconv.ParseBool(text)
	if err != nil {
		v.wrong(setting, text, "true or false")
	}
	return b
}

// seconds returns 0, the client's default, if nothing is set.
func (v *variables) seconds(given *int64, setting string) time.Duration {
	if given != nil {
		return time.Duration(*given) * time.Second
	}
	text := v.getenv(Variable(setting))
	if text == "" {
		return 0
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 1 || n > MaxRequestTimeout {
		v.wrong(setting, text, fmt.Sprintf("a number of seconds from 1 to %d", MaxRequestTimeout))
		return 0
	}
	return time.Duration(n) * time.Second
}

func (v *variables) headers(given map[string]string) map[string]string {
	if len(given) > 0 {
		return given
	}
	var all map[string]*string
	text := v.getenv(Variable(settingHeaders))
	if text != "" && json.Unmarshal([]byte(text), &all) != nil {
		// The message does not repeat the value, which may contain a secret.
		v.problems = append(v.problems, &SettingError{
			Setting: settingHeaders, Want: `a JSON object whose values are strings, such as {"X-Remote-User": ` +
				`"terraform"}`,
		})
	}
	set := make(map[string]string, len(all))
	for name, value := range all {
		if value != nil { // null leaves a header out, as in a provider block
			set[name] = *value
		}
	}
	return set
}
