package cli

import (
	"errors"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netbox"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

// NetBox returns the client of NetBox that the NETBOX_… variables describe. The caller
// completes its configuration. What is wrong with the environment is an error with a line
// for each variable.
func NetBox(getenv func(string) string, complete func(*rest.Config)) (*netbox.Client, error) {
	config, problems := rest.ConfigFrom(rest.Settings{}, getenv)
	if problems != nil {
		all := make([]error, len(problems))
		for i, problem := range problems {
			all[i] = problem
		}
		return nil, errors.Join(all...)
	}
	complete(&config)
	client, err := netbox.New(config)
	if wrong, ok := errors.AsType[*rest.ConfigError](err); ok {
		return nil, errors.New(wrong.Detail) // which names the variable
	}
	return client, err
}
