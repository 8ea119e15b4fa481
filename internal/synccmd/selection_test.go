package synccmd

import (
	"slices"
	"testing"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

// A name in another Unicode normal form selects a fabric, unless another one has
// exactly that name.
func TestSelection_namesInAnotherNormalForm(t *testing.T) {
	const composed, decomposed = "caf\u00e9", "cafe\u0301"
	all := []*fabric.Fabric{{ID: 1, Name: decomposed}, {ID: 2, Name: "lab"}, {ID: 3, Name: composed}}
	for _, c := range []struct {
		selected selection
		among    []*fabric.Fabric
		want     []int64
	}{
		{nil, all, []int64{1, 2, 3}},
		{selection{{name: composed}}, all, []int64{3}},
		{selection{{name: decomposed}}, all, []int64{1}},
		{selection{{name: composed}}, all[:2], []int64{1}},
		{selection{{name: composed}, {id: 1}}, all, []int64{1, 3}},
		{selection{{name: "Lab"}}, all, nil},
	} {
		var got []int64
		var matching []*fabric.Fabric
		for _, f := range c.among {
			if c.selected.has(f) {
				matching = append(matching, f)
			}
		}
		for _, f := range c.selected.narrowed(matching) {
			got = append(got, f.ID)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%+q selects %v, want %v", c.selected, got, c.want)
		}
	}
}
