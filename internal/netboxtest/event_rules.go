package netboxtest

import (
	"net/http"
	"slices"
)

// eventRule makes NetBox render objects of some types after some changes.
type eventRule struct{ types, events []string }

// createWebhook creates a webhook, so that an event rule can name it. It never sends anything.
func (c *call) createWebhook(data map[string]any, _ refusal) (body map[string]any, remove func()) {
	return map[string]any{"display": data["name"], "name": data["name"], "payload_url": data["payload_url"]}, func() {}
}

func (c *call) createEventRule(data map[string]any, _ refusal) (body map[string]any, remove func()) {
	id, rule := c.store.lastPlain, eventRule{types: texts(data["object_types"]), events: texts(data["event_types"])}
	c.store.eventRules[id] = rule
	body = map[string]any{
		"display": data["name"], "name": data["name"], "object_types": rule.types, "event_types": rule.events,
		"action_type":        map[string]any{"value": data["action_type"], "label": "Webhook"},
		"action_object_type": data["action_object_type"], "action_object_id": data["action_object_id"],
		"action_object": map[string]any{"id": data["action_object_id"]},
	}
	return body, func() { delete(c.store.eventRules, id) }
}

// raise records an event, and that it fails with the published plugin: NetBox renders the
// object with its display_url, even if the query omits it from the answer.
func (c *call) raise(objectType, action string) {
	for _, m := range c.models {
		if m.objectType == objectType && m.brokenURL && c.published {
			for _, rule := range c.store.eventRules {
				c.broken = c.broken || slices.Contains(rule.types, objectType) &&
					slices.Contains(rule.events, "object_"+action+"d")
			}
		}
	}
}

// afterEvents returns the answer to a request after its events. NetBox handles events after the
// write, so a failure there does not undo the write.
func (c *call) afterEvents(a answer) answer {
	if c.broken && a.status < http.StatusBadRequest {
		return brokenPage()
	}
	return a
}

// brokenPage returns NetBox's answer to a failure outside of the API.
func brokenPage() answer {
	a := htmlPage(http.StatusInternalServerError, "Server Error")
	a.notAPI = true
	return a
}
