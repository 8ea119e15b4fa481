//go:build unix

package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

// target is the API server that the command uses.
type target struct {
	server string // URL without a slash at its end
	caFile string // PEM; "" means the system's authorities
	// The tokens of users that may list the twelve kinds; do everything; list only
	// clustertest.PartialKinds; do nothing; and also list the kinds of a fabric's health. All
	// but the first are "" on the user's cluster.
	token, adminToken, partialToken, nobodyToken, healthToken string
	control                                                   string // URL, see control; "" as above
	// namespace is set only for the user's cluster, which tests may only read
	namespace string

	made string // a file to delete at the end; may be ""
}

// namedTarget returns the cluster in the environment, or nil if there is none.
func namedTarget(getenv func(string) string) (*target, error) {
	named := &target{
		server: strings.TrimRight(getenv("TEST_FABRIC_K8S_API_SERVER"), "/"), token: getenv("TEST_FABRIC_K8S_TOKEN"),
		caFile: getenv("TEST_FABRIC_K8S_API_SERVER_CA"), namespace: cmp.Or(getenv("TEST_FABRIC_K8S_NAMESPACE"),
			fabric.DefaultNamespace),
	}
	switch {
	case named.server == "" && named.token == "" && named.caFile == "":
		return nil, nil
	case named.server == "" || named.token == "":
		return nil, errors.New("TEST_FABRIC_K8S_API_SERVER and TEST_FABRIC_K8S_TOKEN go together: set both to use a " +
			"running cluster, or neither")
	}
	return named, named.fileAuthorities()
}

// fileAuthorities writes the authorities to a file if the environment has them as text.
func (t *target) fileAuthorities() error {
	ca := t.caFile
	if ca == "" {
		return nil
	}
	if !strings.HasPrefix(strings.TrimSpace(ca), "-----BEGIN") {
		if _, err := os.Stat(ca); err != nil {
			return fmt.Errorf("TEST_FABRIC_K8S_API_SERVER_CA is neither a certificate in PEM nor a file: %w", err)
		}
		return nil
	}
	file, err := os.CreateTemp("", "kubernetes-test-*.pem")
	if err != nil {
		return err
	}
	t.caFile, t.made = file.Name(), file.Name()
	_, err = file.WriteString(ca)
	return errors.Join(err, file.Close())
}

// forget deletes the file that was made for the user's cluster.
func (t *target) forget() {
	if t.made != "" {
		_ = os.Remove(t.made)
	}
}

const prefix = "HEDGEHOG_ACC_KUBERNETES_"

// environment returns base with the variables that describe the target to acceptance tests.
func (t *target) environment(base []string) []string {
	environment := []string{}
	for _, variable := range base {
		if !strings.HasPrefix(variable, prefix) {
			environment = append(environment, variable)
		}
	}
	for _, variable := range [][2]string{
		{"SERVER", t.server},
		{"CA_FILE", t.caFile},
		{"TOKEN", t.token},
		{"ADMIN_TOKEN", t.adminToken},
		{"PARTIAL_TOKEN", t.partialToken},
		{"NOBODY_TOKEN", t.nobodyToken},
		{"HEALTH_TOKEN", t.healthToken},
		{"CONTROL", t.control},
		{"NAMESPACE", t.namespace},
	} {
		if variable[1] != "" {
			environment = append(environment, prefix+variable[0]+"="+variable[1])
		}
	}
	return environment
}
