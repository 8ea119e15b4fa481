package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"maps"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"regexp"
	"sync"
	"time"
)

// kind is a kind of request to NetBox.
type kind string

const (
	getOne  kind = "GET one"
	getList kind = "GET list"
	post    kind = "POST"
	patch   kind = "PATCH"
	remove  kind = "DELETE"
	status  kind = "status"
	other   kind = "other"
)

func kinds() []kind { return []kind{getOne, getList, post, patch, remove, status, other} }

// requests are numbers of requests by their kind.
type requests map[kind]int

func (r requests) total() int {
	n := 0
	for _, count := range r {
		n += count
	}
	return n
}

var objectPath = regexp.MustCompile(`/\d+/$`)

func kindOf(r *http.Request) kind {
	switch r.Method {
	case http.MethodPost:
		return post
	case http.MethodPatch:
		return patch
	case http.MethodDelete:
		return remove
	case http.MethodGet:
		switch {
		case r.URL.Path == "/api/status/":
			return status
		case objectPath.MatchString(r.URL.Path):
			return getOne
		}
		return getList
	}
	return other
}

// proxy stands between the provider and NetBox and counts. Real servers and the
// stand-in are counted the same way.
type proxy struct {
	url    string
	server *http.Server

	mu      sync.Mutex
	counted requests
	failed  error // the first request that got no answer from NetBox
}

// startProxy listens on a free port of the loopback interface.
func startProxy(ctx context.Context, target string) (*proxy, error) {
	to, err := url.Parse(target)
	if err != nil {
		return nil, err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	transport := &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		MaxIdleConnsPerHost: 32, // the CLI sends ten at a time: none should wait for a new connection
		// gunicorn closes a connection that was idle for two seconds. A DELETE that meets
		// that moment is not sent again by itself.
		IdleConnTimeout: time.Second,
	}
	p := &proxy{url: "http://" + listener.Addr().String(), counted: requests{}}
	forward := &httputil.ReverseProxy{
		Rewrite:      func(r *httputil.ProxyRequest) { r.SetURL(to) },
		Transport:    transport,
		ErrorLog:     log.New(io.Discard, "", 0), // failures are kept in failed
		ErrorHandler: p.fail,
	}
	p.server = &http.Server{ReadHeaderTimeout: time.Minute, ErrorLog: forward.ErrorLog, Handler: http.HandlerFunc(
		func(w http.ResponseWriter, r *http.Request) {
			p.count(kindOf(r))
			forward.ServeHTTP(w, r)
		})}
	p.server.RegisterOnShutdown(transport.CloseIdleConnections)
	go func() { _ = p.server.Serve(listener) }() // ends with close
	return p, nil
}

func (p *proxy) close() {
	_ = p.server.Close()
}

func (p *proxy) count(k kind) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.counted[k]++
}

// fail answers for a NetBox that did not. The provider may repeat such a request,
// so a count with one in it is worth nothing.
func (p *proxy) fail(w http.ResponseWriter, r *http.Request, err error) {
	if !errors.Is(err, context.Canceled) { // else the provider went away
		p.mu.Lock()
		if p.failed == nil {
			p.failed = fmt.Errorf("%s %s got no answer from NetBox: %w", r.Method, r.URL.Path, err)
		}
		p.mu.Unlock()
	}
	w.WriteHeader(http.StatusBadGateway)
}

// take returns what was counted since it was last called.
func (p *proxy) take() (requests, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	counted, failed := maps.Clone(p.counted), p.failed
	p.counted, p.failed = requests{}, nil
	return counted, failed
}
