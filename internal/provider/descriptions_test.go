package provider

import (
	"context"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// Everything that a user can write or read has a description, since the documentation is
// generated from descriptions.
func TestDescriptions_areEverywhere(t *testing.T) {
	server := newServer(t)
	all, err := server.GetProviderSchema(context.Background(), &tfprotov6.GetProviderSchemaRequest{})
	must(t, err)
	d := &descriptions{t: t}
	d.schema("provider", all.Provider)
	for name, s := range all.ResourceSchemas {
		d.schema("resource "+name, s)
	}
	for name, s := range all.DataSourceSchemas {
		d.schema("data source "+name, s)
	}
	for name, s := range all.EphemeralResourceSchemas {
		d.schema("ephemeral resource "+name, s)
	}
	for name, s := range all.ListResourceSchemas {
		d.schema("list resource "+name, s)
	}
	for name, s := range all.ActionSchemas {
		d.schema("action "+name, s.Schema)
	}
	for name, f := range all.Functions {
		d.function("function "+name, f)
	}
	identities, err := server.GetResourceIdentitySchemas(context.Background(),
		&tfprotov6.GetResourceIdentitySchemasRequest{})
	must(t, err)
	for name, s := range identities.IdentitySchemas {
		for _, a := range s.IdentityAttributes {
			d.want("identity of "+name+": "+a.Name, a.Description)
		}
	}
	if d.seen < 150 {
		t.Errorf("got only %d descriptions", d.seen)
	}
}

type descriptions struct {
	t    *testing.T
	seen int
}

func (d *descriptions) want(what, description string) {
	d.t.Helper()
	d.seen++
	switch {
	case strings.TrimSpace(description) == "":
		d.t.Errorf("%s has no description", what)
	case !sentences.MatchString(description):
		d.t.Errorf("the description of %s is not whole sentences: %s", what, description)
	case notPlain.MatchString(description):
		d.t.Errorf("the description of %s says %q, which is not plain: %s", what, notPlain.FindString(description),
			description)
	}
}

var (
	sentences = regexp.MustCompile(`^[A-Z](.|\n)*[^.]\.$`)
	// notPlain are words and forms that a reader has to read twice.
	notPlain = regexp.MustCompile(`(?i)\b(tells?|told|afresh|anew|whoever|everybody|somebody|(is|are) (to be|none)|` +
		`(by|of) which|stands?|beside|meanwhile)\b|\bleft out,`)
	// saysDefault matches what the description of each optional argument must contain.
	saysDefault = regexp.MustCompile("Default: |Required|Set either `")
)

// wantDefault checks that the description of an optional argument has its default.
func (d *descriptions) wantDefault(what string, a *tfprotov6.SchemaAttribute) {
	d.t.Helper()
	if a.Optional && a.NestedType == nil && !saysDefault.MatchString(a.Description) {
		d.t.Errorf("the description of %s does not say its default: %s", what, a.Description)
	}
}

// schema checks a schema with everything in it, at any depth.
func (d *descriptions) schema(what string, s *tfprotov6.Schema) {
	d.t.Helper()
	d.block(what, s.Block)
}

func (d *descriptions) block(what string, b *tfprotov6.SchemaBlock) {
	d.t.Helper()
	d.want(what, b.Description)
	d.attributes(what, b.Attributes)
	for _, inner := range b.BlockTypes {
		d.block(what+"."+inner.TypeName, inner.Block)
	}
}

func (d *descriptions) attributes(what string, attributes []*tfprotov6.SchemaAttribute) {
	d.t.Helper()
	for _, a := range attributes {
		name := what + "." + a.Name
		d.want(name, a.Description)
		d.wantDefault(name, a)
		if a.NestedType != nil {
			d.attributes(name, a.NestedType.Attributes)
		}
	}
}

func (d *descriptions) function(what string, f *tfprotov6.Function) {
	d.t.Helper()
	d.want(what+", summary", f.Summary)
	d.want(what, f.Description)
	for _, p := range f.Parameters {
		d.want(what+", parameter "+p.Name, p.Description)
	}
	if f.VariadicParameter != nil {
		d.want(what+", parameter "+f.VariadicParameter.Name, f.VariadicParameter.Description)
	}
}
