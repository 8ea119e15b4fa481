package terminal

import (
	"fmt"
	"testing"
)

func TestWidth_wideAndCombining(t *testing.T) {
	for text, want := range map[string]int{"abc": 3, "東京": 4, "zu\u0308rich": 6, "🦔": 2, "": 0, "…": 1} {
		if got := Width(text); got != want {
			t.Errorf("%q takes %d columns, want %d", text, got, want)
		}
	}
	for _, c := range []struct {
		text    string
		columns int
		want    string
	}{
		{"abcdef", 6, "abcdef"}, {"abcdef", 5, "abcd…"}, {"東京都", 5, "東京…"}, {"東京都", 4, "東…"},
	} {
		if got := Fit(c.text, c.columns); got != c.want || Width(got) > c.columns {
			t.Errorf("%q in %d columns is %q, want %q", c.text, c.columns, got, c.want)
		}
	}
	if got := fmt.Sprintf("%q", Wrap("aa bb 東京都庁 ccccccc", 5)); got != `["aa bb" "東京" "都庁" "ccccc" "cc"]` {
		t.Errorf("wrapped: %s", got)
	}
}
