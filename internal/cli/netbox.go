package cli

import (
	"errors"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netbox"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

// NetBox returns the NetBox client that the NETBOX_… variables describe. The function
// complete fills in the rest of the configuration. If the environment is wrong, the error
// has a line for each variable.
func NetBox(getenv func(string) string, complete func(*rest.Config)) (*netbox.Client, error) {
	config, problems := rest.ConfigFrom(rest.Settings{}, getenv)
	if problems != nil {
		all := make([]error, len(problems))
		for i, problem := range problems {
			all[i] = problem
		}
		return nil, errors.Join(all...)
	}
	config.Audience = rest.CommandUsers
	complete(&config)
	client, err := netbox.New(config)
	if wrong, ok := errors.AsType[*rest.ConfigError](err); ok {
		return nil, errors.New(wrong.Detail) // Detail names the variable
	}
	return client, err
}
