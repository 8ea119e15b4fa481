package acctest

import (
	"context"
	"fmt"
	"net/url"
	"testing"
)

// Changes returns a fabric's changes in NetBox's change log, oldest first. Each has the action
// and the message.
func (n *NetBox) Changes(t *testing.T, fabricID int64) []string {
	t.Helper()
	// The published plugin cannot render the changed object.
	ctx := context.WithValue(t.Context(), queryKey{}, url.Values{"omit": {"changed_object"}})
	found, _, err := n.client().CoreAPI.CoreObjectChangesList(ctx).ChangedObjectType(fabricObject).
		ChangedObjectId([]int32{int32(fabricID)}).Ordering("id").Limit(1000).Execute() //nolint:gosec // a test's id
	if err != nil {
		t.Fatalf("reading the changes of fabric %d: %v", fabricID, err)
	}
	changes := make([]string, len(found.Results))
	for i, change := range found.Results {
		changes[i] = fmt.Sprintf("%s %s", change.Action.GetValue(), change.AdditionalProperties["message"])
	}
	return changes
}
