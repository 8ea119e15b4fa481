package provider

import (
	"fmt"
	"reflect"
	"regexp"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// notWhole matches what the framework says of a number that is no int64, in two
// errors for one number. It calls that a fault of the provider, and no type or
// validator comes before it.
var notWhole = regexp.MustCompile(`Value %!s\(\*big\.Float=(.*)\) (?:is not an integer|cannot be represented as a ` +
	`64-bit integer)`)

// sayWholeNumbers has an answer say once, in plain words, that a number has to be whole.
func sayWholeNumbers(answer any) {
	diagnostics := diagnosticsOf(answer)
	if diagnostics == nil {
		return
	}
	said := map[string]bool{}
	var kept []*tfprotov6.Diagnostic
	for _, d := range *diagnostics {
		if match := notWhole.FindStringSubmatch(d.Detail); match != nil && d.Attribute != nil {
			at := d.Attribute.String()
			if said[at] {
				continue
			}
			said[at] = true
			d = &tfprotov6.Diagnostic{Severity: d.Severity, Attribute: d.Attribute, Summary: "Not a whole number",
				Detail: fmt.Sprintf(
					"The value is %s. It must be a whole number that 64 bits can hold.", match[1])}
		}
		kept = append(kept, d)
	}
	*diagnostics = kept
}

// diagnosticsOf returns where an answer has its diagnostics, and nil for one without.
func diagnosticsOf(answer any) *[]*tfprotov6.Diagnostic {
	value := reflect.Indirect(reflect.ValueOf(answer))
	if value.Kind() != reflect.Struct {
		return nil
	}
	field := value.FieldByName("Diagnostics")
	if !field.IsValid() {
		return nil
	}
	diagnostics, _ := field.Addr().Interface().(*[]*tfprotov6.Diagnostic)
	return diagnostics
}
