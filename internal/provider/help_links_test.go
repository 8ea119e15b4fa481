package provider

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

const guideAtMain = projectURL + "/blob/main/docs/guides/troubleshooting.md"

func TestGuideURL(t *testing.T) {
	for version, ref := range map[string]string{
		"0.1.0": "v0.1.0", "1.20.3": "v1.20.3", "1.3.0-rc.1": "v1.3.0-rc.1", "1.3.0-beta2": "v1.3.0-beta2",
		"dev": "main", "test": "main", "": "main", "0.1.0-3-g0123abc": "main", "0.1.0-dirty": "main",
		"0.1.1-snapshot-0123abc": "main", "0123abc": "main",
	} {
		if got, want := guideURL(version), projectURL+"/blob/"+ref+"/docs/guides/troubleshooting.md"; got != want {
			t.Errorf("%q: got %s, want %s", version, got, want)
		}
	}
}

func TestAnchor(t *testing.T) {
	for heading, want := range map[string]string{
		"NetBox cannot be reached":     "netbox-cannot-be-reached",
		"NetBox's answer has no time":  "netboxs-answer-has-no-time",
		"Two words: max_length, 2 – ü": "two-words-max_length-2--ü",
	} {
		if got := Anchor(heading); got != want {
			t.Errorf("%q: got %q, want %q", heading, got, want)
		}
	}
}

// withoutAddress has the calls whose diagnostics have no address: no input of a user causes one, or
// the CLI writes their first line.
func withoutAddress() []string {
	return []string{"CallFunction", "GetFunctions", "GetMetadata", "GetProviderSchema", "GetResourceIdentitySchemas",
		"StopProvider"}
}

// diagnosticsOf returns the diagnostics of an answer, or of everything in its stream.
func diagnosticsOf(answer any) (all []*tfprotov6.Diagnostic) {
	switch answer := answer.(type) {
	case *tfprotov6.ListResourceServerStream:
		for found := range answer.Results {
			all = append(all, found.Diagnostics...)
		}
	case *tfprotov6.InvokeActionServerStream:
		for event := range answer.Events {
			if done, ok := event.Type.(tfprotov6.CompletedInvokeActionEventType); ok {
				all = append(all, done.Diagnostics...)
			}
		}
	default:
		all, _ = reflect.ValueOf(answer).Elem().FieldByName("Diagnostics").Interface().([]*tfprotov6.Diagnostic)
	}
	return all
}

// The diagnostics of every call end with the address of their heading, on a separate line. The test
// calls each with the name of a type that does not exist, which is an error.
func TestServer_everyDiagnosticEndsWithItsAddress(t *testing.T) {
	t.Setenv("NETBOX_SERVER_URL", "")
	s := newServer(t)
	schemas, err := s.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	must(t, err)
	settings, _ := schemas.Provider.ValueType().(tftypes.Object)
	config, err := tfprotov6.NewDynamicValue(settings, fill(settings, map[string]any{
		"request_timeout": 0}))
	must(t, err)
	requests := map[string]any{
		"ConfigureProvider":      &tfprotov6.ConfigureProviderRequest{Config: &config},
		"ValidateProviderConfig": &tfprotov6.ValidateProviderConfigRequest{Config: &config},
	}
	calls := reflect.TypeFor[frameworkServer]()
	without := withoutAddress()
	for i := range calls.NumMethod() {
		name := calls.Method(i).Name
		if at := slices.Index(without, name); at >= 0 {
			without = slices.Delete(without, at, at+1)
			continue
		}
		t.Run(name, func(t *testing.T) {
			method := reflect.ValueOf(s).MethodByName(name)
			request := reflect.New(method.Type().In(1).Elem())
			if given := requests[name]; given != nil {
				request = reflect.ValueOf(given)
			}
			answer := method.Call([]reflect.Value{reflect.ValueOf(t.Context()), request})
			if err, _ := answer[1].Interface().(error); err != nil {
				t.Fatal(err)
			}
			said := diagnosticsOf(answer[0].Interface())
			if len(said) == 0 {
				t.Error("got no diagnostic")
			}
			endWithAddress(t, said)
		})
	}
	if len(without) > 0 {
		t.Errorf("there are no calls %v", without)
	}
}

// endWithAddress checks that diagnostics end with their address and have it only once.
func endWithAddress(t *testing.T, said []*tfprotov6.Diagnostic) {
	t.Helper()
	for _, d := range said {
		before, ends := strings.CutSuffix(d.Detail, "\n\n"+guideAtMain+"#"+Anchor(d.Summary))
		if !ends || strings.Contains(before, guideAtMain) || before == "" {
			t.Errorf("%s does not end with its address: %s", d.Summary, d.Detail)
		}
	}
}
