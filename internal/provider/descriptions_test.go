package provider

import (
	"context"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// The documentation is made of descriptions: everything that a person can write or
// read has one.
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
		t.Errorf("only %d descriptions were looked at", d.seen)
	}
}

type descriptions struct {
	t    *testing.T
	seen int
}

func (d *descriptions) want(what, description string) {
	d.t.Helper()
	d.seen++
	if strings.TrimSpace(description) == "" {
		d.t.Errorf("%s has no description", what)
	}
}

// schema looks at a schema, and at what belongs to it at any depth.
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
