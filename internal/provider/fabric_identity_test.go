package provider

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/querycheck"
	"github.com/hashicorp/terraform-plugin-testing/querycheck/queryfilter"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/acctest"
)

func TestAccFabricResource_identity(t *testing.T) {
	acctest.Need(t, acctest.Identities)
	n := acctest.Start(t)
	name := acctest.Name("identity")
	var id int64
	acceptance(t,
		resource.TestStep{
			Config: fabricConfig(n, name, `tags = ["Prod"]`), Check: idOf(t, &id),
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectIdentityValueMatchesState(address, tfjsonpath.New("id")),
				statecheck.ExpectIdentity(address, map[string]knownvalue.Check{"id": knownvalue.NotNull()}),
			},
		},
		// A change and a refresh keep it.
		resource.TestStep{
			Config: fabricConfig(n, name, `description = "changed"`),
			ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectIdentityValueMatchesState(address,
				tfjsonpath.New("id"))},
		},
		resource.TestStep{ResourceName: address, ImportState: true,
			ImportStateKind: resource.ImportBlockWithResourceIdentity},
		resource.TestStep{ResourceName: address, ImportState: true, ImportStateKind: resource.ImportBlockWithID},
	)
}

func TestAccFabricResource_importOfAnIdentityThatNobodyHas(t *testing.T) {
	acctest.Need(t, acctest.Identities)
	n := acctest.Start(t)
	block := func(id int) string {
		return fabricConfig(n, acctest.Name("nobody"), "") + fmt.Sprintf("import {\n  to = %s\n  identity = { id = "+
			"%d }\n}\n", address, id)
	}
	acceptance(t,
		resource.TestStep{Config: block(0), ExpectError: says("0 is not a valid id")},
		resource.TestStep{Config: block(999999999), ExpectError: says("has no fabric with the id 999999999")},
	)
}

func TestAccFabricResource_movedAndRemovedBlocks(t *testing.T) {
	acctest.Need(t, acctest.RemovedLifecycles)
	n := acctest.Start(t)
	name := acctest.Name("moved")
	var id int64
	under := func(label string) string {
		return strings.Replace(fabricConfig(n, name, `description = "stays"`), `"hedgehog_fabric" "test"`,
			fmt.Sprintf("%q %q", "hedgehog_fabric", label), 1)
	}
	acceptance(t,
		resource.TestStep{Config: under("test"), Check: idOf(t, &id)},
		resource.TestStep{
			Config: under("renamed") + "moved {\n  from = hedgehog_fabric.test\n  to   = hedgehog_fabric.renamed\n}\n",
			ConfigPlanChecks: preApply(
				plancheck.ExpectResourceAction("hedgehog_fabric.renamed", plancheck.ResourceActionNoop)),
		},
		resource.TestStep{
			Config: n.ProviderConfig() + "removed {\n  from = hedgehog_fabric.renamed\n  lifecycle {\n    destroy = " +
				"false\n  }\n}\n",
		},
	)
	if f, there := n.Fabric(t, id); !there || f["description"] != "stays" {
		t.Errorf("fabric %d after its removal from the state: %v", id, f)
	}
	if !n.Published {
		n.Delete(t, id)
	}
}

func TestAccFabricResource_generatedConfiguration(t *testing.T) {
	n := acctest.Start(t)
	name := acctest.Name("generated")
	id := n.Create(t, map[string]any{
		"name": name, "description": "made in the form", "kubernetes_server": lab, "kubernetes_token": theSecret,
		"sync_interval": 600,
		"tags":          []map[string]any{{"name": "Prod"}}, "custom_fields": map[string]any{"owner": "netops"},
	})
	x := newCLI(t, n.ProviderConfig()+fmt.Sprintf("import {\n  to = hedgehog_fabric.test\n  id = %q\n}\n",
		fmt.Sprint(id)))
	if out, log, err := x.run("plan", "-no-color", "-generate-config-out=generated.tf"); err != nil {
		t.Fatalf("got %v\n%s\n%s", err, out, log)
	}
	generated := x.file("generated.tf")
	for _, computed := range []string{
		"url", "web_url", "sync_status", "connection_status", "last_sync", "tags_all", "id",
	} {
		if regexp.MustCompile(`(?m)^\s+` + computed + `\s+=`).MatchString(generated) {
			t.Errorf("the generated configuration has the computed %s:\n%s", computed, generated)
		}
	}
	for _, want := range []string{`name\s+= "` + name + `"`, `sync_interval\s+= 600`, `tags\s+= \["Prod"\]`,
		`kubernetes_server\s+= "` + regexp.QuoteMeta(lab) + `"`} {
		if !regexp.MustCompile(want).MatchString(generated) {
			t.Errorf("the generated configuration lacks %s:\n%s", want, generated)
		}
	}
	if strings.Contains(generated, theSecret) {
		t.Errorf("the generated configuration has the token:\n%s", generated)
	}
	if out, log, err := x.run("apply", "-auto-approve", "-no-color"); err != nil {
		t.Fatalf("got %v\n%s\n%s", err, out, log)
	}
	must(t, os.Remove(filepath.Join(x.dir, "main.tf")))
	must(t, os.WriteFile(filepath.Join(x.dir, "main.tf"), []byte(requiredProviders+n.ProviderConfig()), 0o600))
	if out, _, err := x.run("plan", "-no-color", "-detailed-exitcode"); err != nil {
		t.Errorf("the plan after the import is not empty: %v\n%s", err, out)
	}
	if f, _ := n.Fabric(t, id); f["kubernetes_token"] != theSecret {
		t.Errorf("got the token %v after the import, want it unchanged", f["kubernetes_token"])
	}
}

// number checks a number in the result of a query, where it is a float64.
type number int64

func (n number) String() string { return strconv.FormatInt(int64(n), 10) }

func (n number) CheckValue(v any) error {
	if fmt.Sprint(v) != n.String() {
		return fmt.Errorf("got %v, want %d", v, int64(n))
	}
	return nil
}

func TestAccFabricList_query(t *testing.T) {
	acctest.Need(t, acctest.Queries)
	n := acctest.Start(t)
	prefix := acctest.Name("list")
	ids := map[string]int64{}
	for _, suffix := range []string{"-a", "-b", "-c"} {
		fields := map[string]any{"name": prefix + suffix, "tags": []map[string]any{{"name": "Lab"}}}
		if suffix == "-b" {
			fields["kubernetes_server"] = lab
		}
		ids[suffix] = n.Create(t, fields)
	}
	query := func(body string) string {
		return n.ProviderConfig() + fmt.Sprintf("list \"hedgehog_fabric\" \"test\" {\n  provider = hedgehog\n  "+
			"include_resource = true\n  config {\n    name_regex = \"^%s\"\n    %s\n  }\n}\n", prefix, body)
	}
	const list = "hedgehog_fabric.test"
	acceptance(t,
		resource.TestStep{
			Query: true, Config: query(`tags = ["Lab"]`),
			QueryResultChecks: []querycheck.QueryResultCheck{
				querycheck.ExpectLength(list, 3),
				querycheck.ExpectIdentity(list, map[string]knownvalue.Check{"id": number(ids["-a"])}),
				querycheck.ExpectIdentity(list, map[string]knownvalue.Check{"id": number(ids["-c"])}),
			},
		},
		resource.TestStep{
			Query: true, Config: query(`sync_status = ["never_synced"]`),
			QueryResultChecks: []querycheck.QueryResultCheck{
				querycheck.ExpectLength(list, 1),
				querycheck.ExpectResourceKnownValues(list, queryfilter.ByResourceIdentity(map[string]knownvalue.Check{
					"id": number(ids["-b"])}),
					[]querycheck.KnownValueCheck{
						{Path: tfjsonpath.New("name"), KnownValue: knownvalue.StringExact(prefix + "-b")},
						{Path: tfjsonpath.New("deletion_policy"), KnownValue: knownvalue.StringExact("delete")},
						{Path: tfjsonpath.New("kubernetes_token"), KnownValue: knownvalue.Null()},
					}),
			},
		},
		resource.TestStep{Query: true, Config: query(`tags = ["Prod"]`),
			QueryResultChecks: []querycheck.QueryResultCheck{querycheck.ExpectLength(list, 0)}},
		resource.TestStep{Query: true, Config: query(`status = ["gone"]`), ExpectError: says(`The value is "gone". ` +
			`It must be "planned"`)},
	)
}

// terraform query generates a configuration that imports the fabrics and changes nothing.
func TestAccFabricList_generatedConfigurationPlansEmpty(t *testing.T) {
	acctest.Need(t, acctest.Queries)
	n := acctest.Start(t)
	prefix := acctest.Name("query")
	for _, suffix := range []string{"-a", "-b"} {
		n.Create(t, map[string]any{
			"name": prefix + suffix, "kubernetes_server": lab, "kubernetes_token": theSecret,
			"tags":          []map[string]any{{"name": "Lab"}},
			"custom_fields": map[string]any{"owner": "netops"},
		})
	}
	x := newCLI(t, n.ProviderConfig())
	query := fmt.Sprintf("list \"hedgehog_fabric\" \"all\" {\n  provider = hedgehog\n  config {\n    name_regex = "+
		"\"^%s\"\n  }\n}\n", prefix)
	must(t, os.WriteFile(filepath.Join(x.dir, "all.tfquery.hcl"), []byte(query), 0o600))
	if out, log, err := x.run("query", "-no-color", "-generate-config-out=generated.tf"); err != nil {
		t.Fatalf("got %v\n%s\n%s", err, out, log)
	}
	generated := x.file("generated.tf")
	if strings.Count(generated, "\nimport {") != 2 || strings.Contains(generated, theSecret) {
		t.Errorf("want two import blocks and no token:\n%s", generated)
	}
	out, log, err := x.run("plan", "-no-color")
	if err != nil || !strings.Contains(out, "2 to import, 0 to add, 0 to change, 0 to destroy") {
		t.Errorf("got %v\n%s\n%s", err, out, log)
	}
}

// If an import could not read the fabric, a plan would change everything and reset the facts of a
// synced fabric.
func TestFabricResource_importNeedsAKnownProvider(t *testing.T) {
	n, d := standin(t)
	id := n.Standin.AddFabric(map[string]any{"name": "lab"})
	providers, err := d.server.GetProviderSchema(context.Background(), &tfprotov6.GetProviderSchemaRequest{})
	must(t, err)
	kind, _ := providers.Provider.ValueType().(tftypes.Object)
	later := newDriver(t, nil)
	_, err = later.server.ConfigureProvider(context.Background(), &tfprotov6.ConfigureProviderRequest{
		Config: later.dynamic(kind, fill(kind, map[string]any{
			"server_url": tftypes.NewValue(tftypes.String, tftypes.UnknownValue), "api_token": n.Token,
		}))})
	must(t, err)
	identity := tftypes.Object{AttributeTypes: map[string]tftypes.Type{"id": tftypes.Number}}
	for what, request := range map[string]*tfprotov6.ImportResourceStateRequest{
		"an id":  {TypeName: fabricType, ID: strconv.FormatInt(id, 10)},
		"a name": {TypeName: fabricType, ID: "lab"},
		"an identity": {TypeName: fabricType, Identity: &tfprotov6.ResourceIdentityData{
			IdentityData: d.dynamic(identity, tftypes.NewValue(identity,
				map[string]tftypes.Value{"id": tftypes.NewValue(tftypes.Number, id)})),
		}},
	} {
		resp, err := later.server.ImportResourceState(context.Background(), request)
		must(t, err)
		if len(resp.Diagnostics) != 1 || resp.Diagnostics[0].Summary != "Provider configuration not known yet" {
			t.Errorf("%s: got %s", what, render(resp.Diagnostics))
		}
		known, err := newDriver(t, n).server.ImportResourceState(context.Background(), request)
		must(t, err)
		if len(known.Diagnostics) != 0 || len(known.ImportedResources) != 1 {
			t.Errorf("%s, with a known provider: got %s", what, render(known.Diagnostics))
		}
	}
}

func TestFabricResource_importOfWhatIsNotThere(t *testing.T) {
	n, d := standin(t)
	for importID, want := range map[string]string{"77": "has no fabric with the id 77", "name:77": `has no fabric ` +
		`named "77"`} {
		resp, err := d.server.ImportResourceState(context.Background(), &tfprotov6.ImportResourceStateRequest{
			TypeName: fabricType, ID: importID})
		must(t, err)
		said := render(resp.Diagnostics)
		if len(resp.Diagnostics) != 1 || !strings.Contains(said, "Fabric not found in NetBox") ||
			!strings.Contains(said, n.URL) || !strings.Contains(said, want) {
			t.Errorf("%s: got %s", importID, said)
		}
	}
}
