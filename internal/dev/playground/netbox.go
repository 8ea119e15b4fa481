//go:build unix

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/clustertest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

// requestTime limits a request to NetBox.
const requestTime = 30 * time.Second

// netBox is the playground's NetBox.
type netBox struct {
	URL  string
	Real bool // not a stand-in

	token string
	stop  func() // stops a stand-in
}

// startNetBox returns the NetBox in the environment, or starts a stand-in.
func startNetBox(ctx context.Context) (*netBox, error) {
	if url := os.Getenv("HEDGEHOG_ACC_SERVER_URL"); url != "" {
		n := &netBox{URL: strings.TrimRight(url, "/"), Real: true, token: os.Getenv("HEDGEHOG_ACC_API_TOKEN"),
			stop: func() {}}
		return n, n.mustBeEmpty(ctx)
	}
	s, err := netboxtest.New(netboxtest.Options{})
	if err != nil {
		return nil, err
	}
	return &netBox{URL: s.URL(), token: netboxtest.AdminToken, stop: s.Close}, nil
}

// mustBeEmpty returns an error if NetBox has fabrics. They belong to a user.
func (n *netBox) mustBeEmpty(ctx context.Context) error {
	var page struct {
		Count int `json:"count"`
	}
	if err := n.request(ctx, http.MethodGet, "plugins/hedgehog/fabrics/?limit=1&fields=id", nil, &page); err != nil {
		return err
	}
	if page.Count > 0 {
		return fmt.Errorf("the NetBox at %s has %d fabrics: the playground is only for a NetBox without fabrics", n.URL,
			page.Count)
	}
	return nil
}

// fill stores the playground's fabrics.
func (n *netBox) fill(ctx context.Context, clusters map[string]*clustertest.Server) error {
	for _, s := range sites() {
		record := s.record(time.Now(), clusters[s.name])
		if err := n.request(ctx, http.MethodPost, "plugins/hedgehog/fabrics/?omit=display_url", record,
			nil); err != nil {
			return err
		}
	}
	return nil
}

// request sends a request to NetBox's API. It decodes a successful answer into the value
// unless that is nil.
func (n *netBox) request(ctx context.Context, method, path string, body, into any) error {
	ctx, cancel := context.WithTimeout(ctx, requestTime)
	defer cancel()
	var content bytes.Buffer
	if body != nil {
		if err := json.NewEncoder(&content).Encode(body); err != nil {
			return err
		}
	}
	r, err := http.NewRequestWithContext(ctx, method, n.URL+"/api/"+path, &content)
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Token "+n.token)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "application/json")
	r.Close = true // NetBox soon closes a connection that is idle
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode >= http.StatusMultipleChoices {
		return &answerError{method, r.URL.String(), response.StatusCode, answer}
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(answer, into)
}

// answerError is an answer of NetBox that is not a success.
type answerError struct {
	method, url string
	status      int
	body        []byte
}

func (e *answerError) Error() string {
	return fmt.Sprintf("%s %s: status %d: %s", e.method, e.url, e.status, e.body)
}

// answers reports whether the NetBox answers and accepts the token.
func (n *netBox) answers(ctx context.Context) bool {
	return n.request(ctx, http.MethodGet, "status/", nil, nil) == nil
}
