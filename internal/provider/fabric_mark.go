package provider

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netbox"
)

const (
	// markKey is where private state keeps which fabric, and which version of
	// it, the state speaks of.
	markKey = "fabric_mark"
	// importedKey is where it keeps how many objects were imported into the fabric.
	importedKey = "imported_objects"
	// tokenAbsentKey is where it keeps whether NetBox is known to store no token.
	tokenAbsentKey = "kubernetes_token_absent"
)

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

// setPrivate stores a value as JSON in private state.
func setPrivate(ctx context.Context, private privateWriter, key string, value any) diag.Diagnostics {
	raw, err := json.Marshal(value)
	if err != nil {
		return diag.Diagnostics{diag.NewErrorDiagnostic("Cannot store private state", fmt.Sprintf("%s: %v", key, err))}
	}
	return private.SetKey(ctx, key, raw)
}

func setMark(ctx context.Context, private privateWriter, read *netbox.Read) diag.Diagnostics {
	diags := setPrivate(ctx, private, markKey, storedMark(netbox.MarkOf(&read.Fabric)))
	diags.Append(private.SetKey(ctx, importedKey, strconv.AppendInt(nil, read.Fabric.Counts.Imported(), 10))...)
	absent := !read.Fabric.TokenHidden && fabric.Blank(read.Fabric.KubernetesToken)
	diags.Append(private.SetKey(ctx, tokenAbsentKey, strconv.AppendBool(nil, absent))...)
	return diags
}

// getImported returns how many imported objects the last refresh counted.
func getImported(ctx context.Context, private privateReader) (int64, diag.Diagnostics) {
	raw, diags := private.GetKey(ctx, importedKey)
	n, err := strconv.ParseInt(string(raw), 10, 64)
	if err != nil {
		return 0, diags // a state from before the first refresh has none
	}
	return n, diags
}
