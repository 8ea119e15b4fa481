//go:build unix

package synccmd

import (
	"bytes"
	"errors"
	"os/exec"
	"strings"
	"testing"
)

func TestProgram_whatItIsCalledWith(t *testing.T) {
	for args, want := range map[string]struct {
		code           int
		stdout, stderr string
	}{
		"": {1, "", "To list the commands, run: terraform-provider-hedgehog --help\nThis binary is a plugin."},

		"--version": {0, "dev\n", ""},
		"-version":  {0, "dev\n", ""},
		"version":   {0, "terraform-provider-hedgehog dev\n", ""},

		"version --output json": {0, `"terraform_protocol": 6,`, ""},
		"__complete sync --pr":  {0, "--prune\t", "Completion ended"},

		"--help":       {0, "sync        Sync fabrics from their clusters", ""},
		"-h":           {0, "--debug", ""},
		"help":         {0, "version     Print the version", ""},
		"help sync":    {0, "Exit codes:", ""},
		"sync -h":      {0, "Exit codes:", ""},
		"sync -help":   {0, "Usage: terraform-provider-hedgehog sync (--once | --watch) [flags]\n", ""},
		"sync --help":  {0, "Exit codes:", ""},
		"version -h":   {0, "Print the version", ""},
		"help version": {0, "Print the version", ""},
		"help help":    {0, "Print help for a command", ""},

		"snyc":          {2, "", `terraform-provider-hedgehog: unknown command "snyc"; did you mean sync?`},
		"help nope":     {2, "", `terraform-provider-hedgehog help: unknown command "nope"` + "\n"},
		"help snyc":     {2, "", `unknown command "snyc"; did you mean sync?`},
		"help sync now": {2, "", `unexpected argument "now"`},
		"--debug=maybe": {2, "", `invalid argument "maybe" for "--debug" flag: it must be true or false`},
		"-version sync": {2, "", "terraform-provider-hedgehog sync: unknown flag --version"},
		"version 2":     {2, "", `terraform-provider-hedgehog version: unexpected argument "2"`},
		"--vresion":     {2, "", "unknown flag --vresion; did you mean --version?"},
		"--once":        {2, "", "terraform-provider-hedgehog: unknown flag --once\n"},
		"sync":          {2, "", "terraform-provider-hedgehog sync: give exactly one of --once and --watch\n"},
		"sync --onec":   {2, "", "terraform-provider-hedgehog sync: unknown flag --onec; did you mean --once?\n"},
		"sync --once":   {2, "", "Set the environment variable NETBOX_SERVER_URL"},
	} {
		cmd := exec.Command(builtProgram(t), strings.Fields(args)...)
		var stdout, stderr bytes.Buffer
		cmd.Stdout, cmd.Stderr, cmd.Env = &stdout, &stderr, []string{}
		err := cmd.Run()
		if _, exited := errors.AsType[*exec.ExitError](err); err != nil && !exited {
			t.Fatal(err)
		}
		if code := cmd.ProcessState.ExitCode(); code != want.code || !strings.Contains(stdout.String(), want.stdout) ||
			!strings.Contains(stderr.String(), want.stderr) || (want.stdout == "") != (stdout.Len() == 0) ||
			(want.stderr == "") != (stderr.Len() == 0) {
			t.Errorf("%q: exit code %d\n%s%s", args, code, stdout.String(), stderr.String())
		}
	}
}
