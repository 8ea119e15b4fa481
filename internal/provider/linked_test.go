package provider

import (
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/acctest"
)

// testsOnly matches packages that our programs must not contain: stand-ins, harnesses and their
// dependencies. The package testing is allowed, since go-plugin 1.7 imports it.
var testsOnly = regexp.MustCompile(`/internal/(\w+test|testserver|dev)\b|` +
	`/terraform-plugin-testing\b|/httptest$|/hc-install\b|/terraform-exec\b`)

func TestProgram_hasNoPackageOfTheTests(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", "../..").Output()
	must(t, err)
	packages := strings.Fields(string(out))
	if !slices.Contains(packages, "github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/provider") {
		t.Fatalf("got %q, which are not the packages of the provider", packages)
	}
	for _, name := range packages {
		if testsOnly.MatchString(name) {
			t.Errorf("the program contains the package %s", name)
		}
	}
}

// clientMethod matches a method of NetBox's Go client in a program, with its type.
var clientMethod = regexp.MustCompile(`github\.com/netbox-community/go-netbox/v4\.\(\*(\w+)\)`)

// Of NetBox's Go client, the program contains only the models with which internal/netbox reads tags
// and choice sets. A single use of its APIClient adds 27 MB, since the linker keeps all methods of
// all services. Tests may use it, because they don't add to the program.
func TestProgram_hasJustTheModelsOfTheGeneratedClient(t *testing.T) {
	program := filepath.Join(builtProvider(t), acctest.Executable("terraform-provider-hedgehog"))
	symbols, err := exec.CommandContext(t.Context(), "go", "tool", "nm", program).Output()
	must(t, err)
	var types []string
	for _, found := range clientMethod.FindAllSubmatch(symbols, -1) {
		types = append(types, string(found[1]))
	}
	slices.Sort(types)
	types = slices.Compact(types)
	if want := []string{"CustomFieldChoiceSet", "CustomFieldChoiceSetBaseChoices",
		"CustomFieldChoiceSetBaseChoicesLabel", "CustomFieldChoiceSetBaseChoicesValue", "NestedTag",
		"NullableTime"}; !slices.Equal(types, want) {
		t.Errorf("the program has methods of %d types of the client, such as %q; want those of %q", len(types),
			types[:min(len(types), 20)], want)
	}
}
