package plugin

import (
	"os"
	"strings"
)

// logsOfTheSDK are the variables that set the log level of the plugin framework and the
// protocol.
var logsOfTheSDK = []string{"TF_LOG_SDK", "TF_LOG_SDK_PROTO", "TF_LOG_SDK_FRAMEWORK"}

// saveWork turns off the framework's logs if nothing reads them. It must run before the
// server starts.
//
// The framework logs every step of every call to Terraform, which drops the lines unless a
// TF_LOG… variable asks for them. That takes a third to a half of the CPU time of a large
// plan. Without a level in the environment, terraform-plugin-log v0.11.0
// (tfsdklog.NewRootSDKLogger) logs at trace.
//
// This file can be deleted when terraform-plugin-log no longer does that. Then
// TestSaveWork_frameworkLogsThoughNobodyAsks fails. The draft of the upstream issue is
// docs/upstream/framework-logs-nobody-reads.md.
func saveWork(environ []string) {
	if logsWanted(environ) {
		return
	}
	for _, name := range logsOfTheSDK {
		_ = os.Setenv(name, "off") // at worst, it logs
	}
}

// logsWanted reports whether a variable asks for logs of Terraform or of a plugin.
func logsWanted(environ []string) bool {
	for _, variable := range environ {
		name, value, _ := strings.Cut(variable, "=")
		if strings.HasPrefix(name, "TF_LOG") && name != "TF_LOG_PATH" && value != "" {
			return true
		}
	}
	return false
}
