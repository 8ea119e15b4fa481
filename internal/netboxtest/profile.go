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
	V47 Version = "4.7.3" // what Options without a Version start
	V46 Version = "4.6.8"
	V45 Version = "4.5.10"
	V44 Version = "4.4.10"
)

// Minor is the version without its last part, as the API-Version header has it.
func (v Version) Minor() string { return string(v[:strings.LastIndexByte(string(v), '.')]) }

// capabilities are the differences between the versions, as far as a client of
// this API can tell them apart. The oldest NetBox here has one of them.
type capabilities struct {
	// entityTags: the answer to a request for one object has an ETag, and
	// If-Match is obeyed. Otherwise it is ignored and the write happens.
	entityTags bool
	// cursors: ?start= pages by id. Otherwise it is ignored.
	cursors bool
	// omit: ?omit= leaves keys out. Otherwise it is ignored.
	omit bool
	// partTags: add_tags and remove_tags are known. Otherwise they are ignored.
	partTags bool
	// tokensV2: v2 tokens are known, and messages name the kind of a token.
	tokensV2 bool
	// tokensAnswered: the answer to the creation of a token has it. Otherwise it has a null.
	tokensAnswered bool
	// tokensChosen: NetBox chooses the token, whatever the request says.
	tokensChosen bool
	// labeledSelects: custom fields of choices come back as value and label.
	labeledSelects bool
	// knownKeysOnly: an unknown custom field is refused. Otherwise it is stored
	// where only custom_field_data shows it.
	knownKeysOnly bool
	// sparseCustomData: an object has no entry for a custom field that was
	// defined after it and has no default. Otherwise it has a null.
	sparseCustomData bool
	// bulkReports: a request in bulk is checked object by object, and its refusal
	// lists the bad ones by index or id. Otherwise all objects of a creation are
	// checked before any is stored, an update names the first fault only, and
	// ids that do not exist are passed over.
	bulkReports bool
	// checksTogether: an object whose fabric, namespace and name are taken is refused.
	// Otherwise the database refuses it.
	checksTogether bool
	// lateEvents: what events carry is rendered after the write. Otherwise that
	// happens inside of its transaction, so a broken display_url undoes it.
	lateEvents bool
	// countsAtOnce: the answer to the creation of a tag counts its objects.
	countsAtOnce bool
	// changesByField: ?fields= works on the list of changes, and they have an
	// object_repr.
	changesByField bool
}

// profile is a version with its capabilities and what it reports about itself.
type profile struct {
	capabilities
	version Version
	claims  string // the version that it reports
	django  string // its version, for /api/status/
	apps    string // the versions of Django's apps, ordered by name
	// unknown are the keys that newer versions put into a body, by endpoint.
	unknown      map[string][]string
	booleanLabel string
}

// profileOf returns a version's profile; V47's for "".
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

// profiles follow the recordings. sparseCustomData, choice_colors and a choice
// set's owner are from NetBox's source.
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
