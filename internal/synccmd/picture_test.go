package synccmd

import (
	"context"
	"io"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/dev/picture"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/terminal"
)

// fixedLog replaces what differs in each run, such as times, by fixed values.
type fixedLog struct {
	w   *standins
	out io.Writer
}

var (
	logTime = regexp.MustCompile(`(?m)^((?:\x1b\[\d+A\r\x1b\[J)?)time=\S+`)
	logRun  = regexp.MustCompile(`run=\w+`)
)

func (t fixedLog) Write(text []byte) (int, error) {
	now := t.w.clock.Now().Format("2006-01-02T15:04:05.000Z07:00")
	shown := logTime.ReplaceAllString(string(text), "${1}time="+now)
	shown = logRun.ReplaceAllString(shown, "run=5f0c1d2e")
	shown = strings.ReplaceAll(shown, t.w.netbox.URL(), "https://netbox.example.com")
	_, err := io.WriteString(t.out, shown)
	return len(text), err
}

// The picture of a watch with one finished and two running syncs is current.
func TestPictures_syncWatch(t *testing.T) {
	for file, columns := range map[string]int{"sync-watch.svg": 80, "sync-watch-narrow.svg": 44} {
		w := newStandins(t)
		w.add("berlin")
		w.add("hamburg", syncedAgo(50*time.Second))
		w.add("munich", syncedAgo(40*time.Second))
		w.program.stderr = fixedLog{w, &w.stderr}
		w.program.stderrTerminal = &terminal.Terminal{Width: func() int { return columns }, Color: true}
		w.cluster.vpcs = 24
		held := make(chan string)
		w.cluster.check = func(ctx context.Context, server string) {
			if strings.Contains(server, "berlin") {
				w.clock.advance(1400 * time.Millisecond)
				return
			}
			held <- server
			<-ctx.Done()
		}
		x := w.watch("--log-format", "text")
		for range 2 {
			w.netbox.Advance(10 * time.Second)
			w.clock.advance(10 * time.Second)
			<-held
		}
		shown := picture.Terminal("A terminal with the sync --watch command: a line of the log for a sync that has "+
			"ended, and below it a line for each of two syncs that run", columns,
			"$ terraform-provider-hedgehog sync --watch\n"+w.stderr.String())
		x.stop()
		if err := shown.Keep(filepath.Join("../../docs/images", file)); err != nil {
			t.Error(err)
		}
	}
}
