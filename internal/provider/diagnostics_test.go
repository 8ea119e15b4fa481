package provider

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netbox"
)

func TestAddError_unknownOutcomeIsNotToldAsARefusal(t *testing.T) {
	taken := &netbox.InvalidError{Fields: map[string][]string{"name": {"Hedgehog Fabric with this name already exists."}}}
	failed := &netbox.ServerError{Status: 502}
	for name, c := range map[string]struct {
		err  error
		want string
	}{
		"not readable": {&netbox.UnsettledError{Write: taken, Read: failed}, "Reading it back failed as well"},
		"interrupted":  {&netbox.UnsettledError{Write: failed, Read: context.Canceled, Interrupted: true}, "It had not taken effect when NetBox was read afterwards"},
	} {
		var diags diag.Diagnostics
		addWriteError(&diags, "create the fabric", c.err, &fabricModel{})
		if len(diags) != 1 || diags[0].Summary() != "Outcome of a write is unknown" || !strings.Contains(diags[0].Detail(), c.want) {
			t.Errorf("%s: %v", name, diags)
		}
	}
	var diags diag.Diagnostics
	addError(&diags, "create the fabric", errors.Join(&netbox.NameTakenError{Name: "lab", Unread: true}, failed))
	if len(diags) != 1 || !strings.Contains(diags[0].Detail(), "it could not be read which one. Nothing was written.") {
		t.Errorf("name taken: %v", diags)
	}
}

// A request that the operation's end cut short tells nothing of the network.
func TestExplain_operationThatEnded(t *testing.T) {
	refused := &netbox.TransportError{Host: "netbox.example.com", Err: errors.New("connection refused")}
	for want, err := range map[string]error{
		"Operation took longer than its timeout": &netbox.TransportError{Host: "netbox.example.com", Err: context.DeadlineExceeded},
		"Operation was interrupted":              &netbox.TransportError{Host: "netbox.example.com", Err: context.Canceled},
		"NetBox cannot be reached":               &netbox.InterruptedError{Last: refused, End: context.DeadlineExceeded},
	} {
		if got, _ := explain(err); got != want {
			t.Errorf("%v: %s, want %s", err, got, want)
		}
	}
}

// Anybody may write a record; none may bring the provider down.
func TestFabricStatus_timesAtTheEndOfTheCalendar(t *testing.T) {
	last := time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)
	west := time.Date(9999, 12, 31, 23, 59, 59, 0, time.FixedZone("", -12*3600))
	for _, lastSync := range []*time.Time{&last, &west} {
		read := &netbox.Read{ObservedAt: time.Now(), Fabric: fabric.Fabric{
			KubernetesServer: lab, SyncEnabled: true, SyncInterval: 300, LastSync: lastSync,
		}}
		status := newFabricStatus(read)
		if !status.NextSyncAt.IsNull() || status.SyncStatus.ValueString() != "in_sync" || status.Consistent.ValueBool() {
			t.Errorf("%s: next %s, %s", lastSync, status.NextSyncAt, status.SyncStatus)
		}
	}
}

func TestProviderConfig_headersWithUnknownAndNullElements(t *testing.T) {
	headers := func(values map[string]attr.Value) types.Map { return types.MapValueMust(types.StringType, values) }
	later := &providerModel{Headers: headers(map[string]attr.Value{"X-A": types.StringUnknown()})}
	if got := later.unknown(); got != "headers" {
		t.Errorf("unknown attribute %q, want headers", got)
	}
	var diags diag.Diagnostics
	mixed := &providerModel{Headers: headers(map[string]attr.Value{"X-A": types.StringNull(), "X-B": types.StringValue("b")})}
	if got := mixed.headers(t.Context(), &diags); len(diags) > 0 || len(got) != 1 || got["X-B"] != "b" {
		t.Errorf("headers %v, %v", got, diags)
	}
}
