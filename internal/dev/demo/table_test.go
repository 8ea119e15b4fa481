package main

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestStatusTable_alignsColumnsAndMarksContradictions(t *testing.T) {
	got := statusTable([]fabricStatus{
		{Name: "berlin", Stored: "in_sync", Derived: "in_sync", Reason: "The last sync was 1 min ago."},
		{Name: "münchen-nord", Stored: "in_sync", Derived: "not_configured", Reason: "No server.",
			Inconsistencies: []string{"No server."}},
	})
	want := "" +
		"FABRIC        STORED STATUS  SYNC STATUS     REASON\n" +
		"berlin        in_sync        in_sync         The last sync was 1 min ago.\n" +
		"münchen-nord  in_sync *      not_configured  No server.\n"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestStatusTable_wrapsLongReasons(t *testing.T) {
	reason := strings.TrimSpace(strings.Repeat("connection refused, ", 12))
	got := statusTable([]fabricStatus{{Name: "oslo", Stored: "error", Derived: "error", Reason: reason}})
	lines := strings.Split(strings.TrimSuffix(got, "\n"), "\n")
	if len(lines) < 4 {
		t.Fatalf("got %d lines, want the header and at least three lines of the reason:\n%s", len(lines), got)
	}
	reasonAt := strings.Index(lines[0], "REASON")
	var words []string
	for _, line := range lines[1:] {
		if n := utf8.RuneCountInString(line); n > 120 {
			t.Errorf("a line has %d columns: %q", n, line)
		}
		words = append(words, strings.Fields(line[reasonAt:])...)
	}
	if strings.Join(words, " ") != reason {
		t.Errorf("the reason column reads %q, want %q", words, reason)
	}
	if strings.TrimSpace(lines[2][:reasonAt]) != "" {
		t.Errorf("the second line of a reason repeats other columns: %q", lines[2])
	}
}

func TestWrap_keepsALongWordWhole(t *testing.T) {
	got := wrap("see https://a-rather-long-host.example.com now", 10)
	if want := []string{"see", "https://a-rather-long-host.example.com", "now"}; strings.Join(got,
		"|") != strings.Join(want, "|") {
		t.Errorf("got %q, want %q", got, want)
	}
}
