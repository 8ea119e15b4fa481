package acctest

import (
	"context"
	"net/http"
	"testing"

	api "github.com/netbox-community/go-netbox/v4"
)

// EventRule creates an event rule, so that NetBox calls a webhook when a fabric is created or
// changed. The end of the test deletes it. On a shared NetBox the rule affects the fabrics of
// all tests, so a test with a rule runs alone.
func (n *NetBox) EventRule(t *testing.T) {
	t.Helper()
	extras, name := n.client().ExtrasAPI, Name("event-rule")
	_, response, err := extras.ExtrasWebhooksCreate(t.Context()).WebhookRequest(api.WebhookRequest{
		Name: name, PayloadUrl: "http://127.0.0.1:9/", // nothing listens there
	}).Execute()
	hook := madeID(t, "the webhook "+name, response, err)
	n.removal(t, "the webhook "+name, func(ctx context.Context) (*http.Response, error) {
		return extras.ExtrasWebhooksDestroy(ctx, hook).Execute()
	})
	_, response, err = extras.ExtrasEventRulesCreate(t.Context()).WritableEventRuleRequest(
		api.WritableEventRuleRequest{
			Name: name, ObjectTypes: []string{fabricObject}, EventTypes: []api.EventRuleEventTypesInner{
				api.EVENTRULEEVENTTYPESINNER_OBJECT_CREATED, api.EVENTRULEEVENTTYPESINNER_OBJECT_UPDATED},
			ActionType: new(api.EVENTRULEACTIONTYPEVALUE_WEBHOOK), ActionObjectType: "extras.webhook",
			ActionObjectId: *api.NewNullableInt64(new(int64(hook))),
		}).Execute()
	rule := madeID(t, "the event rule "+name, response, err)
	n.removal(t, "the event rule "+name, func(ctx context.Context) (*http.Response, error) {
		return extras.ExtrasEventRulesDestroy(ctx, rule).Execute()
	})
}
