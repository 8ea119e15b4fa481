package fabric

import (
	"errors"
	"slices"
	"strconv"
)

// Selectors are the fabrics that a user names; empty means all.
type Selectors []Selector

// Selector names a fabric by its id, or by its name.
type Selector struct {
	ID   int64
	Name string
}

// Add adds the fabric that a string names, as [ParseImportID] reads it.
func (s *Selectors) Add(text string) error {
	if Blank(text) {
		return errors.New("it is blank; give the fabric's id or its name")
	}
	id, name, problem := ParseImportID(text)
	if problem != nil {
		return errors.New(problem.Detail)
	}
	if one := (Selector{id, name}); !slices.Contains(*s, one) {
		*s = append(*s, one)
	}
	return nil
}

func (s Selector) String() string {
	if s.Name != "" {
		return s.Name
	}
	return strconv.FormatInt(s.ID, 10)
}

func (s Selector) matches(f *Fabric) bool {
	return f.ID == s.ID || (s.Name != "" && SameText(f.Name, s.Name))
}

func (s Selector) isExactly(f *Fabric) bool { return f.ID == s.ID || f.Name == s.Name }

// Has reports whether a fabric may be selected. Once all fabrics are known,
// [Selectors.Narrowed] decides.
func (s Selectors) Has(f *Fabric) bool {
	return len(s) == 0 || slices.ContainsFunc(s, func(one Selector) bool { return one.matches(f) })
}

// Narrowed leaves out a fabric whose name only equals a selected one, if another fabric has
// exactly that name.
func (s Selectors) Narrowed(fabrics []*Fabric) []*Fabric {
	var chosen []*Fabric
	for _, f := range fabrics {
		if len(s) == 0 || slices.ContainsFunc(s, func(one Selector) bool {
			return one.isExactly(f) || one.matches(f) && !slices.ContainsFunc(fabrics, one.isExactly)
		}) {
			chosen = append(chosen, f)
		}
	}
	return chosen
}

// Missing returns the selectors that select no fabric.
func (s Selectors) Missing(fabrics []*Fabric) (missing []Selector) {
	for _, one := range s {
		if !slices.ContainsFunc(fabrics, one.matches) {
			missing = append(missing, one)
		}
	}
	return missing
}
