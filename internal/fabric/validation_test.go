package fabric

import (
	"fmt"
	"strings"
	"testing"
)

func TestValidateKubernetesServer(t *testing.T) {
	long := func(n int) string {
		return "https://k8s.example.com/" + strings.Repeat("a", n-len("https://k8s.example.com/"))
	}
	for server, want := range map[string]string{ // "" means valid
		"":                                      "",
		"https://10.0.0.1:6443":                 "",
		"https://[::1]:6443":                    "",
		"https://[::ffff:10.0.0.1]":             "",
		"https://localhost:6443":                "",
		"HTTPS://K8S.Example.com":               "",
		"https://k8s.example.com.":              "",
		"https://k8s.example.com:6443/path?x=1": "",
		"https://k8s.example.com/a@b":           "",
		"https://münchen.example":               "",
		"https://a.xn--p1ai":                    "",
		"http://k8s.example.com":                "",
		"https://k8s.example.com:1":             "",
		"https://k8s.example.com:65535":         "",
		long(200):                               "",
		long(201):                               "has 201 characters. NetBox stores at most 200",
		"not a url":                             "white space",
		"k8s.example.com:6443":                  "has no scheme",
		"https:/k8s.example.com":                `has no "//" after "https:". It must be`,
		"http:k8s.example.com":                  `has no "//" after "http:". It must be`,
		"ftp://x.example.com":                   `has the scheme "ftp". It must be "https"`,
		"https://kubernetes:6443":               `has the host "kubernetes"`,
		"https://k8s_1.example.com":             `has the host "k8s_1.example.com"`,
		"https://-k8s.example.com":              "has the host",
		"https://k8s-.example.com":              "has the host",
		"https://k8s..example.com":              "has the host",
		"https://a.b":                           "at least two letters and no digit after the last dot",
		"https://1.2.3.4.5":                     "has the host",
		"https://256.1.1.1":                     "has the host",
		"https://01.1.1.1":                      "has the host",
		"https://k8s.xn--":                      "has the host",
		"https://a.example：80":                  "has the host",
		"https://" + strings.Repeat("a", 64) + ".example.com": "has the host",
		"https://[::1":                          "not an IPv6 address",
		"https://::1]:6443":                     "has the host",
		"https://[fe80::1%25eth0]":              "not an IPv6 address",
		"https://[10.0.0.1]":                    "not an IPv6 address",
		"https://":                              "has no host",
		"https://:6443":                         "has no host",
		"https://k8s.example.com:":              `has the port ""`,
		"https://k8s.example.com:0":             `has the port "0"`,
		"https://k8s.example.com:99999":         `has the port "99999"`,
		"https://k8s.example.com:+80":           `has the port "+80"`,
		"https://k8s.example.com:000080":        `has the port "000080"`,
		" https://k8s.example.com":              "begins or ends with white space",
		"https://k8s.example.com\n":             "begins or ends with white space",
		"https://k8s.example.com/\x00":          "control characters",
		"https://k8s.example.com/%zz":           "cannot be read as a URL",
		"https://admin:hunter2@k8s.example.com": "contains a user name or password",
	} {
		p := ValidateKubernetesServer(server)
		switch {
		case want == "" && p != nil:
			t.Errorf("%q: got %v", server, p)
		case want != "" && (p == nil || !strings.Contains(p.Detail, want)):
			t.Errorf("%q: got %v, want %q", server, p, want)
		case p != nil && strings.Contains(p.Error(), "hunter2"):
			t.Errorf("%q: the password is in the message: %v", server, p)
		}
	}
}

func TestValidateValues(t *testing.T) {
	for _, c := range []struct {
		what string
		got  *Problem
		want string
	}{
		{"name", ValidateName("x"), ""},
		{"name of 100 wide characters", ValidateName(strings.Repeat("é", 100)), ""},
		{"name of 101", ValidateName(strings.Repeat("é", 101)), "has 101 characters. A name must have 1 to 100"},
		{"no name", ValidateName(""), `The name "" is blank`},
		{"blank name", ValidateName(" \t"), "is blank"},
		{"name with blanks around", ValidateName("x "), "begins or ends with white space"},
		{"name with a null", ValidateName("a\x00b"), "null character (at byte 1)"},
		{"text", ValidateText("a\nb"), ""},
		{"text with a null", ValidateText("\x00"), "null character"},
		{"message of 200", ValidateChangelogMessage(strings.Repeat("é", 200)), ""},
		{"message of 201", ValidateChangelogMessage(strings.Repeat("é", 201)), "has 201 characters. NetBox stores at " +
			"most 200"},
		{"status", ValidateLifecycle("maintenance"), ""},
		{"unknown status", ValidateLifecycle("bogus"), `The status is "bogus". It must be "planned", "active", ` +
			`"maintenance" or "decommissioned"`},
		{"status in capitals", ValidateLifecycle("Active"), `The status is "Active". It must be`},
		{"namespace", ValidateKubernetesNamespace("fab-1"), ""},
		{"namespace of 63", ValidateKubernetesNamespace(strings.Repeat("a", 63)), ""},
		{"namespace of 64", ValidateKubernetesNamespace(strings.Repeat("a", 64)), "DNS-1123 label"},
		{"no namespace", ValidateKubernetesNamespace(""), "DNS-1123 label"},
		{"namespace with a dot", ValidateKubernetesNamespace("a.b"), `The namespace is "a.b". It must be a DNS-1123 `},
		{"namespace in capitals", ValidateKubernetesNamespace("A"), "DNS-1123 label"},
		{"namespace with a hyphen at the end", ValidateKubernetesNamespace("a-"), "DNS-1123 label"},
		{"namespace with a newline", ValidateKubernetesNamespace("a\n"), "DNS-1123 label"},
		{"interval", ValidateSyncInterval(0), ""},
		{"largest interval", ValidateSyncInterval(2147483647), ""},
		{"negative interval", ValidateSyncInterval(-1), "The interval is -1 seconds. It must be 0 to 2147483647; "},
		{"interval too large", ValidateSyncInterval(2147483648), "The interval is 2147483648 seconds"},
		{"interval 0 warns not", WarnSyncInterval(0), ""},
		{"interval 1 warns", WarnSyncInterval(1), "With an interval of 1 s, a sync reads all of the cluster's " +
			"objects every 1 s. Use 60"},
		{"interval 59 warns", WarnSyncInterval(59), "With an interval of 59 s"},
		{"interval 60 warns not", WarnSyncInterval(60), ""},
		{"http warns", WarnKubernetesServer("HTTP://k8s.example.com"), "crosses the network unencrypted"},
		{"https warns not", WarnKubernetesServer("https://k8s.example.com"), ""},
		{"no server warns not", WarnKubernetesServer(""), ""},
		{"certificate in base64", ValidateCACert("LS0tLS1CRUdJTiBDRVJUSUZJ\nQ0FURS0tLS0tCg==\n"), "base64decode()"},
		{"key in base64", ValidateCACert("LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0tCg=="), "base64decode()"},
		{"other base64", ValidateCACert("aGVsbG8gd29ybGQ="), "has no PEM block"},
		{"path", ValidateCACert("ca.pem"), "has no PEM block"},
		{"custom field, and none is seen", UnknownCustomField("owner", nil), "Define the field in NetBox for the "},
		{"sync without a server", WarnSyncWithoutServer(), `"not_configured"`},
	} {
		switch {
		case c.want == "" && c.got != nil:
			t.Errorf("%s: got %v", c.what, c.got)
		case c.want != "" && (c.got == nil || !strings.Contains(c.got.Detail, c.want) ||
			strings.HasSuffix(c.got.Summary, ".")):
			t.Errorf("%s: got %v, want %q", c.what, c.got, c.want)
		}
	}
}

func ExampleValidateSyncInterval() {
	fmt.Println(ValidateSyncInterval(-1).Detail)
	// Output: The interval is -1 seconds. It must be 0 to 2147483647; 0 means no interval.
}
