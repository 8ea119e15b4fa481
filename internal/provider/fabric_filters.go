package provider

import (
	"regexp"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	listschema "github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

// fabricFilters are the filters for fabrics. The NetBox plugin ignores filters, so the
// provider applies them. T is a set in a data source and a list in a list resource.
type fabricFilters[T textCollection] struct {
	NameRegex        types.String `tfsdk:"name_regex"`
	Status           T            `tfsdk:"status"`
	SyncStatus       T            `tfsdk:"sync_status"`
	ConnectionStatus T            `tfsdk:"connection_status"`
	Tags             T            `tfsdk:"tags"`
}

// textCollection is a collection of strings.
type textCollection interface {
	types.Set | types.List
	attr.Value
	Elements() []attr.Value
}

// filterDefinition defines a filter's attribute for the schemas of data sources and list
// resources, which have different types for the same thing.
type filterDefinition struct {
	description string
	set         bool     // of strings, not a single string
	allowed     []string // elements of the set; nil allows all
}

func filterDefinitions() map[string]filterDefinition {
	return map[string]filterDefinition{
		"name_regex": {"Regular expression (RE2 syntax) that a fabric's name must match. Default: any name. It " +
			"matches anywhere in the name, unless it is anchored with `^` and `$`. The provider compares names in " +
			"Unicode normal form C, as Terraform does.", false,
			nil},
		"status": {"Lifecycle statuses to look for: any of `planned`, `active`, `maintenance` and " +
			"`decommissioned`. A fabric matches if it has one of them. Default: any status.",
			true, fabric.Lifecycles()},
		"sync_status": {"Sync statuses to look for: any of `not_configured`, `disabled`, `error`, `never_synced`, " +
			"`out_of_sync` and `in_sync`. A fabric matches if it has one of them. Default: any status.",
			true, fabric.StatusNames()},
		"connection_status": {"Connection statuses to look for: any of `unknown`, `connected`, `disconnected` and " +
			"`error`. A fabric matches if it has one of them. Default: any status.",
			true, fabric.ConnectionStatuses()},
		"tags": {"Names of tags. A fabric must have all of them. Default: none, which matches any fabric.", true, nil},
	}
}

func (f filterDefinition) dataSource() schema.Attribute {
	if f.set {
		return schema.SetAttribute{
			Optional: true, ElementType: types.StringType, MarkdownDescription: f.description,
			Validators: []validator.Set{setvalidator.NoNullValues(), setvalidator.ValueStringsAre(f.element()...)},
		}
	}
	return schema.StringAttribute{Optional: true, Validators: regexRule(), MarkdownDescription: f.description}
}

// list returns an attribute with a list instead of a set, which these schemas do not have.
func (f filterDefinition) list() listschema.Attribute {
	if f.set {
		return listschema.ListAttribute{
			Optional: true, ElementType: types.StringType, MarkdownDescription: f.description,
			Validators: []validator.List{listvalidator.NoNullValues(), listvalidator.ValueStringsAre(f.element()...)},
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
		return &fabric.Problem{Summary: "Invalid regular expression", Detail: "name_regex cannot be parsed: " +
			sentenceOf(strings.TrimPrefix(err.Error(), "error parsing regexp: ")) +
			" It uses RE2 syntax, without lookahead and backreferences."}
	}
	return nil
}

// filter returns the filters as a filter of package fabric.
func (f *fabricFilters[T]) filter(diags *diag.Diagnostics) *fabric.Filter {
	if f.NameRegex.IsUnknown() {
		addUnknownFilter(diags, "name_regex")
	}
	name, err := regexp.Compile(f.NameRegex.ValueString())
	if err != nil { // it was not known when the configuration was validated
		p := validateRegex(f.NameRegex.ValueString())
		diags.AddAttributeError(path.Root("name_regex"), p.Summary, p.Detail)
		return nil
	}
	return &fabric.Filter{
		Name:               name,
		Lifecycles:         wantedTexts("status", f.Status, diags),
		SyncStatuses:       wantedTexts("sync_status", f.SyncStatus, diags),
		ConnectionStatuses: wantedTexts("connection_status", f.ConnectionStatus, diags),
		Tags:               wantedTexts("tags", f.Tags, diags),
	}
}

// wantedTexts returns the strings of a filter, or nil if the filter is not set.
func wantedTexts[T textCollection](name string, filter T, diags *diag.Diagnostics) []string {
	if filter.IsNull() {
		return nil
	}
	wanted, known := make([]string, 0, len(filter.Elements())), !filter.IsUnknown()
	for _, v := range filter.Elements() {
		text, _ := v.(types.String)
		wanted, known = append(wanted, text.ValueString()), known && !v.IsUnknown()
	}
	if !known {
		addUnknownFilter(diags, name)
	}
	return wanted
}

// addUnknownFilter adds an error for a filter that is still unknown when Terraform reads
// the fabrics.
func addUnknownFilter(diags *diag.Diagnostics, name string) {
	diags.AddAttributeError(path.Root(name), "Filter not known yet", "The filter "+name+
		" depends on a value that is "+
		"known only after apply, so the fabrics cannot be listed now. Apply the resource with that value first, for "+
		"example with -target.")
}
