package provider

import (
	"context"
	"reflect"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netbox"
)

// fabricRecordModel is the part of a fabric that the resource and the data sources share.
type fabricRecordModel struct {
	ID                  types.Int64       `tfsdk:"id"`
	URL                 types.String      `tfsdk:"url"`
	WebURL              types.String      `tfsdk:"web_url"`
	Name                types.String      `tfsdk:"name"`
	Description         types.String      `tfsdk:"description"`
	Status              types.String      `tfsdk:"status"`
	KubernetesServer    types.String      `tfsdk:"kubernetes_server"`
	KubernetesNamespace types.String      `tfsdk:"kubernetes_namespace"`
	KubernetesCACert    types.String      `tfsdk:"kubernetes_ca_cert"`
	SyncEnabled         types.Bool        `tfsdk:"sync_enabled"`
	SyncInterval        types.Int64       `tfsdk:"sync_interval"`
	SyncStatus          types.String      `tfsdk:"sync_status"`
	ConnectionStatus    types.String      `tfsdk:"connection_status"`
	LastSync            timetypes.RFC3339 `tfsdk:"last_sync"`
}

// fabricModel is the state, plan or configuration of a hedgehog_fabric resource.
type fabricModel struct {
	fabricRecordModel
	KubernetesToken types.String `tfsdk:"kubernetes_token"`
	// KubernetesTokenWO is null in every plan and state. Only a configuration has it.
	KubernetesTokenWO        types.String  `tfsdk:"kubernetes_token_wo"`
	KubernetesTokenWOVersion types.Int64   `tfsdk:"kubernetes_token_wo_version"`
	DeletionPolicy           types.String  `tfsdk:"deletion_policy"`
	Tags                     types.Set     `tfsdk:"tags"`
	TagsAll                  types.Set     `tfsdk:"tags_all"`
	CustomFields             types.Dynamic `tfsdk:"custom_fields"`
	Timeouts                 types.Object  `tfsdk:"timeouts"`
}

// setter is a plan or state that a model can be written to.
type setter interface {
	Set(ctx context.Context, model any) diag.Diagnostics
}

// setChanged writes the model if it differs from the one that was read from the target. In
// most plans nothing differs, and each Set of the framework allocates about 90 kB.
func (m *fabricModel) setChanged(ctx context.Context, target setter, read fabricModel) diag.Diagnostics {
	if reflect.DeepEqual(*m, read) {
		return nil
	}
	return target.Set(ctx, m)
}

const tokenField = "kubernetes_token"

// managedAttribute is an attribute that the resource keeps in NetBox. The resource
// compares, sends and reads all attributes through it.
type managedAttribute struct {
	name string // of the attribute, and of its field in NetBox
	// An optional attribute is managed only while the configuration has it. NetBox's value
	// of an attribute that was never set stays. cleared is the value to send when it is
	// removed.
	optional bool
	cleared  any
	// values adds NetBox's value, by its field name, to the attributes. known is false if a
	// part of it is unknown; then it adds nothing.
	values func(m *fabricModel, into fabric.Attributes) (known bool)
	// null reports whether the model does not have the attribute.
	null func(*fabricModel) bool
	// take copies the attribute from another model.
	take func(m, from *fabricModel)
	// read copies NetBox's values to the model. It keeps the model's value if both mean the
	// same to NetBox ("" and null, or surrounding blanks).
	read func(m *fabricModel, stored fabric.Attributes)
	// show copies NetBox's value to the model unchanged, for the data sources. It is nil if
	// they don't show it, or show it in another way.
	show func(m *fabricModel, stored fabric.Attributes)
}

// clear adds values to planned that clear what was managed and no longer is.
func (a managedAttribute) clear(was, planned fabric.Attributes) {
	for field := range was {
		if _, managed := planned[field]; !managed && a.optional {
			planned[field] = a.cleared
		}
	}
}

func managedAttributes() []managedAttribute {
	return []managedAttribute{
		textAttribute("name", func(m *fabricModel) *types.String { return &m.Name }),
		textAttribute("description", func(m *fabricModel) *types.String { return &m.Description }),
		textAttribute("status", func(m *fabricModel) *types.String { return &m.Status }),
		textAttribute("kubernetes_server", func(m *fabricModel) *types.String { return &m.KubernetesServer }),
		textAttribute("kubernetes_namespace", func(m *fabricModel) *types.String { return &m.KubernetesNamespace }),
		textAttribute("kubernetes_ca_cert", func(m *fabricModel) *types.String { return &m.KubernetesCACert }),
		tokenAttribute(),
		singleAttribute("sync_enabled", func(m *fabricModel) *types.Bool { return &m.SyncEnabled },
			func(v types.Bool) any { return v.ValueBool() },
			func(stored any) types.Bool { b, _ := stored.(bool); return types.BoolValue(b) }),
		singleAttribute("sync_interval", func(m *fabricModel) *types.Int64 { return &m.SyncInterval },
			func(v types.Int64) any { return v.ValueInt64() },
			func(stored any) types.Int64 { n, _ := stored.(int64); return types.Int64Value(n) }),
		tagsAttribute(),
		customFieldsAttribute(),
	}
}

// singleAttribute is a field of NetBox with a single value that is always present.
func singleAttribute[V attr.Value](
	name string, at func(*fabricModel) *V, value func(V) any, model func(stored any) V,
) managedAttribute {
	show := func(m *fabricModel, stored fabric.Attributes) { *at(m) = model(stored[name]) }
	return managedAttribute{
		name: name, read: show, show: show,
		values: func(m *fabricModel, into fabric.Attributes) bool {
			if (*at(m)).IsUnknown() {
				return false
			}
			into[name] = value(*at(m))
			return true
		},
		null: func(m *fabricModel) bool { return (*at(m)).IsNull() },
		take: func(m, from *fabricModel) { *at(m) = *at(from) },
	}
}

// textAttribute is a string that NetBox trims. Equality is applied here, in plan and read,
// and not with a custom type: the framework logs the values of types with semantic equality
// at TRACE level, even those of a token.
func textAttribute(name string, at func(*fabricModel) *types.String) managedAttribute {
	a := singleAttribute(name, at, func(v types.String) any { return v.ValueString() },
		func(stored any) types.String { text, _ := stored.(string); return types.StringValue(text) })
	a.read = func(m *fabricModel, stored fabric.Attributes) { *at(m) = readText(name, *at(m), stored[name]) }
	return a
}

// tokenAttribute is managed only while the configuration has it, so that an import never
// plans to clear a stored token.
func tokenAttribute() managedAttribute {
	a := textAttribute(tokenField, func(m *fabricModel) *types.String { return &m.KubernetesToken })
	a.optional, a.cleared, a.show = true, "", nil
	values, read := a.values, a.read
	a.values = func(m *fabricModel, into fabric.Attributes) bool { return a.null(m) || values(m, into) }
	a.read = func(m *fabricModel, stored fabric.Attributes) {
		if _, shown := stored[tokenField]; shown && !a.null(m) {
			read(m, stored)
		}
	}
	return a
}

// readText returns the state's value for a stored string: the present one if it means the
// same. No stored string is null.
func readText(field string, present types.String, stored any) types.String {
	text, _ := stored.(string)
	switch {
	case !present.IsUnknown() && fabric.Equal(field, present.ValueString(), text):
		return present
	case fabric.Blank(text):
		return types.StringNull()
	}
	return types.StringValue(text)
}

// attributes returns the known managed values by NetBox's field name.
func (m *fabricModel) attributes() fabric.Attributes {
	values := fabric.Attributes{}
	for _, a := range managedAttributes() {
		a.values(m, values)
	}
	return values
}

// change returns the managed values before and after a change from a prior state. It clears
// what is no longer managed. It writes a write-only token, which only the configuration
// has, if its version changes.
func (m *fabricModel) change(prior *fabricModel, tokenWO types.String) (before, planned fabric.Attributes) {
	before, planned = prior.attributes(), m.attributes()
	for _, a := range managedAttributes() {
		was := fabric.Attributes{}
		a.values(prior, was)
		a.clear(was, planned)
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
func (m *fabricModel) read(r *netbox.Read, c *connection) {
	stored := netbox.AttributesOf(&r.Fabric)
	for _, a := range managedAttributes() {
		a.read(m, stored)
	}
	m.readTags(c)
	m.readFacts(r, c.client)
	if m.DeletionPolicy.IsNull() { // an import
		m.DeletionPolicy = types.StringValue(deletionDelete)
	}
}

// readFacts fills in what NetBox and the syncs decide.
func (m *fabricRecordModel) readFacts(r *netbox.Read, client *netbox.Client) {
	m.ID = types.Int64Value(r.Fabric.ID)
	m.URL = types.StringValue(r.Fabric.URL)
	m.WebURL = types.StringValue(client.FabricPage(r.Fabric.ID))
	m.SyncStatus = types.StringValue(string(fabric.SyncStatus(r.Fabric.Facts(), r.ObservedAt).Status))
	m.ConnectionStatus = types.StringValue(r.Fabric.ConnectionStatus)
	m.LastSync = instant(r.Fabric.LastSync)
}

// newFabricRecord returns what a data source shows of an answer. An empty text is "", not
// null as in the resource.
func newFabricRecord(r *netbox.Read, client *netbox.Client) fabricRecordModel {
	var m fabricModel
	stored := netbox.AttributesOf(&r.Fabric)
	for _, a := range managedAttributes() {
		if a.show != nil {
			a.show(&m, stored)
		}
	}
	m.readFacts(r, client)
	return m.fabricRecordModel
}

// keepPlanned fills the model after a write: with the plan's value if the plan had one, and
// with the answer's value if it was unknown. NetBox may have answered under another host
// name than during the plan, or with a status that has changed since.
func (m *fabricModel) keepPlanned(ctx context.Context, r *netbox.Read, c *connection) {
	answered := *m
	answered.read(r, c)
	fillUnknown(ctx, m, &answered)
}

// keepPrior fills in what stays as it was in a change without a request.
func (m *fabricModel) keepPrior(ctx context.Context, state *fabricModel) { fillUnknown(ctx, m, state) }
