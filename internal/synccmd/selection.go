package synccmd

import (
	"errors"
	"slices"
	"strconv"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

// selection are the fabrics that are named; none means all.
type selection []selector

// selector names a fabric by its id, or else by its name.
type selector struct {
	id   int64
	name string
}

func (s *selection) add(text string) error {
	id, name, problem := fabric.ParseImportID(text)
	if problem != nil {
		return errors.New(problem.Detail)
	}
	if one := (selector{id, name}); !slices.Contains(*s, one) {
		*s = append(*s, one)
	}
	return nil
}

func (s selector) String() string {
	if s.name != "" {
		return s.name
	}
	return strconv.FormatInt(s.id, 10)
}

func (s selector) matches(f *fabric.Fabric) bool {
	return f.ID == s.id || (s.name != "" && fabric.SameText(f.Name, s.name))
}

func (s selector) isExactly(f *fabric.Fabric) bool { return f.ID == s.id || f.Name == s.name }

func (s selection) has(f *fabric.Fabric) bool {
	return len(s) == 0 || slices.ContainsFunc(s, func(one selector) bool { return one.matches(f) })
}

// narrowed leaves out the fabrics whose names are only equal to a selected one that
// another fabric has exactly.
func (s selection) narrowed(fabrics []*fabric.Fabric) []*fabric.Fabric {
	var chosen []*fabric.Fabric
	for _, f := range fabrics {
		if len(s) == 0 || slices.ContainsFunc(s, func(one selector) bool {
			return one.isExactly(f) || one.matches(f) && !slices.ContainsFunc(fabrics, one.isExactly)
		}) {
			chosen = append(chosen, f)
		}
	}
	return chosen
}

// missing returns what is named and not there.
func (s selection) missing(fabrics []*fabric.Fabric) []string {
	var names []string
	for _, one := range s {
		if !slices.ContainsFunc(fabrics, one.matches) {
			names = append(names, one.String())
		}
	}
	return names
}
