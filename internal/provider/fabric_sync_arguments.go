package provider

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabricsync"
)

// syncArguments are which fabric to sync, and how. The resource and the action share them.
type syncArguments struct {
	FabricID           types.Int64  `tfsdk:"fabric_id"`
	OnlyIfDue          types.Bool   `tfsdk:"only_if_due"`
	Prune              types.String `tfsdk:"prune"`
	PruneLimit         types.String `tfsdk:"prune_limit"`
	FailOnError        types.Bool   `tfsdk:"fail_on_error"`
	AllowInsecureHTTPS types.Bool   `tfsdk:"allow_insecure_https"`
	KubernetesCACert   types.String `tfsdk:"kubernetes_ca_cert"`
}

// Settings that limit a sync, for messages.
const (
	createTimeout = "timeouts.create"
	invokeTimeout = "timeouts.invoke"
)

// Descriptions of the arguments, for both schemas.
const (
	syncFabricIDText  = "Numeric id of the fabric in NetBox. 1 or greater."
	syncOnlyIfDueText = "Whether to sync only when the fabric is due. Default: `false`. A fabric is not due when " +
		"its `sync_interval` is 0, or when its last sync is younger than the interval and it is not in error."
	syncPruneText = "What to do with objects in NetBox that are no longer in the cluster: `keep` them, as the NetBox " +
		"plugin does, or `delete` them. Default: `keep`. If a kind could not be listed completely in the cluster, " +
		"the sync deletes no object of that kind."
	syncPruneLimitText = "How much one sync with `prune = \"delete\"` may delete, as `SHARE%` or `SHARE%,NUMBER`, " +
		"such as `80%` or `50%,10`. Default: `50%,10`. SHARE is 1 to 100. NUMBER is 0 or greater, and 10 if you " +
		"leave it out. If NetBox has at least NUMBER objects from the fabric's cluster, and more than SHARE percent " +
		"of them are no longer there, the sync fails and deletes nothing. `100%` turns the limit off: a sync of an " +
		"empty cluster then deletes every object of the fabric."
	syncFailOnErrorText = "Whether to fail when the sync fails, is skipped, refused or superseded, or finds the " +
		"fabric busy. Default: `true`. With `false`, an interrupted sync, or a NetBox that cannot be read or " +
		"written, is still an error. The fabric's record in NetBox shows a failed sync, whatever this is set to. For " +
		"what each outcome means, see [Outcomes and exit " +
		"codes](../guides/keeping-in-sync.md#outcomes-and-exit-codes)."
	syncInsecureText = "Whether to accept any TLS certificate from the cluster without verifying it. Default: " +
		"`false`. With `true`, anyone who controls the network path can impersonate the cluster and read the token."
	syncTokenText = "Bearer token for the cluster, as a write-only argument: it is never stored in a plan or in " +
		"the state. Default: the token that NetBox stores. Any length, but not empty. Needs Terraform or OpenTofu " +
		"1.11 or newer."
	syncCACertText = "CA certificates to trust for the cluster, in PEM form. Default: those that NetBox stores."
)

func (a *syncArguments) failOnError() bool {
	return a.FailOnError.IsNull() || a.FailOnError.ValueBool()
}

// run syncs the fabric. It uses token instead of the stored one, unless it is "". It adds
// an error if the operation must fail, and names the setting that limits it. If the
// arguments make a failure part of the data, only the result has it.
func (a *syncArguments) run(
	ctx context.Context, c *connection, token, timeout string, progress func(fabricsync.Progress),
	diags *diag.Diagnostics,
) *fabricsync.Result {
	client := c.netbox(diags)
	defer c.warnUntested(diags)
	c.refuseSyncInBranch(diags)
	if p := fabric.ValidateID(a.FabricID.ValueInt64()); p != nil {
		diags.AddAttributeError(path.Root("fabric_id"), p.Summary, p.Detail)
	}
	limit, p := pruneLimit(a.PruneLimit.ValueString())
	if p != nil {
		diags.AddAttributeError(path.Root("prune_limit"), p.Summary, p.Detail)
	}
	if diags.HasError() {
		return nil
	}
	result, err := fabricsync.Run(ctx, fabricsync.Options{
		NetBox: client, UserAgent: c.userAgent, Insecure: a.AllowInsecureHTTPS.ValueBool(),
		Prune:      fabricsync.Prune(a.Prune.ValueString()),
		PruneLimit: limit, OnlyIfDue: a.OnlyIfDue.ValueBool(), WaitForLock: true, Progress: progress,
		Credentials: &fabricsync.Credentials{Token: token, CACert: a.KubernetesCACert.ValueString()},
	}, a.FabricID.ValueInt64())
	for _, warning := range result.Warnings {
		diags.AddWarning("Sync reported a warning", fmt.Sprintf("%s: %s", capital(syncedFabric(result)),
			sentenceOf(warning)))
	}
	a.report(result, err, timeout, diags)
	return result
}

// pruneLimit parses a limit; "" is the default.
func pruneLimit(text string) (fabricsync.PruneLimit, *fabric.Problem) {
	if text == "" {
		return fabricsync.DefaultPruneLimit(), nil
	}
	limit, err := fabricsync.ParsePruneLimit(text)
	if err != nil {
		return limit, &fabric.Problem{Summary: "Invalid prune limit", Detail: fmt.Sprintf("The prune limit is %q, "+
			"but %v.", text, err)}
	}
	return limit, nil
}

func (a *syncArguments) report(result *fabricsync.Result, err error, timeout string, diags *diag.Diagnostics) {
	name := syncedFabric(result)
	switch result.Outcome {
	case fabricsync.Synced, fabricsync.NotDue, fabricsync.Planned:
		return
	case fabricsync.Interrupted:
		lock := ""
		if result.LockUnknown {
			lock = " NetBox may still show it as syncing. Other syncs ignore that after " +
				fabric.Humanize(fabric.LockStaleAfter) + "."
		}
		if errors.Is(err, context.DeadlineExceeded) {
			diags.AddError("Sync took longer than its timeout", fmt.Sprintf("%s was not synced: the timeout ended "+
				"before the sync began.%s Raise %s, or run Terraform again.", capital(name), lock, timeout))
			return
		}
		diags.AddError("Sync was interrupted", fmt.Sprintf("%s was not synced completely.%s Run Terraform again.",
			capital(name), cmp.Or(lock, " Its lock was released.")))
		return
	}
	if err != nil && result.Outcome == fabricsync.Failed { // NetBox itself failed, not the cluster
		addError(diags, "sync "+name, err)
		return
	}
	if !a.failOnError() {
		return
	}
	switch result.Outcome {
	case fabricsync.Refused:
		diags.AddAttributeError(path.Root("fabric_id"), "Kubernetes token not shown",
			fmt.Sprintf("%s was not synced: NetBox does not show its kubernetes_token, because the NetBox plugin was "+
				"changed to hide it. Set the token in kubernetes_token_wo of the hedgehog_fabric_sync resource, or "+
				"ask a NetBox administrator.", capital(name)))
	case fabricsync.Skipped:
		diags.AddAttributeError(path.Root("fabric_id"), "Fabric is not set up for syncing",
			fmt.Sprintf("%s was not synced: %s To accept this, set fail_on_error = false here.", capital(name),
				notSyncable(err)))
	case fabricsync.Busy:
		diags.AddError("Fabric is already being synced", fmt.Sprintf("%s It did not finish before this one's "+
			"timeout. Run Terraform again later, or raise %s.", capital(sentenceOf(result.Message)), timeout))
	case fabricsync.Superseded:
		diags.AddError("Fabric was changed during its sync", fmt.Sprintf("The outcome of this sync of %s was not "+
			"stored: %s Run Terraform again.", name, sentenceOf(result.Message)))
	default:
		diags.AddError("Sync failed", fmt.Sprintf("%s could not be synced: %s The fabric in NetBox shows the same "+
			"reason. The time of its last successful sync is unchanged. With fail_on_error = false, the apply "+
			"continues despite a failed sync.", capital(name), sentenceOf(result.Message)))
	}
}

// notSyncable returns why a fabric must not be synced, and what to do.
func notSyncable(err error) string {
	if e, ok := errors.AsType[*fabric.NotSyncableError](err); ok && e.Status == fabric.StatusDisabled {
		return "its sync is switched off. Set sync_enabled = true on the fabric."
	}
	return "it has no Kubernetes server. Set kubernetes_server on the fabric."
}

func syncedFabric(r *fabricsync.Result) string {
	if r.Fabric == "" {
		return fmt.Sprintf("the fabric %d", r.FabricID)
	}
	return fmt.Sprintf("the fabric %q (id %d)", r.Fabric, r.FabricID)
}
