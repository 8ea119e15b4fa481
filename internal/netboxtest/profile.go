package netboxtest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Version is a version of NetBox. Each represents its minor version.
type Version string

// The versions whose recordings the server follows.
const (
	V47 Version = "4.7.3" // the default of Options
	V46 Version = "4.6.8"
	V45 Version = "4.5.10"
	V44 Version = "4.4.10"
)

// Minor returns the version without its last part, as in the API-Version header.
func (v Version) Minor() string { return string(v[:strings.LastIndexByte(string(v), '.')]) }

// capabilities are the differences between the versions that a client of this API can notice.
// The oldest NetBox here has one of them.
type capabilities struct {
	// entityTags: the answer to a request for one object has an ETag, and NetBox obeys If-Match.
	// Otherwise NetBox ignores it, and the write takes effect.
	entityTags bool
	// cursors: ?start= gives pages by id. Otherwise it is ignored.
	cursors bool
	// omit: ?omit= leaves keys out. Otherwise it is ignored.
	omit bool
	// partTags: add_tags and remove_tags work. Otherwise they are ignored.
	partTags bool
	// tokensV2: there are v2 tokens, and messages name the version of a token.
	tokensV2 bool
	// tokensAnswered: the answer to the creation of a token has the token. Otherwise it has null.
	tokensAnswered bool
	// tokensChosen: NetBox chooses the token, even if the request has one.
	tokensChosen bool
	// labeledSelects: answers have custom fields with choices as value and label.
	labeledSelects bool
	// knownKeysOnly: an unknown custom field is refused. Otherwise it is stored, but only
	// custom_field_data shows it.
	knownKeysOnly bool
	// sparseCustomData: an object has no entry for a custom field that was defined later and has
	// no default. Otherwise it has null.
	sparseCustomData bool
	// bulkReports: a bulk request is checked object by object, and its refusal lists the faulty
	// ones by index or id. Otherwise all objects of a creation are checked before any is stored,
	// the refusal of an update names only the first fault, and missing ids are skipped.
	bulkReports bool
	// checksTogether: an object whose fabric, namespace and name are taken is refused.
	// Otherwise the database refuses it.
	checksTogether bool
	// lateEvents: the content of events is rendered after the write. Otherwise that happens inside
	// of its transaction, so a broken display_url rolls the write back.
	lateEvents bool
	// countsAtOnce: the answer to the creation of a tag has the number of its objects.
	countsAtOnce bool
	// changesByField: ?fields= works on the list of changes, and changes have an object_repr.
	changesByField bool
}

// profile is a version with its capabilities and what it reports about itself.
type profile struct {
	capabilities
	version Version
	claims  string // the version that it reports
	django  string // its version, for /api/status/
	apps    string // the versions of Django's apps, ordered by name
	// unknown has the keys of bodies that only newer versions have, by endpoint.
	unknown      map[string][]string
	booleanLabel string
}

// profileOf returns a version's profile. For "", it is that of V47.
func profileOf(v Version) (*profile, error) {
	known := profiles()
	if v == "" {
		v = V47
	}
	p := known[v]
	if p == nil {
		return nil, fmt.Errorf("no NetBox %q, only %v", v, slices.Sorted(maps.Keys(known)))
	}
	p.version = v
	return p, nil
}

// profiles follow the recordings. sparseCustomData, choice_colors and the owner of a choice set
// are from NetBox's source.
func profiles() map[Version]*profile {
	v45 := capabilities{omit: true, tokensV2: true, knownKeysOnly: true, lateEvents: true,
		countsAtOnce: true, changesByField: true}
	v46 := v45
	v46.entityTags, v46.cursors, v46.partTags, v46.sparseCustomData, v46.tokensAnswered = true, true, true, true, true
	v47 := v46
	v47.labeledSelects, v47.bulkReports, v47.tokensChosen = true, true, true
	const longBoolean = "Boolean (true/false)"
	return map[Version]*profile{
		V47: {capabilities: v47, booleanLabel: "Boolean", django: "6.1.2", apps: "26.2 2.4.0 4.2.0 3.0.1 0.30.0 " +
			"2026.10.1 0.18.0 3.18.0 6.1.0 6.1.0 7.2.2"},
		V46: {capabilities: v46, booleanLabel: longBoolean, django: "6.0.8", apps: "26.1 2.4.0 4.1.1 2.8.0 0.30.0 " +
			"2026.8.1 0.18.0 3.17.1 5.9.0 6.1.0 7.2.2",
			unknown: map[string][]string{"custom-fields": {"nulls_first", "status"}}},
		V45: {capabilities: v45, booleanLabel: longBoolean, django: "5.2.13", apps: "25.2 2.4.1 4.1.0 2.8.0 0.29.0 " +
			"2026.5.1 0.18.0 3.16.1 5.9.0 6.1.0 7.2.1",
			unknown: map[string][]string{"custom-fields": {"nulls_first", "status", "validation_schema"},
				"custom-field-choice-sets": {"choice_colors"}}},
		V44: {capabilities: capabilities{checksTogether: true}, booleanLabel: longBoolean, django: "5.2.9",
			apps: "25.2 2.4.1 3.2.2 2.8.0 0.29.0 2026.1.1 0.17.0 3.16.1 5.7.0 6.1.0 7.2.1",
			unknown: map[string][]string{"custom-fields": {"nulls_first", "status", "validation_schema", "owner"},
				"custom-field-choice-sets": {"choice_colors", "owner"}, "object-changes": {"object_repr"}}},
	}
}

// installedApps returns the versions of Django's apps for /api/status/.
func (p *profile) installedApps() map[string]string {
	names := []string{"django_filters", "django_prometheus", "django_rq", "django_tables2", "drf_spectacular",
		"drf_spectacular_sidecar", "mptt", "rest_framework", "social_django", "taggit", "timezone_field"}
	apps := map[string]string{}
	for i, version := range strings.Fields(p.apps) {
		apps[names[i]] = version
	}
	return apps
}
