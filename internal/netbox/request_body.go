package netbox

import (
	"context"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

// body returns the request body for the values to set: tags as objects with a name, custom
// fields as one object, and the message for NetBox's change log. It is nil if it would be
// empty.
func (c *Client) body(ctx context.Context, set map[string]any) map[string]any {
	var body map[string]any
	put := func(field string, value any) {
		if body == nil {
			body = map[string]any{}
		}
		body[field] = value
	}
	custom := map[string]any{}
	for field, value := range set {
		if key, ok := fabric.CustomFieldKey(field); ok {
			custom[key] = value
			put("custom_fields", custom)
		} else {
			put(field, value)
		}
	}
	if names, ok := set["tags"].([]string); ok {
		tags := make([]map[string]string, len(names))
		for i, name := range names {
			tags[i] = map[string]string{"name": name}
		}
		put("tags", tags)
	}
	if message := c.changelogMessage(ctx); message != "" {
		put("changelog_message", message)
	}
	return body
}

// keepSecrets remembers the secrets of a body, so that they are masked in an error if an
// answer repeats them.
func (c *Client) keepSecrets(body map[string]any) {
	for field, value := range body {
		if s, ok := value.(string); ok && fabric.Secret(field) {
			c.rest.KeepSecret(s)
		}
	}
}
