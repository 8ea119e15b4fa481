package netbox

import (
	"context"
	"unicode/utf8"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

type changelogNoteKey struct{}

// WithChangelogNote returns a context whose writes carry a short text in NetBox's
// change log, after the configured message.
func WithChangelogNote(ctx context.Context, note string) context.Context {
	return context.WithValue(ctx, changelogNoteKey{}, note)
}

// SetChangelogMessage makes every write carry a message in NetBox's change log. It is
// called before the client is used.
func (c *Client) SetChangelogMessage(message string) { c.changelog = message }

// changelogMessage returns what a write sends for NetBox's change log; "" for nothing.
// The note is kept whole: where both are too long, the configured message is cut.
func (c *Client) changelogMessage(ctx context.Context) string {
	const between = ", "
	message := c.changelog
	note, _ := ctx.Value(changelogNoteKey{}).(string)
	switch {
	case note == "":
		return message
	case message == "":
		return note
	}
	left := fabric.MaxChangelogMessage - utf8.RuneCountInString(between+note)
	if runes := []rune(message); len(runes) > left {
		message = string(runes[:max(0, left-1)]) + "…"
	}
	return message + between + note
}
