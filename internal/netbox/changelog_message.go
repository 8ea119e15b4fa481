package netbox

import (
	"context"
	"unicode/utf8"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

type changelogNoteKey struct{}

// WithChangelogNote returns a context whose writes have a note in NetBox's change log,
// after the configured message.
func WithChangelogNote(ctx context.Context, note string) context.Context {
	return context.WithValue(ctx, changelogNoteKey{}, note)
}

// SetChangelogMessage sets the message that every write has in NetBox's change log. It must
// be called before the client is used.
func (c *Client) SetChangelogMessage(message string) { c.changelog = message }

// changelogMessage returns the message of a write for NetBox's change log, or "" if there is none. If
// both messages are too long together, it shortens the configured message and keeps the note.
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
