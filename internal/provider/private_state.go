package provider

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netbox"
)

// privateKey is the key of a value in private state, which is stored as JSON. Terraform
// stores private state next to a resource's attributes and does not show it. Released
// versions have written it, so keys and their forms must not change.
type privateKey[T any] string

const (
	// revisionKey has the fabric, and its revision, that the state is of.
	revisionKey privateKey[storedRevision] = "revision"
	// branchKey has the NetBox branch that the state is of. It is absent for main.
	branchKey privateKey[storedBranch] = "branch"
	// importedKey has the number of objects that were imported into the fabric at the last
	// refresh.
	importedKey privateKey[int64] = "imported_objects"
	// tokenAbsentKey has whether NetBox is known to store no token.
	tokenAbsentKey privateKey[bool] = "kubernetes_token_absent"
	// fingerprintKey has the fingerprint of the write-only token.
	fingerprintKey privateKey[fingerprint] = "kubernetes_token_fingerprint"
	// fieldTypesKey has the types of custom fields whose values cannot be compared without
	// them, such as "4" and 4. With them, a refresh need not ask for definitions.
	fieldTypesKey privateKey[fieldTypes] = "custom_field_types"
	// appliedFieldsKey has which values of custom fields were applied, after a refresh has
	// put others into the state.
	appliedFieldsKey privateKey[appliedFields] = "custom_fields_applied"
	// removalKey has what NetBox had when the removal was planned.
	removalKey privateKey[plannedRemoval] = "planned_removal"
)

type storedRevision struct {
	Created     time.Time `json:"created"`
	LastUpdated time.Time `json:"last_updated"`
}

type storedBranch struct {
	Name     string `json:"name,omitempty"` // "" where it was not known
	SchemaID string `json:"schema_id"`
}

type privateReader interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
}

type privateWriter interface {
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}

// get returns the stored value, and whether there is one. A value that cannot be read, such
// as one written by hand, counts as absent.
func (k privateKey[T]) get(ctx context.Context, private privateReader) (value T, stored bool, diags diag.Diagnostics) {
	raw, diags := private.GetKey(ctx, string(k))
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	if len(raw) == 0 || decoder.Decode(&value) != nil {
		var none T
		return none, false, diags
	}
	return value, true, diags
}

// set stores a value.
func (k privateKey[T]) set(ctx context.Context, private privateWriter, value T) diag.Diagnostics {
	raw, err := json.Marshal(value)
	if err != nil {
		return diag.Diagnostics{diag.NewErrorDiagnostic("Cannot store private state", fmt.Sprintf(
			"The provider could not encode its value %q (%v). This is a fault of the provider. Please report it at "+
				issuesURL+".", k, err))}
	}
	return private.SetKey(ctx, string(k), raw)
}

// remove deletes the stored value.
func (k privateKey[T]) remove(ctx context.Context, private privateWriter) diag.Diagnostics {
	return private.SetKey(ctx, string(k), nil)
}

// keepRevision stores what the next operation must know about the record.
func keepRevision(ctx context.Context, private privateWriter, client *netbox.Client,
	read *netbox.Read) diag.Diagnostics {
	diags := revisionKey.set(ctx, private, storedRevision(netbox.RevisionOf(&read.Fabric)))
	diags.Append(keepBranch(ctx, private, client)...)
	diags.Append(importedKey.set(ctx, private, read.Fabric.Counts.Imported())...)
	absent := !read.Fabric.TokenHidden && fabric.Blank(read.Fabric.KubernetesToken)
	diags.Append(tokenAbsentKey.set(ctx, private, absent)...)
	return diags
}

// keepBranch stores the branch in which the fabric was read.
func keepBranch(ctx context.Context, private privateWriter, client *netbox.Client) diag.Diagnostics {
	if branch := storedBranch(client.Branch()); branch != (storedBranch{}) {
		return branchKey.set(ctx, private, branch)
	}
	return branchKey.remove(ctx, private)
}

// revisionIn returns the revision in private state. A state without one (just imported, or
// written by hand) has the zero revision, which matches any fabric.
func revisionIn(ctx context.Context, private privateReader, diags *diag.Diagnostics) netbox.Revision {
	stored, _, got := revisionKey.get(ctx, private)
	diags.Append(got...)
	return netbox.Revision(stored)
}
