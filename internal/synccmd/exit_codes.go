package synccmd

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/cli"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabricsync"
)

// notFound is the outcome of a fabric that --fabric names and NetBox does not show. A sync
// never has it.
const notFound fabricsync.Outcome = "not_found"

// outcomeInfo describes an outcome for --help and the guide.
type outcomeInfo struct {
	outcome fabricsync.Outcome
	code    int // exit code of --once, if no other fabric has a higher one
	meaning string
}

// outcomeInfos returns all outcomes, in the order in which the summary lists them.
func outcomeInfos() []outcomeInfo {
	return []outcomeInfo{
		{fabricsync.Synced, cli.ExitSuccess, "everything that NetBox can store was stored"},
		{fabricsync.Planned, cli.ExitSuccess, "a dry run: the counts say what a sync would do"},
		{fabricsync.Failed, cli.ExitFailure, "the message says why, and so does the record in NetBox"},
		{fabricsync.Interrupted, cli.ExitStopped, "a signal stopped it (130), or --timeout ended before it " +
			"started (1)"},
		{fabricsync.Superseded, cli.ExitFailure, "another user or another sync changed the fabric " +
			"during the sync"},
		{fabricsync.Refused, cli.ExitFailure, "NetBox does not show the fabric's Kubernetes token"},
		{fabricsync.Busy, cli.ExitSuccess, "another sync of the fabric is running"},
		{fabricsync.Skipped, cli.ExitSuccess, "no Kubernetes server, sync turned off, or in another shard"},
		{fabricsync.NotDue, cli.ExitSuccess, "the fabric is not due for a sync"},
		{notFound, cli.ExitFailure, "NetBox has no fabric that --fabric names, or does not show it"},
	}
}

// outcomes returns the outcomes that a sync can have.
func outcomes() (all []fabricsync.Outcome) {
	for _, e := range outcomeInfos() {
		if e.outcome != notFound {
			all = append(all, e.outcome)
		}
	}
	return all
}

// outcomeHelp returns the table of outcomes for --help, by exit code.
func outcomeHelp() string {
	var b strings.Builder
	b.WriteString("Outcomes and their exit codes. --once exits with the highest code of all fabrics:\n")
	all := outcomeInfos()
	slices.SortStableFunc(all, func(a, b outcomeInfo) int { return cmp.Compare(a.code, b.code) })
	for _, e := range all {
		fmt.Fprintf(&b, "  %-11s  %3d  %s\n", e.outcome, e.code, e.meaning)
	}
	return b.String()
}
