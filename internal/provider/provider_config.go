package provider

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netbox"
)

const maxRequestTimeout = 3600 // seconds

// unknown returns the name of an attribute that is not known yet, or "".
func (m *providerModel) unknown() string {
	for _, a := range []struct {
		name  string
		value attr.Value
	}{
		{"server_url", m.ServerURL},
		{"api_token", m.APIToken},
		{"allow_insecure_https", m.AllowInsecureHTTPS},
		{"ca_cert_file", m.CACertFile},
		{"headers", m.Headers},
		{"request_timeout", m.RequestTimeout},
		{"skip_version_check", m.SkipVersionCheck},
		{"strip_trailing_slashes_from_url", m.StripTrailingSlashes},
		{"changelog_message", m.ChangelogMessage},
		{"default_tags", m.DefaultTags},
	} {
		if a.value.IsUnknown() {
			return a.name
		}
	}
	for _, header := range m.Headers.Elements() {
		if header.IsUnknown() {
			return "headers"
		}
	}
	return ""
}

// clientConfig merges configuration and environment; the configuration wins.
func (m *providerModel) clientConfig(ctx context.Context, diags *diag.Diagnostics) netbox.Config {
	config := netbox.Config{
		ServerURL:   m.ServerURL.ValueString(),
		APIToken:    m.APIToken.ValueString(),
		CACertFile:  m.CACertFile.ValueString(),
		InsecureTLS: m.AllowInsecureHTTPS.ValueBool(),
		SkipVersion: m.SkipVersionCheck.ValueBool(),

		ChangelogMessage: m.ChangelogMessage.ValueString(),
	}
	if m.ServerURL.IsNull() {
		config.ServerURL = os.Getenv("NETBOX_SERVER_URL")
	}
	if m.APIToken.IsNull() {
		config.APIToken = os.Getenv("NETBOX_API_TOKEN")
	}
	if m.CACertFile.IsNull() {
		config.CACertFile = os.Getenv("NETBOX_CA_CERT_FILE")
	}
	if m.AllowInsecureHTTPS.IsNull() {
		config.InsecureTLS = envBool(diags, "allow_insecure_https", "NETBOX_ALLOW_INSECURE_HTTPS", false)
	}
	if m.SkipVersionCheck.IsNull() {
		config.SkipVersion = envBool(diags, "skip_version_check", "NETBOX_SKIP_VERSION_CHECK", false)
	}
	strip := m.StripTrailingSlashes.ValueBool()
	if m.StripTrailingSlashes.IsNull() {
		strip = envBool(diags, "strip_trailing_slashes_from_url", "NETBOX_STRIP_TRAILING_SLASHES_FROM_URL", true)
	}
	if strip {
		config.ServerURL = strings.TrimRight(config.ServerURL, "/")
	}
	config.RequestTimeout = m.requestTimeout(diags)
	config.Headers = m.headers(ctx, diags)

	if config.ServerURL == "" {
		diags.AddAttributeError(path.Root("server_url"), "No NetBox server",
			"Set server_url in the provider block, or the environment variable NETBOX_SERVER_URL, to the URL of NetBox, "+
				"such as https://netbox.example.com.")
	}
	if config.APIToken == "" {
		diags.AddAttributeError(path.Root("api_token"), "No NetBox API token",
			"Set api_token in the provider block, or the environment variable NETBOX_API_TOKEN, to a token made in NetBox "+
				"under Admin > API Tokens.")
	}
	return config
}

func (m *providerModel) requestTimeout(diags *diag.Diagnostics) time.Duration {
	seconds := m.RequestTimeout.ValueInt64()
	if text := os.Getenv("NETBOX_REQUEST_TIMEOUT"); m.RequestTimeout.IsNull() && text != "" {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || n < 1 || n > maxRequestTimeout {
			diags.AddAttributeError(path.Root("request_timeout"), "Invalid environment variable",
				fmt.Sprintf("NETBOX_REQUEST_TIMEOUT is %q. It must be a number of seconds from 1 to %d.", text, maxRequestTimeout))
		}
		seconds = n
	}
	return time.Duration(seconds) * time.Second // 0 is the client's default
}

func (m *providerModel) headers(ctx context.Context, diags *diag.Diagnostics) map[string]string {
	headers := map[string]string{}
	if !m.Headers.IsNull() {
		var given map[string]types.String
		diags.Append(m.Headers.ElementsAs(ctx, &given, false)...)
		for name, value := range given {
			if !value.IsNull() { // null leaves a header out, as it does an attribute
				headers[name] = value.ValueString()
			}
		}
		return headers
	}
	if text := os.Getenv("NETBOX_HEADERS"); text != "" {
		if json.Unmarshal([]byte(text), &headers) != nil {
			// The value may hold a secret, so it is not repeated.
			diags.AddAttributeError(path.Root("headers"), "Invalid environment variable",
				`NETBOX_HEADERS must be a JSON object of texts, such as {"X-Remote-User": "terraform"}.`)
		}
	}
	return headers
}

func envBool(diags *diag.Diagnostics, attribute, variable string, fallback bool) bool {
	text := os.Getenv(variable)
	if text == "" {
		return fallback
	}
	b, err := strconv.ParseBool(text)
	if err != nil {
		diags.AddAttributeError(path.Root(attribute), "Invalid environment variable",
			fmt.Sprintf("%s is %q. It must be true or false.", variable, text))
	}
	return b
}
