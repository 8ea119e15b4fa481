package acctest

import "github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"

// seedCustomFields defines a custom field of every type, like internal/dev/netboxserver on a
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
