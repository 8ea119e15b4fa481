package netboxtest

import (
	"strings"
	"testing"
)

func TestValidURL(t *testing.T) {
	label := strings.Repeat("a", 63)
	for url, want := range map[string]bool{
		"https://k8s.example.com":                            true,
		"https://k8s.example.com.":                           true,
		"https://k8s.example.com:99999":                      true,
		"https://k8s.example.com:123456":                     false,
		"https://k8s.example.com:":                           false,
		"https://k8s.example.com:a":                          false,
		"https://k8s.example.com?x=1":                        true,
		"https://k8s.example.com/a b":                        false,
		"https://user:pw@k8s.example.com":                    true,
		"https://user:@k8s.example.com":                      true,
		"https://:pw@k8s.example.com":                        false,
		"https://a:b:c@k8s.example.com":                      false,
		"https://localhost":                                  true,
		"https://LOCALHOST:6443/":                            true,
		"https://localhost.":                                 false,
		"https://kubernetes":                                 false,
		"https://k8s_1.example.com":                          false,
		"https://-k8s.example.com":                           false,
		"https://k8s-.example.com":                           false,
		"https://k8s..example.com":                           false,
		"https://k8s.example.c":                              false,
		"https://k8s.example.c0m":                            false,
		"https://k8s.example.xn--p1ai":                       true,
		"https://münchen.example":                            true,
		"https://k8s.münchen":                                true,
		"https://k8s.\U0001F600.example":                     false,
		"https://k8s.example：80":                             false,
		"https://user：pw@k8s.example":                        false,
		"https://k8s.example.xn--a-b":                        true,
		"https://" + label + ".example.com":                  true,
		"https://a" + label + ".example.com":                 false,
		"https://" + strings.Repeat(label+".", 4) + "com":    false, // 259 characters
		"https://10.0.0.1:6443":                              true,
		"https://10.0.0.256":                                 false,
		"https://10.0.0.01":                                  false,
		"https://10.0.1":                                     false,
		"https://[::1]:6443":                                 true,
		"https://[2001:db8::1]":                              true,
		"https://[fe80::1%25eth0]":                           false,
		"https://[10.0.0.1]":                                 false,
		"https://::1":                                        false,
		"ftp://k8s.example.com":                              true,
		"ftps://k8s.example.com":                             true,
		"HTTPS://K8S.Example.com":                            true,
		"ssh://k8s.example.com":                              false,
		"k8s.example.com":                                    false,
		"https:k8s.example.com":                              false,
		"https://":                                           false,
		"https://k8s.example.com/\nx":                        false,
		"https://k8s.example.com:6443/clusters/a#x?y=/../..": true,
	} {
		if got := validURL(url); got != want {
			t.Errorf("validURL(%q): got %t, want %t", url, got, want)
		}
	}
}
