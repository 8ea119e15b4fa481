package netbox

import (
	"context"
	"strings"
	"testing"
)

func TestChangelogMessage_endsInTheNoteOfTheContext(t *testing.T) {
	const note = "sync run 1a2b3c4d"
	for _, c := range []struct{ configured, note, want string }{
		{"", "", ""},
		{"Ticket 4711", "", "Ticket 4711"},
		{"", note, note},
		{"Ticket 4711", note, "Ticket 4711, " + note},
		{strings.Repeat("ü", 181), note, strings.Repeat("ü", 181) + ", " + note},
		{strings.Repeat("ü", 182), note, strings.Repeat("ü", 180) + "…, " + note},
		{strings.Repeat("ü", 200), note, strings.Repeat("ü", 180) + "…, " + note},
	} {
		ctx := t.Context()
		if c.note != "" {
			ctx = WithChangelogNote(ctx, c.note)
		}
		client := &Client{changelog: c.configured}
		if got := client.changelogMessage(ctx); got != c.want || len([]rune(got)) > 200 {
			t.Errorf("%q and %q: got %q, want %q", c.configured, c.note, got, c.want)
		}
	}
}

func TestWrite_noteOfTheContextGoesWithObjects(t *testing.T) {
	s, o := vpcs(t)
	o.client.SetChangelogMessage("nightly")
	ctx := WithChangelogNote(t.Context(), "sync run 1a2b3c4d")
	if _, err := o.Create(ctx, 1, writesOf(numbered(2)...)); err != nil {
		t.Fatal(err)
	}
	for stored, err := range o.All(context.WithoutCancel(ctx), 1) {
		if err != nil {
			t.Fatal(err)
		}
		if _, err := o.Delete(ctx, 1, []StoredObject{stored}); err != nil {
			t.Fatal(err)
		}
	}
	log := s.Changelog()
	if len(log) != 4 {
		t.Fatalf("got %d changes", len(log))
	}
	for _, change := range log {
		if change.Message != "nightly, sync run 1a2b3c4d" {
			t.Errorf("%s: got the message %q", change.Action, change.Message)
		}
	}
}
