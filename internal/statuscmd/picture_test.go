package statuscmd

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/cli"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/dev/picture"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/terminal"
)

func TestPictures_status(t *testing.T) {
	for file, columns := range map[string]int{"status.svg": 80, "status-narrow.svg": 44} {
		s := newStandin(t, netboxtest.Options{})
		s.add("berlin", synced(2*time.Minute), map[string]any{"sync_interval": 600})
		s.add("hamburg", synced(3*time.Hour), map[string]any{"sync_interval": 600})
		s.add("munich", synced(20*time.Minute), map[string]any{"sync_status": "error", "sync_interval": 600,
			"connection_status": "disconnected", "connection_error": "no answer from 192.0.2.5:6443 within 30 s"})
		s.add("cologne")
		s.add("stuttgart", map[string]any{"sync_enabled": false})
		s.add("lab", map[string]any{"kubernetes_server": "", "sync_status": "in_sync"})
		s.program.terminal = &terminal.Terminal{
			Width: func() int { return columns }, Height: func() int { return 24 }, Color: true, Links: true,
		}
		s.want(cli.ExitFailure)
		if s.stderr.Len() > 0 {
			t.Error(s.stderr.String())
		}
		shown := picture.Terminal("A terminal with the status command: a table of six fabrics, errors first, with "+
			"status, last and next sync", columns, "$ terraform-provider-hedgehog status\n"+s.stdout.String())
		if err := shown.Keep(filepath.Join("../../docs/images", file)); err != nil {
			t.Error(err)
		}
	}
}
