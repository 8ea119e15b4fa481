package netboxtest

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
)

// post creates the fabric alpha and gives back what the client got of the answer.
func post(ctx context.Context, t *testing.T, client *http.Client, s *Server) (body string, err error) {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, "POST", s.URL()+fabricsPath, strings.NewReader(`{"name":"alpha"}`))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Token "+AdminToken)
	r.Header.Set("Content-Type", "application/json")
	response, err := client.Do(r)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	return string(raw), err
}

func TestFaultCuts(t *testing.T) {
	for name, c := range map[string]struct {
		kind    Kind
		err     error
		begins  bool // the client gets the start of the body
		commits bool // without AfterCommit too
	}{
		"hangup": {kind: Hangup(), err: io.EOF},
		"reset":  {kind: Reset(), err: ErrReset},
		"hangup in mid-answer": {kind: HangupMidAnswer(), err: io.ErrUnexpectedEOF, begins: true,
			commits: true},
		"reset in mid-answer":          {kind: ResetMidAnswer(), err: ErrReset, commits: true},
		"JSON that ends in the middle": {kind: CutJSON(), begins: true, commits: true},
	} {
		t.Run(name, func(t *testing.T) {
			for _, after := range []bool{false, true} {
				s := start(t, Options{})
				s.Fault(Fault{AfterCommit: after, Kind: c.kind})
				body, err := post(t.Context(), t, http.DefaultClient, s)
				if !errors.Is(err, c.err) {
					t.Errorf("error %v, want %v", err, c.err)
				}
				if c.begins && (!strings.HasPrefix(body, `{"cached_connection_count":0,`) ||
					strings.HasSuffix(body, "}")) {
					t.Errorf("body %q", body)
				}
				if _, stored := s.FabricByName("alpha"); stored != (after || c.commits) {
					t.Errorf("stored %v with AfterCommit %v", stored, after)
				}
			}
		})
	}
}

func TestFaultHuge_streamsWithoutKeepingIt(t *testing.T) {
	s := start(t, Options{})
	const size = 64<<20 + 17
	s.Fault(Fault{Kind: Huge(size)})
	response := get(t.Context(), t, s, fabricsPath)
	defer response.Body.Close()
	n, err := io.Copy(io.Discard, response.Body)
	if err != nil || n != size || response.ContentLength != size {
		t.Errorf("%d bytes of %d, %v", n, response.ContentLength, err)
	}
}

func TestFaultEndless_goesOnUntilTheClientStops(t *testing.T) {
	s := start(t, Options{})
	h := s.Fault(Fault{Kind: Endless()})
	response := get(t.Context(), t, s, fabricsPath)
	start := make([]byte, 12<<20)
	if _, err := io.ReadFull(response.Body, start); err != nil || response.ContentLength != -1 {
		t.Errorf("length %d, %v", response.ContentLength, err)
	}
	if !strings.HasPrefix(string(start), `{"count":1,"next":null,"previous":null,"results":[`) {
		t.Errorf("body %.60s", start)
	}
	response.Body.Close()
	h.Remove()
	do(t, s, "GET", fabricsPath, "").must(t, 200)
}

// get is the answer to a GET as the administrator, its body unread.
func get(ctx context.Context, t *testing.T, s *Server, path string) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, "GET", s.URL()+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Token "+AdminToken)
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	return response
}
