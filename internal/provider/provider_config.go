package provider

import (
	"context"
	"fmt"
	"os"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

// unknown returns an unknown attribute without which NetBox cannot be asked, or "" if there is
// none. Reading needs neither default_tags nor changelog_message, and at the first write
// they are known.
func (m *providerModel) unknown() string {
	for _, a := range []struct {
		name  string
		value attr.Value
	}{
		{"server_url", m.ServerURL},
		{"api_token", m.APIToken},
		{"allow_insecure_https", m.AllowInsecureHTTPS},
		{"ca_cert_file", m.CACertFile},
		{"client_cert_file", m.ClientCertFile},
		{"client_key_file", m.ClientKeyFile},
		{"branch", m.Branch},
		{"headers", m.Headers},
		{"request_timeout", m.RequestTimeout},
		{"skip_version_check", m.SkipVersionCheck},
		{"strip_trailing_slashes_from_url", m.StripTrailingSlashes},
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

// clientConfig merges configuration and environment. The configuration overrides the
// environment, except for empty strings and empty headers.
func (m *providerModel) clientConfig(ctx context.Context, diags *diag.Diagnostics) rest.Config {
	config, problems := rest.ConfigFrom(rest.Settings{
		ServerURL: m.ServerURL.ValueStringPointer(), APIToken: m.APIToken.ValueStringPointer(),
		CACertFile:           m.CACertFile.ValueStringPointer(),
		ClientCertFile:       m.ClientCertFile.ValueStringPointer(),
		ClientKeyFile:        m.ClientKeyFile.ValueStringPointer(),
		Branch:               m.Branch.ValueStringPointer(),
		AllowInsecureHTTPS:   m.AllowInsecureHTTPS.ValueBoolPointer(),
		SkipVersionCheck:     m.SkipVersionCheck.ValueBoolPointer(),
		StripTrailingSlashes: m.StripTrailingSlashes.ValueBoolPointer(),
		RequestTimeout:       m.RequestTimeout.ValueInt64Pointer(),
		Headers:              m.headers(ctx, diags),
	}, os.Getenv)
	for _, p := range problems {
		addSettingProblem(diags, p)
	}
	return config
}

func addSettingProblem(diags *diag.Diagnostics, p *rest.SettingError) {
	at, variable := path.Root(p.Setting), rest.Variable(p.Setting)
	switch {
	case p.Missing && p.Setting == "server_url":
		diags.AddAttributeError(at, "No NetBox server", fmt.Sprintf(
			"Set %s in the provider block, or the environment variable %s, to %s.", p.Setting, variable, p.Want))
	case p.Missing:
		diags.AddAttributeError(at, "No NetBox API token", fmt.Sprintf(
			"Set %s in the provider block, or the environment variable %s, to %s.", p.Setting, variable, p.Want))
	default:
		diags.AddAttributeError(at, "Invalid environment variable", p.Error())
	}
}

// headers returns the configured headers, or nil if those of the environment count.
func (m *providerModel) headers(ctx context.Context, diags *diag.Diagnostics) map[string]string {
	if m.Headers.IsNull() {
		return nil
	}
	var given map[string]types.String
	diags.Append(m.Headers.ElementsAs(ctx, &given, false)...)
	headers := map[string]string{}
	for name, value := range given {
		if !value.IsNull() { // null leaves a header out, like an attribute
			headers[name] = value.ValueString()
		}
	}
	return headers
}
