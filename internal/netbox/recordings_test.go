package netbox

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

const recordings = "../netboxtest/testdata/netbox-4.7.3"

type recording struct {
	Name    string
	Request struct {
		Method, Path string
	}
	Response struct {
		Status  int
		Headers map[string]string
		Body    json.RawMessage
	}
}

func recordingFiles(t testing.TB) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(recordings, "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no recordings in %s (%v)", recordings, err)
	}
	return files
}

func loadRecording(t testing.TB, file string) recording {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var r recording
	if err := json.Unmarshal(raw, &r); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return r
}
