package main

import (
	"os"
	"runtime/debug"
	"testing"
)

// withoutLogs gives a test a process in which nothing was set up.
func withoutLogs(t *testing.T) {
	t.Helper()
	for _, name := range logsOfTheSDK {
		t.Setenv(name, "") // is put back at the end
	}
	limit := debug.SetMemoryLimit(-1)
	t.Cleanup(func() { debug.SetMemoryLimit(limit) })
}

func TestSaveWork_logsOnlyWhenAsked(t *testing.T) {
	for environ, want := range map[string]string{
		"":                                "off",
		"PATH=/bin":                       "off",
		"TF_LOG=":                         "off",
		"TF_LOG_PATH=terraform.log":       "off",
		"TF_LOG=TRACE":                    "",
		"TF_LOG=json":                     "",
		"TF_LOG_PROVIDER=DEBUG":           "",
		"TF_LOG_PROVIDER_HEDGEHOG=DEBUG":  "",
		"TF_LOG_SDK_FRAMEWORK=TRACE":      "",
		"TF_LOG_SDK_PROTO_DATA_DIR=/tmp/": "",
	} {
		t.Run(environ, func(t *testing.T) {
			withoutLogs(t)
			saveWork([]string{environ})
			for _, name := range logsOfTheSDK {
				if got := os.Getenv(name); got != want {
					t.Errorf("%s is %q, want %q", name, got, want)
				}
			}
		})
	}
}

func TestSaveWork_limitsMemory(t *testing.T) {
	for _, c := range []struct {
		name, given string
		want        int64
	}{
		{"by itself", "", memoryTarget},
		{"unless the user does", "1GiB", 1 << 30},
	} {
		t.Run(c.name, func(t *testing.T) {
			withoutLogs(t)
			t.Setenv("GOMEMLIMIT", c.given)
			debug.SetMemoryLimit(1 << 30) // what the runtime made of the user's
			saveWork(nil)
			if got := debug.SetMemoryLimit(-1); got != c.want {
				t.Errorf("the limit is %d bytes, want %d", got, c.want)
			}
		})
	}
}
