package fabric

import (
	"slices"
	"testing"
)

// A name in another Unicode normal form selects a fabric, unless another one has
// exactly that name.
func TestSelectors_namesInAnotherNormalForm(t *testing.T) {
	const composed, decomposed = "caf\u00e9", "cafe\u0301"
	all := []*Fabric{{ID: 1, Name: decomposed}, {ID: 2, Name: "lab"}, {ID: 3, Name: composed}}
	for _, c := range []struct {
		selected Selectors
		among    []*Fabric
		want     []int64
	}{
		{nil, all, []int64{1, 2, 3}},
		{Selectors{{Name: composed}}, all, []int64{3}},
		{Selectors{{Name: decomposed}}, all, []int64{1}},
		{Selectors{{Name: composed}}, all[:2], []int64{1}},
		{Selectors{{Name: composed}, {ID: 1}}, all, []int64{1, 3}},
		{Selectors{{Name: "Lab"}}, all, nil},
	} {
		var got []int64
		var matching []*Fabric
		for _, f := range c.among {
			if c.selected.Has(f) {
				matching = append(matching, f)
			}
		}
		for _, f := range c.selected.Narrowed(matching) {
			got = append(got, f.ID)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%+q selects %v, want %v", c.selected, got, c.want)
		}
	}
}

func TestSelectors_blank(t *testing.T) {
	var s Selectors
	if err := s.Add(" "); err == nil || err.Error() != "it is blank; give the fabric's id or its name" {
		t.Errorf("got %v", err)
	}
}
