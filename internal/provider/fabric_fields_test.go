package provider

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netbox"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

// fieldPlaces has the places where a field of [fabric.Fabric] must be.
type fieldPlaces struct {
	// netbox is the field's name in NetBox's API.
	netbox string
	// change is a value that a new fabric does not have, or nil for what NetBox alone writes.
	change any
	// managed is the field's name among [fabric.Attributes]: the resource compares and
	// sends it.
	managed place
	// resource is the attribute that shows the field in the resource and in its list.
	resource place
	// dataSource and dataSources are the attributes that show it in hedgehog_fabric and
	// in the elements of hedgehog_fabrics.
	dataSource, dataSources place
}

// place is a path with dots, or the reason why the field is not there.
type place struct{ path, absent string }

func in(path string) place       { return place{path: path} }
func absent(reason string) place { return place{absent: reason} }

const (
	bySyncs    = "syncs write it, not the configuration"
	byNetBox   = "NetBox writes it, not the configuration"
	notManaged = "it would make every sync a change of the resource; the data sources have it"
	notStored  = "it is not a field of NetBox's"
)

// fabricFields has a row for every field of [fabric.Fabric]. For a new field, add a row here: the
// test then reports what is missing.
func fabricFields() map[string]fieldPlaces {
	rows := map[string]fieldPlaces{
		"KubernetesToken": {netbox: tokenField, change: "second-secret", managed: in(tokenField),
			resource: in(tokenField), dataSource: absent("it is a secret; kubernetes_token_set is shown instead")},
		"TokenHidden": {managed: absent(notStored), resource: absent(notStored), dataSource: absent(notStored)},
		"Tags": {netbox: "tags", change: []any{map[string]any{"name": "Lab"}}, managed: in("tags"),
			resource: in("tags_all"), dataSource: in("tags")},
		"CustomFields": {netbox: customFieldsName, change: map[string]any{"owner": "second"},
			managed: in(fabric.CustomField("owner")), resource: in("custom_fields.owner"),
			dataSource: in("custom_fields.owner"), dataSources: in("custom_fields_json")},

		"ID":  {netbox: "id", managed: absent(byNetBox), resource: in("id"), dataSource: in("id")},
		"URL": {netbox: "url", managed: absent(byNetBox), resource: in("url"), dataSource: in("url")},
		"Created": {netbox: "created", managed: absent(byNetBox), dataSource: in("created"),
			resource: absent("it is in private state")},
		"LastUpdated": {netbox: "last_updated", managed: absent(byNetBox), dataSource: in("last_updated"),
			resource: absent("it is in private state")},

		"StoredSyncStatus": {netbox: "sync_status", change: "in_sync", managed: absent(bySyncs),
			resource: absent("the derived sync_status is shown instead"), dataSource: in("stored_sync_status")},
		"ConnectionStatus": {netbox: "connection_status", change: "connected", managed: absent(bySyncs),
			resource: in("connection_status"), dataSource: in("connection_status")},
		"LastSync": {netbox: "last_sync", change: "2026-11-01T12:00:00Z", managed: absent(bySyncs),
			resource: in("last_sync"), dataSource: in("last_sync")},
	}
	for field, change := range map[string]struct {
		name  string
		value any
	}{
		"Name": {"name", "berlin"}, "Description": {"description", "second"}, "Lifecycle": {"status", "active"},
		"KubernetesServer":    {"kubernetes_server", "https://k8s-2.example.com"},
		"KubernetesCACert":    {"kubernetes_ca_cert", "another"},
		"KubernetesNamespace": {"kubernetes_namespace", "fab"},
		"SyncEnabled":         {"sync_enabled", false}, "SyncInterval": {"sync_interval", 600},
	} {
		here := in(change.name)
		rows[field] = fieldPlaces{change.name, change.value, here, here, here, place{}}
	}
	for field, name := range map[string]string{"SyncError": "sync_error", "ConnectionError": "connection_error"} {
		rows[field] = fieldPlaces{name, "no route", absent(bySyncs), absent(notManaged), in(name), place{}}
	}
	for field, name := range map[string]string{
		"CachedCRDs": "cached_crd_count", "CachedVPCs": "cached_vpc_count",
		"CachedConnections": "cached_connection_count", "Connections": "connections_count",
		"Servers": "servers_count", "Switches": "switches_count", "VPCs": "vpcs_count",
	} {
		rows["Counts."+field] = fieldPlaces{name, 7, absent(bySyncs), absent(notManaged), in("counts." + name), place{}}
	}
	return rows
}

// Every field of a fabric is in all its places: the stand-in stores it, the record reader reads it,
// the comparison compares it, the resource shows and corrects it, and the data sources show it. The
// test names the place where a new field is missing.
func TestFabricFields_areInEveryPlace(t *testing.T) {
	rows, fields := fabricFields(), fieldsIn(reflect.TypeFor[fabric.Fabric](), "")
	for field := range rows {
		if !slices.Contains(fields, field) {
			t.Errorf("fabricFields has a row for %s, but fabric.Fabric has no such field", field)
		}
	}
	for _, field := range fields {
		row, there := rows[field]
		if !there {
			t.Errorf("fabric.Fabric has the field %s, but fabricFields has no row for it", field)
			continue
		}
		if row.dataSources == (place{}) {
			row.dataSources = row.dataSource
		}
		if row.netbox != "" {
			t.Run(field, func(t *testing.T) {
				t.Parallel()
				row.check(t, field)
			})
		}
	}
}

// fieldsIn returns the paths of a struct's fields. Counts are fields each; a tag and a
// time are one value.
func fieldsIn(kind reflect.Type, prefix string) (fields []string) {
	for f := range kind.Fields() {
		if f.Type == reflect.TypeFor[fabric.Counts]() {
			fields = append(fields, fieldsIn(f.Type, f.Name+".")...)
			continue
		}
		fields = append(fields, prefix+f.Name)
	}
	return fields
}

// check changes the field outside of Terraform, and checks that every place shows the change. For
// fields that only NetBox writes, it checks a second fabric.
func (row fieldPlaces) check(t *testing.T, field string) {
	t.Helper()
	n, d := standin(t)
	client, err := netbox.New(rest.Config{ServerURL: n.URL, APIToken: n.Token})
	must(t, err)
	config := map[string]any{"name": "lab", "description": "first", "kubernetes_server": lab,
		"kubernetes_ca_cert": certificate(t), tokenField: "first-secret", "tags": texts("Prod"),
		customFieldsName: objectOfAny(map[string]any{"owner": "first"})}
	see := func(made *instance) (seen shown) {
		id, _ := d.attribute(made, "id").(int64)
		seen.stored, _ = n.Fabric(t, id)
		read, err := client.Fabrics().Get(t.Context(), id)
		must(t, err)
		seen.read, seen.resource = read, raw(t, made.value)
		seen.dataSource = raw(t, d.data("hedgehog_fabric", map[string]any{"id": id}))
		all, _ := raw(t, d.data("hedgehog_fabrics", nil)).(map[string]any)
		list, _ := all["fabrics"].([]any)
		seen.dataSources = list[len(list)-1]
		return seen
	}
	made := d.do(nil, config)
	before := see(made)
	if row.change == nil {
		n.Standin.Advance(time.Second)
		row.compare(t, field, before, see(d.do(nil, map[string]any{"name": "second"})))
		return
	}
	id, _ := d.attribute(made, "id").(int64)
	n.Patch(t, id, map[string]any{row.netbox: row.change})
	changed := d.refresh(made)
	after := see(changed)
	row.compare(t, field, before, after)
	if row.managed.path == "" {
		return
	}
	if corrected := see(d.do(changed, config)); !reflect.DeepEqual(corrected.stored[row.netbox],
		before.stored[row.netbox]) {
		t.Errorf("%s: an apply does not correct it: managedAttributes (fabric_model.go) lacks it", field)
	}
}

// shown has the values of a fabric in each place.
type shown struct {
	stored                            map[string]any
	read                              *netbox.Read
	resource, dataSource, dataSources any
}

// compare reports each place that must show a change of the field, but does not.
func (row fieldPlaces) compare(t *testing.T, field string, before, after shown) {
	t.Helper()
	differs := func(where, lack string, old, now any) {
		t.Helper()
		if reflect.DeepEqual(old, now) {
			t.Errorf("%s does not show in %s: %s lacks it", field, where, lack)
		}
	}
	differs("the stand-in", "pluginFabric (internal/netboxtest/plugin_fabric.go)", before.stored[row.netbox],
		after.stored[row.netbox])
	differs("what is read", "fabricRecord (internal/netbox/fabric_record.go)", fieldOf(&before.read.Fabric, field),
		fieldOf(&after.read.Fabric, field))
	if name := row.managed.path; name != "" {
		differs("the comparison", "AttributesOf (internal/netbox/fabric_attributes.go)",
			netbox.AttributesOf(&before.read.Fabric)[name], netbox.AttributesOf(&after.read.Fabric)[name])
	}
	written := map[string]any{row.netbox: fieldOf(&after.read.Fabric, field)}
	if row.managed.absent == bySyncs && !after.read.Fabric.Holds(written) {
		t.Errorf("%s is written by syncs, and syncFields (internal/fabric/sync_record.go) lacks it", field)
	}
	const ofResource = "its model or schema (fabric_model.go, fabric_schema.go)"
	ofDataSources := "its model or schema (fabric_data_source.go, fabric_data_source_schema.go)"
	if row.managed.path != "" { // the data sources share the resource's model
		ofDataSources = "its model or schema (fabric_model.go, fabric_data_source_schema.go)"
	}
	for _, shown := range []struct {
		where, lack string
		in          place
		old, now    any
	}{
		{"the resource", ofResource, row.resource, before.resource, after.resource},
		{"hedgehog_fabric", ofDataSources, row.dataSource, before.dataSource, after.dataSource},
		{"hedgehog_fabrics", ofDataSources, row.dataSources, before.dataSources, after.dataSources},
	} {
		if shown.in.path != "" {
			differs(shown.where, shown.lack, within(shown.old, shown.in.path),
				within(shown.now, shown.in.path))
		} else if shown.in.absent == "" {
			t.Errorf("%s: neither a path nor a reason for %s", field, shown.where)
		}
	}
}

func fieldOf(f *fabric.Fabric, path string) any {
	v := reflect.ValueOf(f).Elem()
	for name := range strings.SplitSeq(path, ".") {
		v = v.FieldByName(name)
	}
	if at, ok := v.Interface().(*time.Time); ok && at != nil {
		return *at
	}
	return v.Interface()
}

func within(value any, path string) any {
	for name := range strings.SplitSeq(path, ".") {
		object, _ := value.(map[string]any)
		value = object[name]
	}
	return value
}
