package provider

import (
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netbox"
)

// fabricModel is the state, plan or configuration of a hedgehog_fabric resource.
type fabricModel struct {
	ID                  types.Int64  `tfsdk:"id"`
	URL                 types.String `tfsdk:"url"`
	Name                types.String `tfsdk:"name"`
	Description         types.String `tfsdk:"description"`
	Status              types.String `tfsdk:"status"`
	KubernetesServer    types.String `tfsdk:"kubernetes_server"`
	KubernetesNamespace types.String `tfsdk:"kubernetes_namespace"`
	KubernetesCACert    types.String `tfsdk:"kubernetes_ca_cert"`
	KubernetesToken     types.String `tfsdk:"kubernetes_token"`
	// KubernetesTokenWO is null in every plan and state; only a configuration has it.
	KubernetesTokenWO        types.String `tfsdk:"kubernetes_token_wo"`
	KubernetesTokenWOVersion types.Int64  `tfsdk:"kubernetes_token_wo_version"`

	SyncEnabled      types.Bool        `tfsdk:"sync_enabled"`
	SyncInterval     types.Int64       `tfsdk:"sync_interval"`
	DeletionPolicy   types.String      `tfsdk:"deletion_policy"`
	SyncStatus       types.String      `tfsdk:"sync_status"`
	ConnectionStatus types.String      `tfsdk:"connection_status"`
	LastSync         timetypes.RFC3339 `tfsdk:"last_sync"`
	Tags             types.Set         `tfsdk:"tags"`
	TagsAll          types.Set         `tfsdk:"tags_all"`
	Timeouts         timeouts.Value    `tfsdk:"timeouts"`
}

const tokenField = "kubernetes_token"

// managedAttribute is an attribute that the resource keeps in NetBox. Its name
// is NetBox's field name. What the resource does with attributes (compare,
// send, read) it does with all of them through this.
type managedAttribute struct {
	name string
	// optional attributes are managed only while the configuration has them: a
	// value that was never set is NetBox's own.
	optional bool
	// value returns what NetBox is to store; known is false for unknown.
	value func(*fabricModel) (v any, known bool)
	// null tells whether the model leaves the attribute out.
	null func(*fabricModel) bool
	// take copies the attribute from another model.
	take func(m, from *fabricModel)
	// read puts NetBox's value into the model, and keeps what the model has
	// where both mean the same to NetBox ("" and null, or blanks around).
	read func(m *fabricModel, stored any)
}

func managedAttributes() []managedAttribute {
	return []managedAttribute{
		textAttribute("name", func(m *fabricModel) *types.String { return &m.Name }),
		textAttribute("description", func(m *fabricModel) *types.String { return &m.Description }),
		textAttribute("status", func(m *fabricModel) *types.String { return &m.Status }),
		textAttribute("kubernetes_server", func(m *fabricModel) *types.String { return &m.KubernetesServer }),
		textAttribute("kubernetes_namespace", func(m *fabricModel) *types.String { return &m.KubernetesNamespace }),
		textAttribute("kubernetes_ca_cert", func(m *fabricModel) *types.String { return &m.KubernetesCACert }),
		unlessNull(textAttribute("kubernetes_token", func(m *fabricModel) *types.String { return &m.KubernetesToken })),
		{
			name:  "sync_enabled",
			value: func(m *fabricModel) (any, bool) { return m.SyncEnabled.ValueBool(), !m.SyncEnabled.IsUnknown() },
			null:  func(m *fabricModel) bool { return m.SyncEnabled.IsNull() },
			take:  func(m, from *fabricModel) { m.SyncEnabled = from.SyncEnabled },
			read:  func(m *fabricModel, stored any) { b, _ := stored.(bool); m.SyncEnabled = types.BoolValue(b) },
		},
		{
			name:  "sync_interval",
			value: func(m *fabricModel) (any, bool) { return m.SyncInterval.ValueInt64(), !m.SyncInterval.IsUnknown() },
			null:  func(m *fabricModel) bool { return m.SyncInterval.IsNull() },
			take:  func(m, from *fabricModel) { m.SyncInterval = from.SyncInterval },
			read:  func(m *fabricModel, stored any) { n, _ := stored.(int64); m.SyncInterval = types.Int64Value(n) },
		},
		tagsAttribute(),
	}
}

// textAttribute is a text that NetBox trims. The equality is applied here, in plan
// and read, and not by a type of its own: the framework logs the values of types
// with semantic equality at TRACE level, also those of a token.
func textAttribute(name string, at func(*fabricModel) *types.String) managedAttribute {
	return managedAttribute{
		name:  name,
		value: func(m *fabricModel) (any, bool) { return at(m).ValueString(), !at(m).IsUnknown() },
		null:  func(m *fabricModel) bool { return at(m).IsNull() },
		take:  func(m, from *fabricModel) { *at(m) = *at(from) },
		read: func(m *fabricModel, stored any) {
			if text, changed := readText(name, *at(m), stored); changed {
				*at(m) = text
			}
		},
	}
}

func unlessNull(a managedAttribute) managedAttribute {
	a.optional = true
	read := a.read
	a.read = func(m *fabricModel, stored any) {
		if !a.null(m) {
			read(m, stored)
		}
	}
	return a
}

// readText returns the state's value for a stored text, unless the present one
// means the same. Nothing stored is null.
func readText(field string, present types.String, stored any) (types.String, bool) {
	text, _ := stored.(string)
	switch {
	case !present.IsUnknown() && fabric.Equal(field, present.ValueString(), text):
		return present, false
	case fabric.Blank(text):
		return types.StringNull(), true
	}
	return types.StringValue(text), true
}

// attributes returns the known managed values by NetBox's field name.
func (m *fabricModel) attributes() fabric.Attributes {
	values := fabric.Attributes{}
	for _, a := range managedAttributes() {
		if v, known := a.value(m); known && !(a.optional && a.null(m)) {
			values[a.name] = v
		}
	}
	return values
}

// change returns the managed values before and after a change from a prior
// state. What is no longer managed is cleared; a write-only token, which only
// the configuration knows, is written when its version changes.
func (m *fabricModel) change(prior *fabricModel, tokenWO types.String) (before, planned fabric.Attributes) {
	before, planned = prior.attributes(), m.attributes()
	for _, a := range managedAttributes() {
		if a.optional && a.null(m) && !a.null(prior) {
			planned[a.name] = ""
		}
	}
	if !m.KubernetesToken.IsNull() {
		return before, planned
	}
	switch versioned := !m.KubernetesTokenWOVersion.IsNull(); {
	case versioned && !m.KubernetesTokenWOVersion.Equal(prior.KubernetesTokenWOVersion):
		planned[tokenField] = tokenWO.ValueString()
	case !versioned && !prior.KubernetesTokenWOVersion.IsNull():
		planned[tokenField] = ""
	}
	return before, planned
}

// read fills the model from an answer of NetBox.
func (m *fabricModel) read(r *netbox.Read, defaultTags []string) {
	stored := netbox.AttributesOf(&r.Fabric)
	for _, a := range managedAttributes() {
		a.read(m, stored[a.name])
	}
	m.readTags(defaultTags)
	m.ID = types.Int64Value(r.Fabric.ID)
	m.URL = types.StringValue(r.Fabric.URL)
	m.SyncStatus = types.StringValue(string(fabric.SyncStatus(r.Fabric.Facts(), r.ObservedAt).Status))
	m.ConnectionStatus = types.StringValue(r.Fabric.ConnectionStatus)
	m.LastSync = instant(r.Fabric.LastSync)
	if m.DeletionPolicy.IsNull() { // an import
		m.DeletionPolicy = types.StringValue(deletionDelete)
	}
}

// keepPlanned returns the model after a committed write: the plan's value
// wherever the plan had one, and the answer's where it was unknown.
func (m *fabricModel) keepPlanned(r *netbox.Read, defaultTags []string) {
	answered := *m
	answered.read(r, defaultTags)
	for _, a := range managedAttributes() {
		if _, known := a.value(m); !known {
			a.take(m, &answered)
		}
	}
	m.ID, m.URL = answered.ID, answered.URL
	if m.SyncStatus.IsUnknown() {
		m.SyncStatus = answered.SyncStatus
	}
	if m.ConnectionStatus.IsUnknown() {
		m.ConnectionStatus = answered.ConnectionStatus
	}
	if m.LastSync.IsUnknown() {
		m.LastSync = answered.LastSync
	}
}

// instant writes a time in UTC, as exactly as NetBox gave it. A year that RFC 3339
// cannot write is null.
func instant(t *time.Time) timetypes.RFC3339 {
	if t == nil || t.UTC().Year() < 0 || t.UTC().Year() > 9999 {
		return timetypes.NewRFC3339Null()
	}
	return timetypes.NewRFC3339ValueMust(t.UTC().Format(time.RFC3339Nano))
}
