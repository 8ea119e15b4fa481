package netboxtest

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"testing"
)

// Recording is a request to a live NetBox with its answer, as in the files in testdata.
type Recording struct {
	Name    string
	Server  string
	Request struct {
		Method, Path string
		Headers      map[string]string
		Body         json.RawMessage
	}
	Response struct {
		Status  int
		Headers map[string]string
		Body    json.RawMessage // of an answer that is not JSON, its text
	}
}

// RecordingFiles returns the files of recordings that match a pattern, in the order of recording.
func RecordingFiles(t testing.TB, pattern ...string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(pattern...))
	if err != nil || len(files) == 0 {
		t.Fatalf("no recordings in %s (%v)", filepath.Join(pattern...), err)
	}
	return files
}

// LoadRecording reads a recording.
func LoadRecording(t testing.TB, file string) Recording {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var r Recording
	if err := json.Unmarshal(raw, &r); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return r
}

// ServeHTTP answers every request as recorded.
func (r *Recording) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	for name, value := range r.Response.Headers {
		w.Header().Set(name, value)
	}
	body := []byte(r.Response.Body)
	var text string
	if json.Unmarshal(body, &text) == nil { // not a JSON answer
		body = []byte(text)
	}
	w.WriteHeader(r.Response.Status)
	_, _ = w.Write(body)
}

// RecordedRefusals returns NetBox's messages in each refusal among some recordings, by the
// recording's name.
func RecordedRefusals(t testing.TB, pattern ...string) map[string][]string {
	t.Helper()
	refusals := map[string][]string{}
	for _, file := range RecordingFiles(t, pattern...) {
		r := LoadRecording(t, file)
		if r.Response.Status < 400 || r.Response.Status >= 500 {
			continue
		}
		var body any
		if err := json.Unmarshal(r.Response.Body, &body); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		if _, page := body.(string); !page {
			refusals[r.Name] = append(refusals[r.Name], messagesIn(body)...)
		}
	}
	return refusals
}

func messagesIn(v any) []string {
	var all []string
	switch v := v.(type) {
	case string:
		return []string{v}
	case []any:
		for _, x := range v {
			all = append(all, messagesIn(x)...)
		}
	case map[string]any:
		for _, x := range v {
			all = append(all, messagesIn(x)...)
		}
	}
	return all
}
