package terminal

import (
	"os"
	"testing"
)

func TestOf_aFileIsNoTerminal(t *testing.T) {
	f, err := os.Create(t.TempDir() + "/out")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if Of(f, func(string) string { return "" }) != nil {
		t.Error("a file is taken for a terminal")
	}
}
