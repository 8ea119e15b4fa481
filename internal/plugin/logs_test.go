package plugin

import (
	"os"
	"testing"
)

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
			for _, name := range logsOfTheSDK {
				t.Setenv(name, "") // is reset at the end
			}
			saveWork([]string{environ})
			for _, name := range logsOfTheSDK {
				if got := os.Getenv(name); got != want {
					t.Errorf("%s is %q, want %q", name, got, want)
				}
			}
		})
	}
}
