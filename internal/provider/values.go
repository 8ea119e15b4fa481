package provider

import (
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

func textOrNull(text string) types.String {
	if text == "" {
		return types.StringNull()
	}
	return types.StringValue(text)
}

func count(n int) types.Int64 { return types.Int64Value(int64(n)) }

func int64Map(numbers map[string]int64) types.Map {
	values := make(map[string]attr.Value, len(numbers))
	for key, n := range numbers {
		values[key] = types.Int64Value(n)
	}
	return types.MapValueMust(types.Int64Type, values)
}

func textList(texts []string) types.List {
	values := make([]attr.Value, len(texts))
	for i, t := range texts {
		values[i] = types.StringValue(t)
	}
	return types.ListValueMust(types.StringType, values)
}

// instant writes a time in UTC, as exactly as NetBox gave it. It is null if there is no
// time, or if RFC 3339 cannot express the year.
func instant(t *time.Time) timetypes.RFC3339 {
	if t == nil || t.IsZero() || t.UTC().Year() < 0 || t.UTC().Year() > 9999 {
		return timetypes.NewRFC3339Null()
	}
	return timetypes.NewRFC3339ValueMust(t.UTC().Format(time.RFC3339Nano))
}
