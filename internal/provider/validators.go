package provider

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

// textRule applies a rule of package fabric to a string attribute. It ignores null and
// unknown values.
type textRule struct {
	description string
	validate    func(string) *fabric.Problem
	warn        func(string) *fabric.Problem // nil if there is no such rule
}

var _ validator.String = textRule{}

func (r textRule) Description(context.Context) string         { return r.description }
func (r textRule) MarkdownDescription(context.Context) string { return r.description }

func (r textRule) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	report(&resp.Diagnostics, req.Path, r.validate, r.warn, req.ConfigValue.ValueString())
}

// numberRule is like textRule, but for an int64 attribute.
type numberRule struct {
	description string
	validate    func(int64) *fabric.Problem
	warn        func(int64) *fabric.Problem
}

var _ validator.Int64 = numberRule{}

func (r numberRule) Description(context.Context) string         { return r.description }
func (r numberRule) MarkdownDescription(context.Context) string { return r.description }

func (r numberRule) ValidateInt64(_ context.Context, req validator.Int64Request, resp *validator.Int64Response) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	report(&resp.Diagnostics, req.Path, r.validate, r.warn, req.ConfigValue.ValueInt64())
}

func report[T any](diags *diag.Diagnostics, at path.Path, validate, warn func(T) *fabric.Problem, value T) {
	if p := validate(value); p != nil {
		diags.AddAttributeError(at, p.Summary, p.Detail)
		return
	}
	if warn == nil {
		return
	}
	if p := warn(value); p != nil {
		diags.AddAttributeWarning(at, p.Summary, p.Detail)
	}
}

// idRule is the rule for ids of fabrics, which start at 1 in NetBox. It also accepts 0, the
// id of a fabric that a Terraform test has mocked. NetBox has no such fabric.
func idRule() numberRule {
	return numberRule{description: "a whole number from 1", validate: func(id int64) *fabric.Problem {
		if id == 0 {
			return nil
		}
		return fabric.ValidateID(id)
	}}
}

// idOrName returns the rules for an id if a name may be given instead.
func idOrName() []validator.Int64 {
	return []validator.Int64{idRule(), int64validator.ExactlyOneOf(path.MatchRoot("id"), path.MatchRoot("name"))}
}

// oneOf allows only certain strings.
func oneOf(allowed ...string) textRule {
	quoted := make([]string, len(allowed))
	for i, text := range allowed {
		quoted[i] = strconv.Quote(text)
	}
	last := len(quoted) - 1
	list := strings.Join(quoted[:last], ", ") + " or " + quoted[last]
	return textRule{description: list, validate: func(text string) *fabric.Problem {
		if slices.Contains(allowed, text) {
			return nil
		}
		return &fabric.Problem{Summary: "Invalid value", Detail: fmt.Sprintf("The value is %q. It must be "+
			"%s.", text, list)}
	}}
}
