package cli

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"testing"
)

func TestDescribe_saysWhatGoHasRecorded(t *testing.T) {
	built := fmt.Sprintf("go:     %s, %s/%s\n", runtime.Version(), runtime.GOOS, runtime.GOARCH)
	commit := debug.BuildSetting{Key: "vcs.revision", Value: "0123abcd"}
	date := debug.BuildSetting{Key: "vcs.time", Value: "2030-05-01T12:00:00Z"}
	for want, info := range map[string]*debug.BuildInfo{
		"terraform-provider-hedgehog dev\n" + built: nil,
		"terraform-provider-hedgehog dev\ncommit: 0123abcd\ndate:   2030-05-01T12:00:00Z\n" + built: {
			Settings: []debug.BuildSetting{commit, date, {Key: "vcs.modified", Value: "false"}},
		},
		"terraform-provider-hedgehog dev\ncommit: 0123abcd, with changes\n" + built: {
			Settings: []debug.BuildSetting{commit, {Key: "vcs.modified", Value: "true"}},
		},
	} {
		if got := describe("terraform-provider-hedgehog", "dev", info); got != want {
			t.Errorf("got\n%swant\n%s", got, want)
		}
	}
}
