package statusplot

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/dev/picture"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

const root = "../../.."

func TestPictures_timeline(t *testing.T) {
	s := example()
	for file, wide := range map[string]bool{"sync-status.svg": true, "sync-status-narrow.svg": false} {
		if err := s.draw(wide).Keep(filepath.Join(root, "docs/images", file)); err != nil {
			t.Error(err)
		}
	}
	guide, err := s.guide(root)
	if err != nil {
		t.Fatal(err)
	}
	if err := picture.Keep(filepath.Join(root, guidePath), guide); err != nil {
		t.Error(err)
	}
}

func TestExample_hasEveryStatus(t *testing.T) {
	seen := map[fabric.Status]bool{}
	for _, m := range example().moments() {
		seen[m.Status] = true
	}
	for _, status := range fabric.Statuses() {
		if !seen[status] {
			t.Errorf("the example never is %s", status)
		}
	}
}

// The table is written down once here as well: what is generated is otherwise
// compared with what was generated.
func TestExample_turnsAtTheSecondAfterTwiceTheInterval(t *testing.T) {
	table := example().table()
	for _, row := range []string{
		"| 12:50:01 | The last sync is older than twice the interval. | 20 min 1 s | `in_sync` | `out_of_sync` | 6 " +
			"| true |",
		"| 13:46:00 | A user clears the server in NetBox's web form. | 26 min | `in_sync` | `not_configured` | 1 " +
			"| false |",
	} {
		if !strings.Contains(table, row) {
			t.Errorf("the table has no row\n%s\nbut is\n%s", row, table)
		}
	}
}

// A badge's color alone does not say which status it is.
func TestBadge_noTwoStatusesLookAlike(t *testing.T) {
	seen := map[picture.Fill]fabric.Status{}
	signs := map[picture.Icon]fabric.Status{}
	for _, status := range fabric.Statuses() {
		fill, _ := badge(status)
		if other, twice := seen[fill]; twice {
			t.Errorf("%s and %s have the same bars", status, other)
		}
		if other, twice := signs[icons[status]]; twice || icons[status] == "" {
			t.Errorf("%s and %q have the same icon", status, other)
		}
		seen[fill], signs[icons[status]] = status, status
	}
}
