package netbox

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

// FindByName is like [Fabrics.ReadByName], but for a single read. It reads the list until it finds
// the name.
func (f *Fabrics) FindByName(ctx context.Context, name string) (*Read, error) {
	if err := f.client.Check(ctx); err != nil {
		return nil, err
	}
	return f.findByName(ctx, name)
}

func (f *Fabrics) findByName(ctx context.Context, name string) (*Read, error) {
	var alike []*Read
	for read, err := range f.All(ctx) {
		switch {
		case err != nil:
			return nil, err
		case read.Fabric.Name == name:
			return read, nil
		case fabric.SameText(read.Fabric.Name, name):
			alike = append(alike, read)
		}
	}
	switch len(alike) {
	case 0:
		return nil, f.notNamed(name)
	case 1:
		return alike[0], nil
	}
	e := &AmbiguousNameError{Name: name}
	for _, read := range alike {
		e.IDs = append(e.IDs, read.Fabric.ID)
	}
	return nil, e
}

func (f *Fabrics) notNamed(name string) error {
	return &rest.NotFoundError{
		Request: rest.Request{Method: http.MethodGet, URL: f.client.rest.URL(fabricsPath)},
		Detail:  fmt.Sprintf("no fabric that this API token can see is named %q", name),
	}
}

// ReadByName reads the fabric with this name. Unicode forms don't matter. Many such reads
// share an index of names; each answer is as new as one to a separate request. If there is
// no such fabric, the error is a [*rest.NotFoundError].
func (f *Fabrics) ReadByName(ctx context.Context, name string) (*Read, error) {
	if err := f.client.Check(ctx); err != nil {
		return nil, err
	}
	index, shifted := &f.client.names, false
	for s := index.search(name); ; {
		id, complete, err := s.result()
		switch {
		case err != nil:
			return nil, err
		case id == 0 && complete:
			return nil, f.notNamed(name)
		case id == 0:
			err := f.client.rest.Singleflight(ctx, "names", func(ctx context.Context) error {
				return s.readPage(ctx, f.client.scanNames)
			})
			if _, paging := errors.AsType[*rest.PagingError](err); err != nil && (!paging || shifted) {
				return nil, err
			}
			shifted = shifted || err != nil // fabrics came or went between pages: search once more
			continue
		}
		read, err := f.get(ctx, id)
		if _, missing := errors.AsType[*rest.NotFoundError](err); !missing && (err != nil ||
			fabric.SameText(read.Fabric.Name, name)) {
			return read, err
		}
		index.forget(id) // it was renamed or deleted
	}
}
