package acctest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

// seedCustomFields defines a custom field of every type, as internal/dev/netboxserver does on a
// real NetBox.
func seedCustomFields(s *netboxtest.Server) {
	sites := map[int64]string{1: "Test site", 2: "Other site"}
	for _, f := range []netboxtest.CustomField{
		{Name: "owner", Label: "Owner", Type: "text"},
		{Name: "rack_units", Type: "integer"},
		{Name: "tier", Type: "select", ChoiceSet: "tiers", Choices: []netboxtest.Choice{{Value: "gold", Label: "Gold"},
			{Value: "silver", Label: "Silver"}}},
		{Name: "notes", Type: "longtext"},
		{Name: "power_draw", Type: "decimal"},
		{Name: "in_service", Type: "boolean"},
		{Name: "installed_on", Type: "date"},
		{Name: "reviewed_at", Type: "datetime"},
		{Name: "runbook", Type: "url"},
		{Name: "facts", Type: "json"},
		{Name: "colours", Type: "multiselect", Choices: []netboxtest.Choice{
			{Value: "red", Label: "Red"}, {Value: "green", Label: "Green"}, {Value: "blue", Label: "Blue"},
		}},
		{Name: "home_site", Type: "object", RelatedObjectType: "dcim.site", RelatedObjects: sites},
		{Name: "other_sites", Type: "multiobject", RelatedObjectType: "dcim.site", RelatedObjects: sites},
	} {
		s.AddCustomField(f)
	}
}

// RemoveDefinition deletes the definition of a custom field, and with it every value.
func (n *NetBox) RemoveDefinition(t *testing.T, name string) {
	t.Helper()
	fields := n.URL + "/api/extras/custom-fields/"
	var page struct {
		Results []struct{ ID int64 }
	}
	resp, raw, err := exchange(http.MethodGet, fields+"?name="+name, n.Token, nil)
	if err != nil || resp.StatusCode != http.StatusOK || json.Unmarshal(raw, &page) != nil || len(page.Results) != 1 {
		t.Fatalf("finding the custom field %s: %v, %s", name, err, raw)
	}
	resp, raw, err = exchange(http.MethodDelete, fmt.Sprintf("%s%d/", fields, page.Results[0].ID), n.Token, nil)
	if err != nil || resp.StatusCode != http.StatusNoContent {
		t.Fatalf("deleting the custom field %s: %v, %s", name, err, raw)
	}
}
