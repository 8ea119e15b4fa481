package netboxtest

import (
	"strings"
	"testing"
)

func TestVersion_unknownIsRefused(t *testing.T) {
	s, err := New(Options{Version: "4.3.7"})
	if err == nil {
		s.Close()
		t.Fatal("New accepted an unknown version")
	}
	if !strings.Contains(err.Error(), `no NetBox "4.3.7"`) || !strings.Contains(err.Error(), "4.4.10") {
		t.Errorf("got the error %v", err)
	}
}
