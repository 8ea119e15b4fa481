package rest

import (
	"strings"
	"testing"
)

func TestNew_refusesHeadersThatCannotBeSentOrAreItsOwn(t *testing.T) {
	for _, c := range []struct{ name, value, want string }{
		{"X-Proxy-Token", "s3cret", ""},
		{"cf-access-client-id", "", ""},
		{"Proxy-Authorization", "Basic eDp5", ""},
		{"Bad Header", "x", `the name "Bad Header"`},
		{"", "x", `the name ""`},
		{"X-Token: s3cret", "", `a name with a colon, "X-Token: …". Put what follows the colon into the value. `},
		{strings.Repeat("s3cret ", 6), "", "has a name that does not look like the name of a header, so it is not " +
			"repeated here."},
		{"X-Token", "s3cret\nX-Other: 1", "value for X-Token"},
		{"X-Token", "", "has no value for X-Token, whose name suggests a secret"},
		{"cf-access-client-secret", " \n", "has no value for cf-access-client-secret"},
		{"X-Region", "", ""},
		{"if-match", `"1"`, "sets If-Match"},
		{"Authorization", "Token s3cret", "sets Authorization"},
		{"accept-language", "de", "sets Accept-Language"},
		{"user-agent", "curl", "sets User-Agent"},
	} {
		_, err := New(Config{ServerURL: "https://netbox.example.com", APIToken: "0123456789abcdef",
			Headers: map[string]string{c.name: c.value}})
		if c.want == "" {
			if err != nil {
				t.Errorf("%s: got %v", c.name, err)
			}
			continue
		}
		e := wantError[*ConfigError](t, err)
		if e.Field != "headers" || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: %s %v, want %s", c.name, e.Field, err, c.want)
		}
	}
}

// Two spellings of a name are the same header, which can have only one value.
func TestNew_refusesOneHeaderInTwoSpellings(t *testing.T) {
	for _, names := range [][2]string{{"X-A", "x-a"}, {"X-Gateway-KEY", "x-gateway-key"}} {
		_, err := New(Config{ServerURL: "https://netbox.example.com", APIToken: "0123456789abcdef",
			Headers: map[string]string{
				names[0]: "s3cret", names[1]: "2",
			}})
		e := wantError[*ConfigError](t, err)
		want := "sets one header twice, as " + names[0] + " and as " + names[1]
		if e.Field != "headers" || !strings.Contains(e.Detail, want) || strings.Contains(e.Detail, "s3cret") {
			t.Errorf("got %+v, want %s", e, want)
		}
	}
}

func TestSecretHeader(t *testing.T) {
	for header, want := range map[string]bool{
		"X-Internal: true":         false,
		"X-Internal: already":      false,
		"X-Note: token":            false,
		"X-Remote-User: terraform": false,
		"X-Region: us-east-1":      false,
		"X-Stage: prod2024eu":      false,
		"X-Forwarded-Host: netbox-1.infrastructure.example.com:8443": false,
		"X-Origin: https://terraform.infrastructure.example.com":     false,
		"X-Note: sent by terraform of the team":                      false,
		"X-Empty: ":                                                  false,
		"X-Api-Key: true":                                            false,
		"X-Auth: False":                                              false,
		"X-Authenticated: true":                                      false,
		"X-Token: none":                                              false,
		"X-Author: terraform":                                        false,
		"X-Authority: netbox.example.com":                            false,
		"X-Monkey: banana":                                           false,
		"X-Keyboard: qwerty":                                         false,
		"X-Tokenizer: words":                                         false,
		"X-Obsession: fabrics":                                       false,
		"X-Secretary: jane":                                          false,
		"X-Api-Key: truest":                                          true,
		"apikey: horse":                                              true,
		"X-ApiKey: horse":                                            true,
		"X-API-KEY-2: horse":                                         true,
		"x_api_key: horse":                                           true,
		"Api-Keys: horse":                                            true,
		"Ocp-Apim-Subscription-Key: horse":                           true,
		"X-Auth: horse":                                              true,
		"X-Auth-Token: horse":                                        true,
		"X-AuthToken: horse":                                         true,
		"X-Csrftoken: horse":                                         true,
		"Private-Token: horse":                                       true,
		"X-Amz-Security-Token: horse":                                true,
		"X-Accesskey: horse":                                         true,
		"X-Clientsecret: horse":                                      true,
		"X-Passwd: horse":                                            true,
		"X-Pwd: horse":                                               true,
		"X-User-Password: horse":                                     true,
		"X-Credentials: horse":                                       true,
		"X-Session: horse":                                           true,
		"X-Sessionid: horse":                                         true,
		"X-Session-Id: horse":                                        true,
		"X-Hub-Signature-256: horse":                                 true,
		"X-JWT-Assertion: horse":                                     true,
		"X-Goog-Iap-Jwt-Assertion: horse":                            true,
		"X-Authorization: horse":                                     true,
		"X-Bearer: horse":                                            true,
		"Proxy-Authorization: Basic eDp5":                            true,
		"Cookie: a=b":                                                true,
		"CF-Access-Client-Secret: horse":                             true,
		"CF-Access-Client-Id: 5f3e.access":                           false,
		"CF-Access-Client-Id: 88bf3b6d8.ac":                          true,
		"X-Gateway: 3f9a1c7b20de":                                    true,
		"X-Gateway: 1b4e28ba-2fa1-11d2-883f-0016d3cca427":            true,
		"X-Gateway: eyJhbGciOiJIUzI1NiJ9.eyJzdWIi.c2ln":              true,
		"X-Gateway: Basic dGVycmFmb3JtOmdhdGV3YXk=":                  true,
		"X-Gateway: correct-horse-battery-staple":                    true,
	} {
		name, value, _ := strings.Cut(header, ": ")
		if got := SecretHeader(name, value); got != want {
			t.Errorf("%s: %t, want %t", header, got, want)
		}
	}
}
