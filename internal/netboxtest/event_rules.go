package netboxtest

import (
	"net/http"
	"slices"
)

// eventRule has NetBox render objects of some types after some changes.
type eventRule struct{ types, events []string }

// createWebhook makes something that an event rule can name. Nothing is ever sent.
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

// raise notes that a change is an event that the published plugin breaks: the object is
// rendered with its display_url, whatever the query leaves out of the answer.
func (c *call) raise(change loggedChange) {
	for _, m := range c.models {
		if m.objectType == change.ObjectType && m.brokenURL && c.published {
			for _, rule := range c.store.eventRules {
				c.broken = c.broken || slices.Contains(rule.types, change.ObjectType) &&
					slices.Contains(rule.events, "object_"+change.Action+"d")
			}
		}
	}
}

// afterEvents is the answer to a request whose events have been handled: NetBox does it
// after the write, so what broke there undoes nothing.
func (c *call) afterEvents(a answer) answer {
	if c.broken && a.status < http.StatusBadRequest {
		return brokenPage()
	}
	return a
}

// brokenPage is NetBox's answer where something broke outside of the API.
func brokenPage() answer {
	a := htmlPage(http.StatusInternalServerError, "Server Error")
	a.notAPI = true
	return a
}
