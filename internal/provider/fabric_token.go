package provider

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netbox"
)

const (
	tokenWOAttribute        = "kubernetes_token_wo"
	tokenWOVersionAttribute = "kubernetes_token_wo_version"
	// foreignTokenVersion is the version in the state of a token that was changed in
	// NetBox.
	foreignTokenVersion = -1
)

// tokenFrom returns the write-only token from the configuration, the only place that has
// it.
func tokenFrom(ctx context.Context, config tfsdk.Config, diags *diag.Diagnostics) types.String {
	var token types.String
	diags.Append(config.GetAttribute(ctx, path.Root(tokenWOAttribute), &token)...)
	return token
}

// tokenToWrite is like tokenFrom, but for an apply. It checks the combination of attributes again: a
// value that was unknown may be null now.
func (m *fabricModel) tokenToWrite(
	ctx context.Context, config tfsdk.Config, state *fabricModel, diags *diag.Diagnostics,
) types.String {
	token := tokenFrom(ctx, config, diags)
	switch {
	case m.lacksToken(token, state):
		diags.AddAttributeError(path.Root(tokenWOAttribute), "No write-only token", fmt.Sprintf(
			"kubernetes_token_wo is null or empty, although kubernetes_token_wo_version is set to %d. Nothing was "+
				"written, because the write would have cleared the token in NetBox. Set a token, or remove both "+
				"attributes to clear it.",
			m.KubernetesTokenWOVersion.ValueInt64()))
	case !token.IsNull() && m.KubernetesTokenWOVersion.IsNull():
		diags.AddAttributeError(path.Root(tokenWOVersionAttribute), "Write-only token without a version",
			"kubernetes_token_wo_version turned "+
				"out to be null, although kubernetes_token_wo is set. A token without a version is never sent. Set "+
				"both, or neither.")
	case !token.IsNull() && !m.KubernetesToken.IsNull():
		diags.AddAttributeError(path.Root(tokenField), "Two Kubernetes tokens",
			"kubernetes_token and kubernetes_token_wo are both set. Remove one of them.")
	}
	known := *m
	known.KubernetesTokenWO = token
	known.validateToken(diags)
	return token
}

// lacksToken reports whether a plan has a new version of the write-only token, but no token
// to send.
func (m *fabricModel) lacksToken(token types.String, state *fabricModel) bool {
	version := m.KubernetesTokenWOVersion
	return !token.IsUnknown() && fabric.Blank(token.ValueString()) && !version.IsNull() && !version.IsUnknown() &&
		!version.Equal(state.KubernetesTokenWOVersion)
}

// planToken warns of a missing write-only token, of one that has changed under the same
// version, so that Terraform sees no change, and of one that is the same under another
// version.
//
// A missing token is not an error yet. Terraform also plans the configuration before a
// destroy, which must not need a token.
func (m *fabricModel) planToken(
	ctx context.Context, config tfsdk.Config, state *fabricModel, private privateReader, diags *diag.Diagnostics,
) {
	token := tokenFrom(ctx, config, diags)
	if m.lacksToken(token, state) {
		diags.AddAttributeWarning(path.Root(tokenWOAttribute), "No write-only token", fmt.Sprintf(
			"kubernetes_token_wo of the fabric %s is null or empty, although kubernetes_token_wo_version is set to "+
				"%d. A create or update will fail. A destroy needs no token. Set a token, or remove both attributes.",
			quote(m.Name), m.KubernetesTokenWOVersion.ValueInt64()))
	}
	version, before := m.KubernetesTokenWOVersion, state.KubernetesTokenWOVersion
	if token.IsUnknown() || fabric.Blank(token.ValueString()) || version.IsNull() || version.IsUnknown() {
		return
	}
	f, stored := storedFingerprint(ctx, private, diags)
	switch {
	case !stored || before.IsNull() || before.ValueInt64() == foreignTokenVersion:
	case !version.Equal(before) && f.Matches(token.ValueString()):
		diags.AddAttributeWarning(path.Root(tokenWOVersionAttribute), "Write-only token is the same as before",
			fmt.Sprintf("kubernetes_token_wo_version of the fabric %s changes from %d to %d, but kubernetes_token_wo "+
				"is still the token that was sent before. If you are rotating the token, set the new one before you "+
				"apply, and before you revoke the old one.", quote(m.Name), before.ValueInt64(), version.ValueInt64()))
	case version.Equal(before) && !f.Matches(token.ValueString()):
		diags.AddAttributeWarning(path.Root(tokenWOAttribute), "Write-only token changed without its version",
			fmt.Sprintf(
				"kubernetes_token_wo of the fabric %s has changed since it was sent with "+
					"kubernetes_token_wo_version = %d. The new token will not be sent. Raise "+
					"kubernetes_token_wo_version to send it.", quote(m.Name), m.KubernetesTokenWOVersion.ValueInt64()))
	}
}

// takeAbsence puts the planned empty token into a prior state without a token if NetBox has
// no token: then the plan changes nothing.
func (m *fabricModel) takeAbsence(ctx context.Context, plan *fabricModel, private privateReader,
	diags *diag.Diagnostics) {
	absent, _, got := tokenAbsentKey.get(ctx, private)
	diags.Append(got...)
	emptied := !plan.KubernetesToken.IsNull() && !plan.KubernetesToken.IsUnknown() &&
		fabric.Blank(plan.KubernetesToken.ValueString())
	if absent && emptied && m.KubernetesToken.IsNull() && m.KubernetesTokenWOVersion.IsNull() {
		m.KubernetesToken = plan.KubernetesToken
	}
}

// validateToken reports a token that has no server to be sent to.
func (m *fabricModel) validateToken(diags *diag.Diagnostics) {
	if m.KubernetesServer.IsUnknown() || !fabric.Blank(m.KubernetesServer.ValueString()) {
		return
	}
	p := fabric.TokenWithoutServer()
	if !m.KubernetesToken.IsUnknown() && !fabric.Blank(m.KubernetesToken.ValueString()) {
		diags.AddAttributeError(path.Root(tokenField), p.Summary, p.Detail)
	}
	if !m.KubernetesTokenWO.IsUnknown() && !fabric.Blank(m.KubernetesTokenWO.ValueString()) {
		diags.AddAttributeError(path.Root(tokenWOAttribute), p.Summary, p.Detail)
	}
}

// fingerprint recognizes a token without containing it: an HMAC with a separate random key.
// Both are in private state, so the token is only protected by its length. Kubernetes'
// tokens are far too long to be guessed.
type fingerprint struct {
	Key []byte `json:"key"`
	Sum []byte `json:"sum"`
}

func newFingerprint(token string) fingerprint {
	f := fingerprint{Key: make([]byte, sha256.Size)}
	_, _ = rand.Read(f.Key) // never fails
	f.Sum = f.sum(token)
	return f
}

func (f fingerprint) sum(token string) []byte {
	h := hmac.New(sha256.New, f.Key)
	h.Write([]byte(fabric.NormalText(fabric.Trim(token))))
	return h.Sum(nil)
}

// Matches reports whether a token is the one that was sent.
func (f fingerprint) Matches(token string) bool { return hmac.Equal(f.Sum, f.sum(token)) }

// keepFingerprint stores the fingerprint of a write-only token that was sent. It removes
// the fingerprint if the configuration no longer has such a token.
func (m *fabricModel) keepFingerprint(ctx context.Context, private privateWriter, prior *fabricModel,
	tokenWO types.String) diag.Diagnostics {
	switch {
	case m.KubernetesTokenWOVersion.IsNull():
		return fingerprintKey.remove(ctx, private)
	case prior != nil && m.KubernetesTokenWOVersion.Equal(prior.KubernetesTokenWOVersion):
		return nil
	}
	return fingerprintKey.set(ctx, private, newFingerprint(tokenWO.ValueString()))
}

// storedFingerprint returns the fingerprint of the token that was sent last, and whether
// there is one.
func storedFingerprint(ctx context.Context, private privateReader, diags *diag.Diagnostics) (f fingerprint,
	stored bool) {
	f, stored, got := fingerprintKey.get(ctx, private)
	diags.Append(got...)
	return f, stored
}

// sentToken returns the fingerprint of the write-only token that NetBox had at the last
// refresh, and whether that is known.
func (m *fabricModel) sentToken(ctx context.Context, private privateReader, diags *diag.Diagnostics) (f fingerprint,
	known bool) {
	if m.KubernetesTokenWOVersion.IsNull() || m.KubernetesTokenWOVersion.ValueInt64() == foreignTokenVersion {
		return fingerprint{}, false
	}
	return storedFingerprint(ctx, private, diags)
}

// checkFingerprint checks whether NetBox still has the token that was sent. If not, the
// state gets a version that no configuration has, so that the next apply sends or clears
// the token.
func (m *fabricModel) checkFingerprint(ctx context.Context, private privateReader, read *netbox.Read,
	diags *diag.Diagnostics) {
	if m.KubernetesTokenWOVersion.IsNull() || read.Fabric.TokenHidden {
		return
	}
	f, stored := storedFingerprint(ctx, private, diags)
	if !stored || f.Matches(read.Fabric.KubernetesToken) {
		return
	}
	m.KubernetesTokenWOVersion = types.Int64Value(foreignTokenVersion)
	diags.AddAttributeWarning(path.Root(tokenWOVersionAttribute), "Kubernetes token was changed in NetBox", fmt.Sprintf(
		"The token that NetBox stores for the fabric %q is not the kubernetes_token_wo that was sent last. The next "+
			"apply sends kubernetes_token_wo again, or clears the token if kubernetes_token_wo was removed from the "+
			"configuration. If the token in NetBox is the right one, set it in kubernetes_token_wo and raise "+
			"kubernetes_token_wo_version.",
		read.Fabric.Name))
}
