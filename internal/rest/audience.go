package rest

import "strings"

// Audience is the readers of a message about settings. It decides the names of the settings.
type Audience int

const (
	// TerraformUsers have the provider's attributes, and the variables in their place.
	TerraformUsers Audience = iota
	// CommandUsers have only the variables.
	CommandUsers
)

// Name returns the name of a setting, such as "server_url (or NETBOX_SERVER_URL)" or
// NETBOX_SERVER_URL. It also names several settings that belong together.
func (a Audience) Name(settings ...string) string {
	variables := make([]string, len(settings))
	for i, setting := range settings {
		variables[i] = Variable(setting)
	}
	names := strings.Join(variables, " and ")
	return a.Choose(strings.Join(settings, " and ")+" (or "+names+")", names)
}

// of returns a phrase for after a value: the setting that has the value, in parentheses.
func (a Audience) of(setting string) string {
	return "(of " + a.Choose(setting+" or ", "") + Variable(setting) + ")"
}

// Choose returns the words for the audience.
func (a Audience) Choose(terraform, command string) string {
	if a == CommandUsers {
		return command
	}
	return terraform
}
