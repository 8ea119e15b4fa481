package netboxtest

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
)

// post creates the fabric alpha and returns what the client received of the answer.
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
					t.Errorf("got the error %v, want %v", err, c.err)
				}
				if c.begins && (!strings.HasPrefix(body, `{"cached_connection_count":0,`) ||
					strings.HasSuffix(body, "}")) {
					t.Errorf("got the body %q", body)
				}
				if _, stored := s.FabricByName("alpha"); stored != (after || c.commits) {
					t.Errorf("AfterCommit %t: stored %t", after, stored)
				}
			}
		})
	}
}
