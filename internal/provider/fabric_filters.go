package provider

import (
	"regexp"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	listschema "github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netbox"
)

// fabricFilters choose among the fabrics. NetBox's plugin ignores filters, so the
// provider applies them.
type fabricFilters struct {
	NameRegex        types.String `tfsdk:"name_regex"`
	Status           []string     `tfsdk:"status"`
	SyncStatus       []string     `tfsdk:"sync_status"`
	ConnectionStatus []string     `tfsdk:"connection_status"`
	Tags             []string     `tfsdk:"tags"`
}

// filterDefinition is a filter's attribute, for the schemas of a data source and
// of a list, which have types of their own for the same.
type filterDefinition struct {
	description string
	set         bool     // of texts, and not a single one
	allowed     []string // elements of the set; nil allows any
}

func filterDefinitions() map[string]filterDefinition {
	return map[string]filterDefinition{
		"name_regex": {"Regular expression (RE2) that a fabric's name must match, anywhere unless anchored with `^` and `$`. Left out, any name.", false, nil},
		"status": {"Lifecycle statuses, one of which a fabric must have: `planned`, `active`, `maintenance`, `decommissioned`. Left out, any.",
			true, fabric.Lifecycles()},
		"sync_status": {"Derived sync statuses, one of which a fabric must have: `not_configured`, `disabled`, `error`, `never_synced`, " +
			"`out_of_sync`, `in_sync`. Left out, any.", true, statusNames()},
		"connection_status": {"Connection statuses, one of which a fabric must have: `unknown`, `connected`, `disconnected`, `error`. Left out, any.",
			true, fabric.ConnectionStatuses()},
		"tags": {"Names of tags, all of which a fabric must have. Left out, tags do not matter.", true, nil},
	}
}

func (f filterDefinition) dataSource() schema.Attribute {
	if f.set {
		return schema.SetAttribute{
			Optional: true, ElementType: types.StringType, MarkdownDescription: f.description,
			Validators: []validator.Set{setvalidator.ValueStringsAre(f.element()...)},
		}
	}
	return schema.StringAttribute{Optional: true, Validators: regexRule(), MarkdownDescription: f.description}
}

// list has lists in place of sets, which such schemas do not know.
func (f filterDefinition) list() listschema.Attribute {
	if f.set {
		return listschema.ListAttribute{
			Optional: true, ElementType: types.StringType, MarkdownDescription: f.description,
			Validators: []validator.List{listvalidator.ValueStringsAre(f.element()...)},
		}
	}
	return listschema.StringAttribute{Optional: true, Validators: regexRule(), MarkdownDescription: f.description}
}

func (f filterDefinition) element() []validator.String {
	if f.allowed == nil {
		return nil
	}
	return []validator.String{oneOf(f.allowed...)}
}

func regexRule() []validator.String {
	return []validator.String{textRule{description: "a regular expression", validate: validateRegex}}
}

func validateRegex(text string) *fabric.Problem {
	if _, err := regexp.Compile(text); err != nil {
		return &fabric.Problem{Summary: "Invalid regular expression", Detail: capital(sentenceOf(err.Error())) + " The syntax is that of RE2."}
	}
	return nil
}

// matcher returns what tells whether a fabric passes every filter.
func (f *fabricFilters) matcher(diags *diag.Diagnostics) func(*netbox.Read) bool {
	name, err := regexp.Compile(f.NameRegex.ValueString())
	if err != nil { // it was not known when the configuration was validated
		p := validateRegex(f.NameRegex.ValueString())
		diags.AddAttributeError(path.Root("name_regex"), p.Summary, p.Detail)
		return nil
	}
	oneOf := func(allowed []string, v string) bool { return allowed == nil || slices.Contains(allowed, v) }
	return func(r *netbox.Read) bool {
		for _, tag := range f.Tags {
			if !slices.ContainsFunc(r.Fabric.Tags, func(t fabric.Tag) bool { return t.Name == tag }) {
				return false
			}
		}
		return name.MatchString(r.Fabric.Name) && oneOf(f.Status, r.Fabric.Lifecycle) &&
			oneOf(f.SyncStatus, string(fabric.SyncStatus(r.Fabric.Facts(), r.ObservedAt).Status)) &&
			oneOf(f.ConnectionStatus, r.Fabric.ConnectionStatus)
	}
}

func statusNames() []string {
	names := make([]string, 0, len(fabric.Statuses()))
	for _, s := range fabric.Statuses() {
		names = append(names, string(s))
	}
	return names
}
