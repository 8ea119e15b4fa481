package plugin

import (
	"os"
	"strings"
)

// logsOfTheSDK are the variables that set the level of what the plugin framework and
// its protocol log.
var logsOfTheSDK = []string{"TF_LOG_SDK", "TF_LOG_SDK_PROTO", "TF_LOG_SDK_FRAMEWORK"}

// saveWork turns the framework's logs off if nobody reads them. It must run before the
// server starts.
//
// The framework writes every step of every call to Terraform, which drops it unless a
// TF_LOG… variable asks for logs: a third to a half of a large plan's CPU time. Without a
// level in the environment, terraform-plugin-log v0.11.0 (tfsdklog.NewRootSDKLogger) logs
// at trace.
//
// This file can be deleted when it then logs nothing.
// TestSaveWork_frameworkLogsThoughNobodyAsks fails then. The draft of the issue is
// docs/upstream/framework-logs-nobody-reads.md.
func saveWork(environ []string) {
	if logsWanted(environ) {
		return
	}
	for _, name := range logsOfTheSDK {
		_ = os.Setenv(name, "off") // at worst, it logs
	}
}

// logsWanted reports whether any variable asks for logs, Terraform's own or a plugin's.
func logsWanted(environ []string) bool {
	for _, variable := range environ {
		name, value, _ := strings.Cut(variable, "=")
		if strings.HasPrefix(name, "TF_LOG") && name != "TF_LOG_PATH" && value != "" {
			return true
		}
	}
	return false
}
