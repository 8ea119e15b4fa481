package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"runtime"
	"runtime/debug"
	"slices"
	"testing"
)

func TestVersion_saysWhatGoHasRecorded(t *testing.T) {
	rest := fmt.Sprintf("go:                 %s, %s/%s\n", runtime.Version(), runtime.GOOS, runtime.GOARCH) +
		"Terraform protocol: 6\n" +
		"Hedgehog CRDs:      vpc.githedgehog.com/v1beta1, wiring.githedgehog.com/v1beta1\n"
	commit := debug.BuildSetting{Key: "vcs.revision", Value: "0123abcd"}
	date := debug.BuildSetting{Key: "vcs.time", Value: "2030-05-01T12:00:00Z"}
	for want, info := range map[string]*debug.BuildInfo{
		"terraform-provider-hedgehog dev\n" + rest: nil,
		"terraform-provider-hedgehog dev\ncommit:             0123abcd\n" +
			"date:               2030-05-01T12:00:00Z\n" + rest: {
			Settings: []debug.BuildSetting{commit, date, {Key: "vcs.modified", Value: "false"}},
		},
		"terraform-provider-hedgehog dev\ncommit:             0123abcd, with changes\n" + rest: {
			Settings: []debug.BuildSetting{commit, {Key: "vcs.modified", Value: "true"}},
		},
	} {
		if got := newBuild("terraform-provider-hedgehog", "dev", 6, info).String(); got != want {
			t.Errorf("got\n%swant\n%s", got, want)
		}
	}
}

func TestVersion_json(t *testing.T) {
	var out bytes.Buffer
	c := NewVersionCommand("terraform-provider-hedgehog", "1.2.3", 6)
	c.SetOut(&out)
	if code := Execute(t.Context(), c, []string{"--output", "json"}); code != ExitSuccess {
		t.Errorf("exit code %d", code)
	}
	var got map[string]any
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	keys := slices.Sorted(maps.Keys(got))
	if want := []string{"commit", "crds", "date", "go", "modified", "platform", "program", "terraform_protocol",
		"version"}; !slices.Equal(keys, want) || got["version"] != "1.2.3" || got["terraform_protocol"] != 6.0 {
		t.Errorf("got %v", got)
	}
}
