package rest

import (
	"context"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"testing"
	"time"
)

// recordsPath is the path of the stand-in's list whose records these tests read and write.
const recordsPath = "/api/plugins/hedgehog/fabrics/"

// recordedTime is the date of the recordings.
var recordedTime = time.Date(2026, 11, 23, 21, 23, 24, 0, time.UTC)

func recordPath(id int64) string { return recordsPath + strconv.FormatInt(id, 10) + "/" }

// record has the fields of a record that these tests need.
type record struct {
	ID   int64
	Name string
}

// UnmarshalJSON implements json.Unmarshaler.
func (r *record) UnmarshalJSON(raw []byte) error {
	f, err := ReadFields(raw)
	if err != nil {
		return err
	}
	r.ID, r.Name = f.Integer("id", Required), f.Text("name", Required)
	return f.Err()
}

// get checks NetBox and reads a record, as the packages above do.
func get(ctx context.Context, c *Client, id int64) (*record, error) {
	if err := c.Check(ctx); err != nil {
		return nil, err
	}
	a, err := c.Get(ctx, recordPath(id), url.Values{"omit": {"display_url"}})
	if err != nil {
		return nil, err
	}
	r := &record{}
	return r, a.Decode(r)
}

func mustGet(t *testing.T, c *Client, id int64) *record {
	t.Helper()
	r, err := get(t.Context(), c, id)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// create creates a record as the packages above do, without verifying it.
func create(ctx context.Context, c *Client, name string) (*record, error) {
	if err := c.Check(ctx); err != nil {
		return nil, err
	}
	a, err := c.Do(ctx, &Message{
		Method: http.MethodPost, Path: recordsPath, Query: url.Values{"omit": {"display_url"}},
		Body: map[string]any{"name": name},
	})
	if err != nil {
		return nil, err
	}
	r := &record{}
	return r, a.Decode(r)
}

// send sends a request with an empty object.
func send(ctx context.Context, c *Client, method, path string) (*Answer, error) {
	return c.Do(ctx, &Message{Method: method, Path: path, Body: map[string]any{}})
}

// serveInMemory connects a client to a handler without sockets. So a test can run both in a
// synctest bubble, where time does not depend on the machine's load.
func serveInMemory(t *testing.T, c *Client, handle http.HandlerFunc) {
	t.Helper()
	l := &pipeListener{conns: make(chan net.Conn), closed: make(chan struct{})}
	server := &http.Server{Handler: handle, ReadHeaderTimeout: time.Minute}
	go func() { _ = server.Serve(l) }()
	c.direct.DialContext = l.dial
	t.Cleanup(func() {
		c.direct.CloseIdleConnections()
		if err := server.Shutdown(context.Background()); err != nil { // it waits for the handlers
			t.Error(err)
		}
	})
}

// pipeListener is a [net.Listener] in memory.
type pipeListener struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func (l *pipeListener) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	select {
	case l.conns <- theirs:
		return ours, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Accept implements net.Listener.
func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case conn := <-l.conns:
		return conn, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

// Close implements net.Listener.
func (l *pipeListener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

// Addr implements net.Listener.
func (l *pipeListener) Addr() net.Addr { return &net.UnixAddr{Name: "memory"} }
