package statusplot

import (
	"strings"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/dev/picture"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

// icons and textures tell statuses apart whose badges have the same color.
var (
	icons = map[fabric.Status]picture.Icon{
		fabric.StatusNotConfigured: "M3 6h6",
		fabric.StatusDisabled:      "M4 2.5v7M8 2.5v7",
		fabric.StatusError:         "M2.5 2.5l7 7M9.5 2.5l-7 7",
		fabric.StatusNeverSynced:   "M6 2v4.5M6 9.8v.2",
		fabric.StatusOutOfSync:     "M6 1.5a4.5 4.5 0 1 0 .01 0M6 3.7v2.5l1.8 1.2",
		fabric.StatusInSync:        "M2 6.5l3 3 5-7",
	}
	textures = map[fabric.Status]picture.Texture{
		fabric.StatusNotConfigured: picture.Dots, fabric.StatusOutOfSync: picture.Hatch,
	}
)

// badge returns how a bar of the status looks, and its text: as NetBox's badge.
func badge(status fabric.Status) (fill picture.Fill, ink picture.Color) {
	for class := range strings.FieldsSeq(status.Badge()) {
		switch class {
		case "bg-success":
			fill.Color = picture.Success
		case "bg-danger":
			fill.Color = picture.Danger
		case "bg-warning":
			fill.Color = picture.Warning
		case "bg-secondary":
			fill.Color = picture.Secondary
		case "text-white":
			ink = picture.White
		case "text-dark":
			ink = picture.Black
		}
	}
	fill.Texture, fill.Stroke = textures[status], picture.Page
	return fill, ink
}
