package provider

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/acctest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

// An empty token clears NetBox's token. If NetBox has no token, an empty token is the same as
// no token.
func TestAccFabricResource_emptyToken(t *testing.T) {
	n := acctest.Start(t)
	name := acctest.Name("no-token")
	config := func(line string) string { return fabricConfig(n, name, serverLine+line) }
	empty, null := config(`kubernetes_token = ""`), config("")
	w := &written{n: n, name: name}
	var id int64
	acceptance(t,
		resource.TestStep{Config: null, Check: idOf(t, &id)},
		resource.TestStep{
			PreConfig: func() { synced(t, n, &id); must(t, w.remember(t)(nil)) },
			Config:    empty, ConfigPlanChecks: stateOnly(), Check: w.untouched(t),
			ConfigStateChecks: has(address, want{"kubernetes_token": ""}),
		},
		resource.TestStep{Config: empty, ConfigPlanChecks: noChange()},
		resource.TestStep{
			Config: null, ConfigPlanChecks: stateOnly(), Check: w.untouched(t),
			ConfigStateChecks: has(address, want{"kubernetes_token": nil}),
		},
		resource.TestStep{Config: config(`kubernetes_token = " "`), ConfigPlanChecks: stateOnly(),
			Check: w.untouched(t)},
		resource.TestStep{Config: null, ConfigPlanChecks: stateOnly(), Check: w.untouched(t)},
		resource.TestStep{ // NetBox has one, which is nobody's until an empty token is declared
			PreConfig: func() { n.Patch(t, id, map[string]any{"kubernetes_token": "theirs"}) },
			Config:    empty, ConfigPlanChecks: preApply(does(plancheck.ResourceActionUpdate),
				unknown("connection_status")),
			Check: holds(t, n, &id, "kubernetes_token", ""),
		},
		resource.TestStep{ // from now on a token that is set by hand is drift
			PreConfig:        func() { n.Patch(t, id, map[string]any{"kubernetes_token": "theirs"}) },
			Config:           empty,
			ConfigPlanChecks: preApply(does(plancheck.ResourceActionUpdate)), Check: holds(t, n, &id,
				"kubernetes_token", ""),
		},
		resource.TestStep{Config: config(`kubernetes_token = "first-secret"`), Check: holds(t, n, &id,
			"kubernetes_token", "first-secret")},
		resource.TestStep{Config: empty, Check: holds(t, n, &id, "kubernetes_token", "")},
	)
}

func TestAccFabricResource_createWithAnEmptyToken(t *testing.T) {
	n := acctest.Start(t)
	name := acctest.Name("empty-token")
	acceptance(t,
		resource.TestStep{
			Config:            fabricConfig(n, name, `kubernetes_token = ""`),
			ConfigStateChecks: has(address, want{"kubernetes_token": ""}),
		},
		imported(n, "", "kubernetes_token"), // which an import leaves to NetBox
	)
}

// If another user sets a token between plan and apply, applying an empty token is not an error.
func TestFabricResource_emptyTokenAgainstOneThatCameMeanwhile(t *testing.T) {
	n, d := standin(t)
	config := fabricValues("lab")
	made := d.do(nil, config)
	config["kubernetes_token"] = ""
	plan := d.plan(made, config)
	n.Standin.UpdateFabric(1, map[string]any{"kubernetes_token": "theirs"})
	changed, diagnostics := d.apply(made, config, plan)
	if len(diagnostics) != 0 {
		t.Fatalf("got %s", render(diagnostics))
	}
	// Afterwards it is drift, like every other value that is set by hand.
	changed, _ = d.read(changed)
	changed = d.do(changed, config)
	if f, _ := n.Standin.Fabric(1); f["kubernetes_token"] != "" || d.attribute(changed, "kubernetes_token") != "" {
		t.Errorf("NetBox has %v, the state %v", f, changed.value)
	}
}

// Between plan and apply another user sets another token. An apply that sends or clears the
// write-only token reports that, and the next plan warns of it.
func TestFabricResource_tokenWriteOnlyChangedBetweenPlanAndApply(t *testing.T) {
	wo := func(token any, version int) map[string]any {
		return map[string]any{"name": "lab", "kubernetes_server": lab, tokenWOAttribute: token,
			tokenWOVersionAttribute: version}
	}
	for name, next := range map[string]map[string]any{
		"another version": wo("second-secret", 2),
		"the same again":  wo("first-secret", 2),
		"cleared":         {"name": "lab", "kubernetes_server": lab},
		"stored":          {"name": "lab", "kubernetes_server": lab, "kubernetes_token": "second-secret"},
	} {
		t.Run(name, func(t *testing.T) {
			n, d := standin(t)
			made := d.do(nil, wo("first-secret", 1))
			plan := d.plan(made, next)
			n.Standin.UpdateFabric(1, map[string]any{"kubernetes_token": "theirs"})
			same, diagnostics := d.apply(made, next, plan)
			if got := render(diagnostics); !strings.HasPrefix(got, "ERROR: Fabric was changed by another user") ||
				!strings.Contains(got, "- kubernetes_token: changed to another value") {
				t.Errorf("got %s", got)
			}
			if f, _ := n.Standin.Fabric(1); f["kubernetes_token"] != "theirs" || !same.value.Equal(made.value) {
				t.Errorf("NetBox has %v, the state %v", f, same.value)
			}
			read, diagnostics := d.read(made)
			wantRendered(t, "refresh", diagnostics, `WARNING at AttributeName("kubernetes_token_wo_version"): `+
				`Kubernetes token was changed in NetBox`)
			d.do(read, next)
			want := map[string]any{"another version": "second-secret", "the same again": "first-secret", "cleared": "",
				"stored": "second-secret"}[name]
			if f, _ := n.Standin.Fabric(1); f["kubernetes_token"] != want {
				t.Errorf("after the next plan, NetBox has %v", f)
			}
		})
	}
}

func TestAccFabricResource_tokenWriteOnlyImport(t *testing.T) {
	acctest.Need(t, acctest.WriteOnly)
	n := acctest.Start(t)
	name := acctest.Name("wo-import")
	var id int64
	first := fabricConfig(n, name, serverLine+"kubernetes_token_wo = \"first-secret\"\n  "+
		"kubernetes_token_wo_version = 1")
	acceptance(t,
		resource.TestStep{Config: first, Check: idOf(t, &id)},
		imported(n, "", "kubernetes_token_wo_version"),
		resource.TestStep{Config: first, ConfigPlanChecks: noChange(), Check: holds(t, n, &id, "kubernetes_token",
			"first-secret")},
	)
}

// After an import the provider does not know the token, so it sends it once.
func TestAccFabricResource_tokenWriteOnlyAfterAnImport(t *testing.T) {
	acctest.Need(t, acctest.WriteOnly)
	n := acctest.Start(t)
	name := acctest.Name("wo-adopted")
	id := n.Create(t, map[string]any{"name": name, "kubernetes_server": lab, "kubernetes_token": "theirs"})
	config := fabricConfig(n, name, serverLine+"kubernetes_token_wo = \"first-secret\"\n  "+
		"kubernetes_token_wo_version = 1")
	acceptance(t,
		resource.TestStep{Config: config, ResourceName: address, ImportState: true, ImportStateId: name,
			ImportStatePersist: true},
		resource.TestStep{
			Config: config, ConfigPlanChecks: preApply(does(plancheck.ResourceActionUpdate)), Check: holds(t, n, &id,
				"kubernetes_token", "first-secret"),
		},
		resource.TestStep{Config: config, ConfigPlanChecks: noChange()},
	)
}

func TestAccFabricResource_tokenWriteOnlyKnownAfterApply(t *testing.T) {
	acctest.Need(t, acctest.WriteOnly)
	n := acctest.Start(t)
	name := acctest.Name("wo-later")
	tokens := `tomap({ none = null, first = "first-secret", second = "second-secret", third = "third-secret" })`
	config := func(token string, version int) string {
		return fabricConfig(n, name, serverLine+fmt.Sprintf(
			"kubernetes_token_wo = %s[terraform_data.later.output]\n  kubernetes_token_wo_version = %d",
			tokens, version)) +
			fmt.Sprintf("resource \"terraform_data\" \"later\" {\n  input = %q\n}\n", token)
	}
	const refused = "kubernetes_token_wo is null or empty, although kubernetes_token_wo_version is set"
	var id int64
	acceptance(t,
		resource.TestStep{Config: config("none", 1), ExpectError: says(refused)},
		resource.TestStep{
			PreConfig: func() {
				if made := n.Named(t, name); len(made) != 0 {
					t.Errorf("NetBox has %v", made)
				}
			},
			Config: config("first", 1),
			Check: resource.ComposeTestCheckFunc(idOf(t, &id),
				holds(t, n, &id, "kubernetes_token", "first-secret")),
			ConfigStateChecks: has(address, want{"kubernetes_token_wo": nil, "kubernetes_token_wo_version": 1}),
		},
		resource.TestStep{Config: config("second", 2), Check: holds(t, n, &id, "kubernetes_token", "second-secret")},
		resource.TestStep{Config: config("none", 3), ExpectError: says(refused)},
		resource.TestStep{
			PreConfig: func() { must(t, holds(t, n, &id, "kubernetes_token", "second-secret")(nil)) },
			Config:    config("third", 3), Check: holds(t, n, &id, "kubernetes_token", "third-secret"),
		},
	)
}

// Conflicting tokens that are unknown to validate are refused before the write.
func TestFabricResource_tokensThatTurnOutNotToGoTogether(t *testing.T) {
	for name, c := range map[string]struct {
		token, tokenWO, version, server any
		want                            string // "" when it goes through
	}{
		"no token": {nil, nil, 1, lab, `ERROR at AttributeName("kubernetes_token_wo"): No ` +
			`write-only token`},
		"no version": {nil, "first-secret", nil, lab,
			`ERROR at AttributeName("kubernetes_token_wo_version"): Write-only token without a version`},
		"two tokens": {"first-secret", "second-secret", 1, lab,
			`ERROR at AttributeName("kubernetes_token"): Two Kubernetes tokens`},
		"no server": {nil, "first-secret", 1, nil,
			`ERROR at AttributeName("kubernetes_token_wo"): Kubernetes token without a server`},
		"no server for the stored one": {"first-secret", nil, nil, "", `ERROR at AttributeName("kubernetes_token"): ` +
			`Kubernetes token without a server`},
		"an empty token": {nil, " ", 1, lab, `ERROR at AttributeName("kubernetes_token_wo"): No ` +
			`write-only token`},
		"neither": {nil, nil, nil, nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			n, d := standin(t)
			known := map[string]any{"name": "lab", "kubernetes_token": c.token, "kubernetes_token_wo": c.tokenWO,
				"kubernetes_token_wo_version": c.version, "kubernetes_server": c.server}
			planned := map[string]any{"name": "lab", "kubernetes_token": c.token,
				"kubernetes_token_wo_version": c.version, "kubernetes_server": c.server}
			made, diagnostics := d.apply(nil, known, d.plan(nil, planned))
			wantRendered(t, "create", diagnostics, c.want)
			if (c.want == "") == made.value.IsNull() || len(n.Standin.Fabrics()) != 0 == made.value.IsNull() {
				t.Errorf("the state is %v, NetBox has %v", made.value, n.Standin.Fabrics())
			}
			n, d = standin(t)
			prior := d.do(nil, map[string]any{"name": "lab", "kubernetes_server": lab,
				"kubernetes_token_wo": "first-secret", "kubernetes_token_wo_version": 7})
			_, diagnostics = d.apply(prior, known, d.plan(prior, planned))
			wantRendered(t, "update", diagnostics, c.want)
			if f, _ := n.Standin.Fabric(1); c.want != "" && f["kubernetes_token"] != "first-secret" {
				t.Errorf("NetBox has %v", f)
			}
		})
	}
}

// For Terraform, another token with the same version is not a change. A warning says so.
func TestFabricResource_tokenWriteOnlyChangedWithoutItsVersion(t *testing.T) {
	n, d := standin(t)
	config := func(token any, version int) map[string]any {
		return map[string]any{"name": "lab", "kubernetes_server": lab, tokenWOAttribute: token,
			tokenWOVersionAttribute: version}
	}
	const warning = `WARNING at AttributeName("kubernetes_token_wo"): Write-only token changed without its version: ` +
		`kubernetes_token_wo of the fabric "lab" has changed since it was sent with kubernetes_token_wo_version = 1. ` +
		`The new token will not be sent. Raise kubernetes_token_wo_version to send it.`
	made := d.do(nil, config("first-secret", 1))
	for name, c := range map[string]struct {
		token   any
		version int
		want    string
	}{
		"the same":                {"first-secret", 1, ""},
		"the same with blanks":    {"first-secret\n", 1, ""},
		"another":                 {"second-secret", 1, warning},
		"empty, which is not due": {" ", 1, ""},
		"another with a version":  {"second-secret", 2, ""},
		"not known yet":           {tftypes.UnknownValue, 1, ""},
		"none, which is not due":  {nil, 1, ""},
		"empty for a new one":     {"", 2, `WARNING at AttributeName("kubernetes_token_wo"): No write-only token`},
		"none for a new version":  {nil, 2, `WARNING at AttributeName("kubernetes_token_wo"): No write-only token`},
	} {
		plan := d.plan(made, config(c.token, c.version))
		wantRendered(t, name, plan.Diagnostics, c.want)
		if same := d.value(plan.PlannedState).Equal(made.value); same != (c.version == 1) {
			t.Errorf("%s: the plan is %v", name, d.value(plan.PlannedState))
		}
	}
	n.Patch(t, 1, map[string]any{"kubernetes_token": "theirs"})
	read, _ := d.read(made) // the token is sent again, and the new one with it
	wantRendered(t, "changed in NetBox", d.plan(read, config("second-secret", 1)).Diagnostics, "")
}

// A plan needs the token, but a destroy does not.
func TestAccFabricResource_tokenWriteOnlyIsNotNeededForADestroy(t *testing.T) {
	acctest.Need(t, acctest.WriteOnly)
	n := acctest.Standin(t, netboxtest.Options{})
	x := newCLI(t, n.ProviderConfig()+fmt.Sprintf(`
variable "token" {
  type      = string
  sensitive = true
  default   = null
}
resource "hedgehog_fabric" "test" {
  name                        = "lab"
  kubernetes_server           = %q
  kubernetes_token_wo         = var.token
  kubernetes_token_wo_version = 1
}
`, lab))
	_, _, err := x.run("apply", "-auto-approve", "-no-color", "-var=token=first-secret")
	must(t, err)
	n.Patch(t, 1, map[string]any{"kubernetes_token": "theirs"}) // so that the token must be sent again
	out, log, err := x.run("apply", "-auto-approve", "-no-color")
	if err == nil || !says("Error: No write-only token").MatchString(log) ||
		!says("Warning: No write-only token").MatchString(out) {
		t.Errorf("an apply without the token: %v\n%s", err, out)
	}
	if out, log, err := x.run("destroy", "-auto-approve", "-no-color"); err != nil || len(n.Standin.Fabrics()) != 0 {
		t.Errorf("a destroy without the token: %v\n%s%s", err, out, log)
	}
}

// wantRendered checks the text of all diagnostics.
func wantRendered(t *testing.T, what string, diagnostics []*tfprotov6.Diagnostic, want string) {
	t.Helper()
	if got := render(diagnostics); (want == "") != (got == "") || !strings.Contains(got, want) ||
		strings.Contains(got, "secret") {
		t.Errorf("%s: got %q, want %q", what, got, want)
	}
}

// A rotation raises the version, but the user forgets to change the variable.
func TestFabricResource_sameTokenUnderAnotherVersion(t *testing.T) {
	const warning = `WARNING at AttributeName("kubernetes_token_wo_version"): Write-only token is the same as before`
	wo := func(token any, version int) map[string]any {
		return map[string]any{"name": "lab", "kubernetes_server": lab, tokenWOAttribute: token,
			tokenWOVersionAttribute: version}
	}
	n, d := standin(t)
	made := d.do(nil, wo("first-secret", 1))
	wantRendered(t, "the same token", d.plan(made, wo("first-secret", 2)).Diagnostics, warning)
	for what, next := range map[string]map[string]any{
		"no change": wo("first-secret", 1), "another token": wo("second-secret", 2),
		"not known": wo(tftypes.UnknownValue, 2), "removed": {"name": "lab", "kubernetes_server": lab},
	} {
		if got := render(d.plan(made, next).Diagnostics); got != "" {
			t.Errorf("%s: got %s", what, got)
		}
	}
	n.Standin.UpdateFabric(1, map[string]any{"kubernetes_token": "theirs"})
	made, _ = d.read(made)
	for _, version := range []int{1, 2} { // the same token again is what puts NetBox right
		if got := render(d.plan(made, wo("first-secret", version)).Diagnostics); got != "" {
			t.Errorf("version %d after a change in NetBox: got %s", version, got)
		}
	}
}
