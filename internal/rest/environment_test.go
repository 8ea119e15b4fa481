package rest

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

func getenv(set map[string]string) func(string) string {
	return func(name string) string { return set[name] }
}

func all() map[string]string {
	return map[string]string{
		"NETBOX_SERVER_URL": "https://netbox.example.com/path//", "NETBOX_API_TOKEN": "token-of-the-environment",
		"NETBOX_ALLOW_INSECURE_HTTPS": "true", "NETBOX_CA_CERT_FILE": "/etc/ca.pem", "NETBOX_HEADERS": `{"X-One": "1"}`,
		"NETBOX_BRANCH": "pr-1", "NETBOX_REQUEST_TIMEOUT": "7", "NETBOX_SKIP_VERSION_CHECK": "1",
		"NETBOX_STRIP_TRAILING_SLASHES_FROM_URL": "false",
		"NETBOX_CLIENT_CERT_FILE":                "/etc/client.pem", "NETBOX_CLIENT_KEY_FILE": "/etc/client.key",
	}
}

func TestConfigFrom_readsEveryVariable(t *testing.T) {
	got, problems := ConfigFrom(Settings{}, getenv(all()))
	want := Config{
		ServerURL: "https://netbox.example.com/path//", APIToken: "token-of-the-environment", InsecureTLS: true,
		CACertFile: "/etc/ca.pem", ClientCertFile: "/etc/client.pem", ClientKeyFile: "/etc/client.key",
		Branch:  "pr-1",
		Headers: map[string]string{"X-One": "1"}, RequestTimeout: 7 * time.Second, SkipVersion: true,
	}
	if problems != nil || got.ServerURL != want.ServerURL || got.APIToken != want.APIToken ||
		got.InsecureTLS != want.InsecureTLS ||
		got.CACertFile != want.CACertFile || got.ClientCertFile != want.ClientCertFile ||
		got.ClientKeyFile != want.ClientKeyFile || got.Branch != want.Branch ||
		!maps.Equal(got.Headers, want.Headers) ||
		got.RequestTimeout != want.RequestTimeout ||
		got.SkipVersion != want.SkipVersion {
		t.Errorf("got %+v and %v, want %+v", got, problems, want)
	}
}

func TestConfigFrom_defaultsWithoutVariables(t *testing.T) {
	got, problems := ConfigFrom(Settings{}, getenv(map[string]string{
		"NETBOX_SERVER_URL": "https://netbox.example.com//", "NETBOX_API_TOKEN": "abcd",
	}))
	if problems != nil || got.ServerURL != "https://netbox.example.com" || got.InsecureTLS || got.SkipVersion ||
		got.RequestTimeout != 0 ||
		got.CACertFile != "" || got.Branch != "" || len(got.Headers) != 0 {
		t.Errorf("got %+v and %v", got, problems)
	}
}

// A setting in the configuration wins over its variable.
func TestConfigFrom_whatIsGivenWins(t *testing.T) {
	text, no, yes, seconds := "given", false, true, int64(9)
	given := Settings{
		ServerURL: &text, APIToken: &text, CACertFile: &text, ClientCertFile: &text, ClientKeyFile: &text,
		Branch: &text, AllowInsecureHTTPS: &no, SkipVersionCheck: &no, StripTrailingSlashes: &yes,
		RequestTimeout: &seconds, Headers: map[string]string{"X-Given": "1"},
	}
	got, problems := ConfigFrom(given, func(name string) string {
		t.Errorf("%s was read", name)
		return "wrong"
	})
	want := Config{ServerURL: text, APIToken: text, CACertFile: text, ClientCertFile: text, ClientKeyFile: text,
		Branch: text, RequestTimeout: 9 * time.Second, Headers: given.Headers}
	if got.ObserveExchange = nil; problems != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v and %v, want %+v", got, problems, want)
	}
}

func TestConfigFrom_saysWhatIsWrong(t *testing.T) {
	_, problems := ConfigFrom(Settings{}, getenv(map[string]string{
		"NETBOX_REQUEST_TIMEOUT": "soon", "NETBOX_ALLOW_INSECURE_HTTPS": "maybe",
		"NETBOX_HEADERS": `{"X": secret-header}`,
	}))
	var got []string
	for _, p := range problems {
		got = append(got, p.Setting+": "+p.Error())
	}
	want := []string{
		`allow_insecure_https: NETBOX_ALLOW_INSECURE_HTTPS is "maybe". It must be true or false.`,
		`request_timeout: NETBOX_REQUEST_TIMEOUT is "soon". It must be a number of seconds from 1 to 3600.`,
		`headers: NETBOX_HEADERS must be a JSON object whose values are strings, such as {"X-Remote-User": ` +
			`"terraform"}.`,
		`server_url: Set the environment variable NETBOX_SERVER_URL to the URL of NetBox, such as ` +
			`https://netbox.example.com.`,
		`api_token: Set the environment variable NETBOX_API_TOKEN to a token that was created in NetBox under Admin ` +
			`> API Tokens.`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestConfigFrom_timeoutsOutOfRange(t *testing.T) {
	for _, value := range []string{"0", "-1", "3601", "1.5", "99999999999999999999"} {
		set := all()
		set["NETBOX_REQUEST_TIMEOUT"] = value
		if config, problems := ConfigFrom(Settings{}, getenv(set)); len(problems) != 1 || config.RequestTimeout != 0 {
			t.Errorf("%s: got %v, %v", value, problems, config.RequestTimeout)
		}
	}
}

// An empty setting, such as a module's default "" or {}, leaves the setting to the environment.
func TestConfigFrom_emptyValueLeavesASettingToItsVariable(t *testing.T) {
	got, problems := ConfigFrom(Settings{
		ServerURL: new(string), APIToken: new(string), CACertFile: new(string), Branch: new(string),
		ClientCertFile: new(string), ClientKeyFile: new(string), Headers: map[string]string{},
	}, getenv(all()))
	if problems != nil || got.ServerURL != "https://netbox.example.com/path//" ||
		got.APIToken != "token-of-the-environment" ||
		got.CACertFile != "/etc/ca.pem" || got.ClientCertFile != "/etc/client.pem" ||
		got.ClientKeyFile != "/etc/client.key" || got.Branch != "pr-1" ||
		!maps.Equal(got.Headers, map[string]string{"X-One": "1"}) {
		t.Errorf("got %+v and %v", got, problems)
	}
	if _, problems := ConfigFrom(Settings{ServerURL: new(string), APIToken: new(string)},
		getenv(nil)); len(problems) != 2 ||
		!problems[0].Missing || !problems[1].Missing {
		t.Errorf("without variables: %v", problems)
	}
}

func TestConfigFrom_nullLeavesAHeaderOut(t *testing.T) {
	set := all()
	for text, want := range map[string]map[string]string{
		`{"X-One": null, "X-Two": "2", "X-Three": ""}`: {"X-Two": "2", "X-Three": ""},
		`{"X-One": null}`: {},
		`null`:            {},
	} {
		set["NETBOX_HEADERS"] = text
		if got, problems := ConfigFrom(Settings{}, getenv(set)); problems != nil || !maps.Equal(got.Headers, want) {
			t.Errorf("%s: got %q and %v, want %q", text, got.Headers, problems, want)
		}
	}
}
