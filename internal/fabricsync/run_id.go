package fabricsync

import (
	"context"
	"crypto/rand"
	"encoding/hex"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netbox"
)

// NewRunID returns the id of a new sync: eight hexadecimal digits.
func NewRunID() string {
	var id [4]byte
	_, _ = rand.Read(id[:]) // never fails
	return hex.EncodeToString(id[:])
}

type runIDKey struct{}

// RunID returns the id of the sync that a context belongs to, or "" if it belongs to none.
func RunID(ctx context.Context) string {
	id, _ := ctx.Value(runIDKey{}).(string)
	return id
}

// withRunID returns the context of a sync. Its writes have the id in NetBox's change log.
func withRunID(ctx context.Context, id string) context.Context {
	return netbox.WithChangelogNote(context.WithValue(ctx, runIDKey{}, id), "sync run "+id)
}
