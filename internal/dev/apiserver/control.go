//go:build unix

package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/dev/process"
)

// listen opens the socket through which tests control the API server: POST …/stop, …/start
// and …/forget. Each answers when it is done. The address contains a secret, since other
// users can reach loopback.
func (c *cluster) listen() error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	path := "/" + rand.Text()
	c.target.control = "http://" + listener.Addr().String() + path
	doors := http.NewServeMux()
	for name, do := range map[string]func(context.Context) error{
		"stop":   func(context.Context) error { c.stopAPIServer(); return nil },
		"start":  c.startAgain,
		"forget": c.compact,
	} {
		doors.HandleFunc("POST "+path+"/"+name, func(w http.ResponseWriter, r *http.Request) {
			if err := do(r.Context()); err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
			}
		})
	}
	c.control = &http.Server{Handler: doors, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = c.control.Serve(listener) }() // ends with ErrServerClosed
	return nil
}

// startAgain starts the API server on the main thread, and waits until it is ready.
func (c *cluster) startAgain(ctx context.Context) error {
	type result struct {
		started *process.Process
		err     error
	}
	results := make(chan result, 1)
	select {
	case c.asked <- func() {
		started, err := c.startAPIServer()
		results <- result{started, err}
	}:
	case <-ctx.Done():
		return ctx.Err()
	}
	got := <-results
	if got.err != nil || got.started == nil {
		return got.err
	}
	return c.waitUntilReady(ctx, got.started)
}

// compact makes etcd drop all old revisions, as it otherwise does every five minutes.
func (c *cluster) compact(ctx context.Context) error {
	var newest struct {
		Header struct {
			Revision string `json:"revision"`
		} `json:"header"`
	}
	anyKey := map[string]string{"key": "AA=="}
	if err := c.askEtcd(ctx, http.MethodPost, "/v3/kv/range", anyKey, &newest); err != nil {
		return err
	}
	return c.askEtcd(ctx, http.MethodPost, "/v3/kv/compaction", map[string]any{"revision": newest.Header.Revision,
		"physical": true}, nil)
}

// askEtcd sends a request to etcd's JSON gateway.
func (c *cluster) askEtcd(ctx context.Context, method, path string, body, into any) error {
	content := &bytes.Buffer{}
	if body != nil {
		if err := json.NewEncoder(content).Encode(body); err != nil {
			return err
		}
	}
	req, err := http.NewRequestWithContext(ctx, method, "http://etcd"+path, content)
	if err != nil {
		return err
	}
	transport := &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn,
		error) {
		return new(net.Dialer).DialContext(ctx, "unix", c.file("etcd:1"))
	}}
	resp, err := (&http.Client{Transport: transport}).Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("etcd %s: status %d: %s", path, resp.StatusCode, text)
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(text, into)
}
