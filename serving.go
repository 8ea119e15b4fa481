package main

import (
	"os"
	"runtime/debug"
	"strings"
)

// memoryTarget is where garbage is collected sooner, in bytes. The garbage of a large
// plan, and not what is kept, makes the peak.
const memoryTarget = 96 << 20

// logsOfTheSDK are the variables that set the level of what the plugin framework and
// its protocol log.
var logsOfTheSDK = []string{"TF_LOG_SDK", "TF_LOG_SDK_PROTO", "TF_LOG_SDK_FRAMEWORK"}

// saveWork sets the process up to do no work that nobody sees. It has to come before
// the server.
//
// The framework writes every step of every call to Terraform, which drops it unless a
// TF_LOG… variable asks for logs: a third to a half of a large plan's CPU time.
func saveWork(environ []string) {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryTarget)
	}
	if logsWanted(environ) {
		return
	}
	for _, name := range logsOfTheSDK {
		_ = os.Setenv(name, "off") // at worst, it logs
	}
}

// logsWanted tells whether any variable asks for logs, Terraform's own or a plugin's.
func logsWanted(environ []string) bool {
	for _, variable := range environ {
		name, value, _ := strings.Cut(variable, "=")
		if strings.HasPrefix(name, "TF_LOG") && name != "TF_LOG_PATH" && value != "" {
			return true
		}
	}
	return false
}
