package provider

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/acctest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

var factories = map[string]func() (tfprotov6.ProviderServer, error){
	"hedgehog": func() (tfprotov6.ProviderServer, error) { return NewServer("test")(), nil },
}

// acceptance runs steps with the real CLI in parallel with other tests, and destroys what they
// created.
func acceptance(t *testing.T, steps ...resource.TestStep) {
	t.Helper()
	acctest.FindCLI(t)
	t.Parallel()
	runSteps(t, steps...)
}

// runSteps is like acceptance for a test that must run alone, since it sets environment
// variables.
func runSteps(t *testing.T, steps ...resource.TestStep) {
	t.Helper()
	acctest.FindCLI(t)
	resource.Test(t, resource.TestCase{
		TerraformVersionChecks:   []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_8_0)},
		ProtoV6ProviderFactories: factories,
		CheckDestroy:             destroyed,
		Steps:                    steps,
	})
}

// destroyed checks that a destroy has deleted the fabrics of the state from NetBox, unless their
// policy keeps them.
func destroyed(s *terraform.State) error {
	for at, r := range s.RootModule().Resources {
		attributes := r.Primary.Attributes
		if r.Type == fabricType && attributes["deletion_policy"] == deletionDelete &&
			acctest.Answers(attributes["url"]) {
			return fmt.Errorf("%s was destroyed, but NetBox still has %s", at, attributes["url"])
		}
	}
	return nil
}

// says matches a string in the CLI's error output, which wraps lines and frames them.
func says(text string) *regexp.Regexp {
	words := strings.Fields(text)
	for i, w := range words {
		words[i] = regexp.QuoteMeta(w)
	}
	return regexp.MustCompile(`(?s)` + strings.Join(words, `[\s│]+`))
}

const oneFabric = `
resource "hedgehog_fabric" "test" {
  name = "tf-acc-provider"
}
`

func TestAccProvider_wrongToken(t *testing.T) {
	n := acctest.Start(t)
	for name, token := range map[string]string{"v1": "0000000000000000000000000000000000000000",
		"v2": "nbt_aaaaaaaaaaaa.0000000000000000000000000000000000000000"} {
		t.Run(name, func(t *testing.T) {
			acceptance(t, resource.TestStep{
				Config: fmt.Sprintf("provider \"hedgehog\" {\n server_url = %q\n api_token = %q\n}\n", n.URL,
					token) + oneFabric,
				ExpectError: says("NetBox refused the API token"),
			})
		})
	}
}

func TestAccProvider_tokenV2(t *testing.T) {
	n := acctest.Start(t).WithTokenV2(t)
	name := acctest.Name("v2")
	acceptance(t, resource.TestStep{
		Config: n.ProviderConfig() + fmt.Sprintf("resource \"hedgehog_fabric\" \"test\" {\n name = %q\n %s\n}\n",
			name, n.Deletion()),
		Check: resource.TestCheckResourceAttr("hedgehog_fabric.test", "name", name),
	})
}

func TestAccProvider_limitedToken(t *testing.T) {
	n := acctest.Start(t).Limited(t)
	acceptance(t, resource.TestStep{
		Config:      n.ProviderConfig() + oneFabric,
		ExpectError: says("Permission denied by NetBox"),
	})
}

func TestAccProvider_unreachable(t *testing.T) {
	const addr = "127.0.0.1:1" // a free port would soon be another test's
	acceptance(t, resource.TestStep{
		Config: fmt.Sprintf("provider \"hedgehog\" {\n server_url = \"http://%s\"\n api_token = \"x123456\"\n}\n",
			addr) + oneFabric,
		ExpectError: regexp.MustCompile(`(?s)NetBox cannot be reached.*` + says("The connection to "+addr+
			" was refused. Check the host").String()),
	})
}

func TestAccProvider_answersHTML(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = fmt.Fprintf(w, "<html>Please log in, %s</html>", r.Header.Get("Authorization"))
	}))
	t.Cleanup(s.Close)
	acceptance(t, resource.TestStep{
		Config: fmt.Sprintf("provider \"hedgehog\" {\n server_url = %q\n api_token = \"x123456\"\n}\n", s.URL) +
			oneFabric,
		ExpectError: says(`Check that server_url is the URL of NetBox, and that no proxy or login page answers for ` +
			`it. The answer begins: <html>Please log in, Token (redacted)</html>`),
	})
}

// The provider does not mistake a refusal of a gateway, or of another API, for NetBox's.
func TestAccProvider_gatewayRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		body   string
	}{
		"401 of a gateway": {401, `{"message":"No API key found in request"}`},
		"403 of a gateway": {403, `{"message":"Forbidden"}`},
		"403 of Kubernetes": {403, `{"kind":"Status","status":"Failure","message":"forbidden: cannot get path",` +
			`"code":403}`},
		"404 of a gateway":    {404, `{"message":"no Route matched with those values"}`},
		"404 of another API":  {404, `{"detail":"Not Found"}`},
		"another API's token": {403, `{"detail":"Not authenticated"}`},
	} {
		t.Run(name, func(t *testing.T) {
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				w.WriteHeader(c.status)
				_, _ = w.Write([]byte(c.body))
			}))
			t.Cleanup(s.Close)
			step := func(skip bool) resource.TestStep {
				return resource.TestStep{
					Config: fmt.Sprintf("provider \"hedgehog\" {\n server_url = %q\n api_token = \"x123456\"\n "+
						"skip_version_check = %t\n}\n", s.URL, skip) +
						"data \"hedgehog_fabric\" \"test\" {\n id = 1\n}\n",
					ExpectError: regexp.MustCompile(`(?s)Unexpected answer from NetBox.*` + says("The answer begins: "+
						c.body).String()),
				}
			}
			acceptance(t, step(false), step(true))
		})
	}
}

func TestAccProvider_pluginMissing(t *testing.T) {
	n := acctest.Standin(t, netboxtest.Options{NoPlugin: true})
	acceptance(t, resource.TestStep{
		Config:      n.ProviderConfig() + oneFabric,
		ExpectError: says(`(version 4.7.3) does not have the netbox_hedgehog plugin`),
	})
}

func TestAccProvider_configuration(t *testing.T) {
	for name, c := range map[string]struct{ config, want string }{
		"no server": {`api_token = "x123456"`, "Set server_url in the provider block, or the environment " +
			"variable NETBOX_SERVER_URL"},
		"no token": {`server_url = "https://netbox.example.com"`, "Set api_token in the provider block, or " +
			"the environment variable NETBOX_API_TOKEN"},
		"no scheme": {`server_url = "netbox.example.com"` + "\n api_token = \"x123456\"",
			`The URL "netbox.example.com" (of server_url or NETBOX_SERVER_URL) has no scheme`},
		"password in URL": {`server_url = "https://u:p@netbox.example.com"` + "\n api_token = \"x123456\"",
			"contains a user name or password"},
		"token with newline": {`server_url = "https://netbox.example.com"` + "\n api_token = \"x123456\\n\"",
			"contains white space or another character that no NetBox token has"},
		"token of white space": {`server_url = "https://netbox.example.com"` + "\n api_token = \" \"",
			"The API token (of api_token or NETBOX_API_TOKEN) is only white space"},
		"token with scheme": {`server_url = "https://netbox.example.com"` + "\n api_token = \"Token x123456\"",
			`begins with "Token ", which belongs to the header Authorization and not to the token. Remove it.`},
		"no such CA file": {`server_url = "https://netbox.example.com"` + "\n api_token = \"x123456\"\n " +
			"ca_cert_file = \"/no/such/file\"", `Cannot read the file "/no/such/file" (of ca_cert_file ` +
			"or NETBOX_CA_CERT_FILE): no such file"},
		"certificate without a key": {`server_url = "https://netbox.example.com"` + "\n api_token = \"x123456\"\n " +
			"client_cert_file = \"/no/such/file\"", "client_cert_file (or NETBOX_CLIENT_CERT_FILE) is set, but " +
			"client_key_file (or NETBOX_CLIENT_KEY_FILE) is not."},
		"timeout of 0": {`server_url = "https://netbox.example.com"` + "\n api_token = \"x123456\"\n " +
			"request_timeout = 0", "between 1 and 3600"},
	} {
		t.Run(name, func(t *testing.T) {
			acceptance(t, resource.TestStep{
				Config:      "provider \"hedgehog\" {\n " + c.config + "\n}\n" + oneFabric,
				ExpectError: says(c.want),
			})
		})
	}
}

func TestAccProvider_environment(t *testing.T) {
	n := acctest.Standin(t, netboxtest.Options{PathPrefix: "/netbox"})
	t.Setenv("NETBOX_SERVER_URL", n.URL+"//")
	t.Setenv("NETBOX_API_TOKEN", n.Token)
	t.Setenv("NETBOX_HEADERS", `{"X-Test": "from the environment"}`)
	t.Setenv("NETBOX_REQUEST_TIMEOUT", "7")
	runSteps(t, resource.TestStep{Config: oneFabric,
		Check: resource.TestCheckResourceAttrSet("hedgehog_fabric.test", "id")})
	for _, r := range n.Requests() {
		if r.Header.Get("X-Test") != "from the environment" || !strings.HasPrefix(r.Header.Get("User-Agent"),
			"terraform-provider-hedgehog/test Terraform/") {
			t.Errorf("%s %s: headers %v", r.Method, r.Path, r.Header)
		}
	}
	if n.Standin.Count(http.MethodPost, "/api/plugins/hedgehog/fabrics/") != 1 {
		t.Error("the fabric was not created by one request")
	}
}

// If a setting in the block is an empty text, its variable counts. A null header is left out, in the
// block and in the variable.
func TestAccProvider_emptyTextsAndNullHeaders(t *testing.T) {
	n := acctest.Standin(t, netboxtest.Options{})
	t.Setenv("NETBOX_SERVER_URL", n.URL)
	t.Setenv("NETBOX_API_TOKEN", n.Token)
	t.Setenv("NETBOX_HEADERS", `{"X-Test": "sent", "X-Null": null}`)
	runSteps(t, resource.TestStep{
		Config: "provider \"hedgehog\" {\n server_url = \"\"\n api_token = \"\"\n ca_cert_file = \"\"\n " +
			"client_cert_file = \"\"\n client_key_file = \"\"\n}\n" +
			oneFabric,
		Check: resource.TestCheckResourceAttrSet("hedgehog_fabric.test", "id"),
	})
	for _, r := range n.Requests() {
		if _, sent := r.Header["X-Null"]; sent || r.Header.Get("X-Test") != "sent" {
			t.Errorf("%s %s: headers %v", r.Method, r.Path, r.Header)
		}
	}
}

// If a header's value is an ordinary word of NetBox's messages, their text and their effect stay the
// same.
func TestAccProvider_headersOfOrdinaryWords(t *testing.T) {
	n := acctest.Standin(t, netboxtest.Options{})
	n.Standin.AddFabric(map[string]any{"name": "tf-acc-taken"})
	blind := n.WithoutDefinitions(t)
	config := func(word, name string) string {
		return blind.ProviderConfig(fmt.Sprintf("headers = { \"X-Internal\" = %q }", word)) + fmt.Sprintf(
			"resource \"hedgehog_fabric\" \"test\" {\n name = %q\n custom_fields = tomap({ in_service = \"true\" "+
				"})\n}\n", name)
	}
	acceptance(t,
		resource.TestStep{
			Config: config("true", "tf-acc-words"),
			Check:  resource.TestCheckResourceAttr("hedgehog_fabric.test", "custom_fields.in_service", "true"),
		},
		resource.TestStep{Config: config("already", "tf-acc-taken"), ExpectError: says("Fabric name is taken")},
	)
}

func TestAccProvider_environmentInvalid(t *testing.T) {
	for variable, value := range map[string]string{
		"NETBOX_REQUEST_TIMEOUT": "soon", "NETBOX_ALLOW_INSECURE_HTTPS": "maybe",
		"NETBOX_SKIP_VERSION_CHECK": "perhaps", "NETBOX_HEADERS": "[]",
	} {
		t.Run(variable, func(t *testing.T) {
			t.Setenv(variable, value)
			runSteps(t, resource.TestStep{
				Config: "provider \"hedgehog\" {\n server_url = \"https://netbox.example.com\"\n api_token " +
					"= \"x123456\"\n}\n" + oneFabric,
				ExpectError: says(variable),
			})
		})
	}
}

func TestAccProvider_changelogMessage(t *testing.T) {
	n := acctest.Start(t)
	name := acctest.Name("message")
	config := func(interval int) string {
		return n.ProviderConfig(`changelog_message = "CHG-1"`) + fmt.Sprintf(
			"resource \"hedgehog_fabric\" \"test\" {\n name = %q\n sync_interval = %d\n %s\n}\n", name, interval,
			n.Deletion())
	}
	var id int64
	acceptance(t, resource.TestStep{Config: config(300), Check: idOf(t, &id)}, resource.TestStep{Config: config(600)})
	wantChanges(t, n, id, "create CHG-1", "update CHG-1", "delete CHG-1")
}

// wantChanges checks the actions and messages of a fabric in NetBox's change log. Where DELETE fails,
// a destroy abandons the fabric, which makes no entry.
func wantChanges(t *testing.T, n *acctest.NetBox, id int64, want ...string) {
	t.Helper()
	if n.Published {
		want = slices.DeleteFunc(want, func(change string) bool { return strings.HasPrefix(change, "delete ") })
	}
	if got := n.Changes(t, id); !slices.Equal(got, want) {
		t.Errorf("the change log of fabric %d has %q, want %q", id, got, want)
	}
}
