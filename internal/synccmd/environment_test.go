package synccmd

import (
	"maps"
	"testing"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/cli"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/testserver"
)

// A private key in a variable, in place of its path, is never printed.
func TestRun_repeatsNoKey(t *testing.T) {
	testserver.WantNoKeyShown(t, func(variables map[string]string) string {
		s := newStandins(t)
		maps.Copy(s.environment, variables)
		s.wantCode(s.run("--once"), cli.ExitUsage)
		return s.stdout.String() + s.stderr.String()
	})
}

// Messages name settings by the variables of a command.
func TestRun_speaksToUsersOfACommand(t *testing.T) {
	testserver.WantCommandWords(t, func(variables testserver.Variables) string {
		s := newStandins(t)
		maps.Copy(s.environment, variables)
		if code := s.run("--once"); code == cli.ExitSuccess {
			t.Errorf("%v: exit code %d", variables, code)
		}
		return s.stdout.String() + s.stderr.String()
	})
}
