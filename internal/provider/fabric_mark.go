package provider

import (
	"context"
	"encoding/json"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netbox"
)

// markKey is where private state keeps which fabric, and which version of it,
// the state speaks of.
const markKey = "fabric_mark"

type storedMark struct {
	Created     time.Time `json:"created"`
	LastUpdated time.Time `json:"last_updated"`
}

type privateReader interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
}

type privateWriter interface {
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}

// getMark returns the mark in private state. A state without one (just
// imported, or written by hand) has the zero mark, which matches any fabric.
func getMark(ctx context.Context, private privateReader) (netbox.Mark, diag.Diagnostics) {
	raw, diags := private.GetKey(ctx, markKey)
	var stored storedMark
	if len(raw) == 0 || json.Unmarshal(raw, &stored) != nil {
		return netbox.Mark{}, diags
	}
	return netbox.Mark(stored), diags
}

func setMark(ctx context.Context, private privateWriter, read *netbox.Read) diag.Diagnostics {
	raw, err := json.Marshal(storedMark(netbox.MarkOf(&read.Fabric)))
	if err != nil {
		return diag.Diagnostics{diag.NewErrorDiagnostic("Cannot store the fabric's mark", err.Error())}
	}
	return private.SetKey(ctx, markKey, raw)
}
