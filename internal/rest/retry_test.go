package rest

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/connection"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

// counting makes a client count its actual requests.
func counting(n *atomic.Int64) func(*Config) {
	return func(c *Config) { c.ObserveExchange = func(context.Context, Exchange) { n.Add(1) } }
}

func TestRetry_readSurvivesABurst(t *testing.T) {
	for _, status := range []int{429, 502, 503, 504} {
		s := startNetBox(t, netboxtest.Options{})
		id := s.AddFabric(map[string]any{"name": "alpha"})
		intercept(s, "GET", func(n int, next http.Handler, w http.ResponseWriter, r *http.Request) {
			if n <= 6 {
				answerHTML(w, status, "")
				return
			}
			next.ServeHTTP(w, r)
		})
		if read := mustGet(t, newClient(t, s.URL()), id); read.Name != "alpha" ||
			s.Count("GET", recordsPath) != 7 {
			t.Errorf("%d: got %q after %d requests", status, read.Name, s.Count("GET", recordsPath))
		}
	}
}

func TestRetry_endsWithTheOperation(t *testing.T) {
	for _, status := range []int{429, 502, 503, 504} {
		s := startNetBox(t, netboxtest.Options{})
		intercept(s, "GET", func(_ int, _ http.Handler, w http.ResponseWriter, _ *http.Request) {
			answerHTML(w, status, "0")
		})
		ctx, cancel := context.WithTimeout(t.Context(), 600*time.Millisecond)
		defer cancel()
		_, err := get(ctx, newClient(t, s.URL()), 1)
		if e := wantError[*ServerError](t, err); e.Status != status || s.Count("GET", recordsPath) < 4 {
			t.Errorf("got %v after %d requests", err, s.Count("GET", recordsPath))
		}
	}
}

func TestRetry_otherStatusesAreFinal(t *testing.T) {
	for _, status := range []int{400, 401, 403, 404, 408, 409, 418, 500, 501, 505} {
		s := startNetBox(t, netboxtest.Options{})
		intercept(s, "GET", func(_ int, _ http.Handler, w http.ResponseWriter, _ *http.Request) {
			answerHTML(w, status, "0")
		})
		if _, err := get(t.Context(), newClient(t, s.URL()), 1); err == nil ||
			s.Count("GET", recordsPath) != 1 {
			t.Errorf("%d: got %v after %d requests", status, err, s.Count("GET", recordsPath))
		}
	}
}

func TestRetry_createAfter429IsMadeOnce(t *testing.T) {
	t.Parallel() // it waits for the second that the server asks for
	for name, retryAfter := range map[string]func() string{
		"seconds": func() string { return "1" },
		"date":    func() string { return time.Now().Add(2 * time.Second).UTC().Format(http.TimeFormat) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := startNetBox(t, netboxtest.Options{})
			intercept(s, "POST", func(n int, next http.Handler, w http.ResponseWriter, r *http.Request) {
				if n == 1 {
					answerHTML(w, http.StatusTooManyRequests, retryAfter())
					return
				}
				next.ServeHTTP(w, r)
			})
			start := time.Now()
			read, err := create(t.Context(), newClient(t, s.URL()), "alpha")
			if err != nil || read.Name != "alpha" || len(s.Fabrics()) != 1 {
				t.Fatalf("got %+v, %v, %d fabrics", read, err, len(s.Fabrics()))
			}
			if waited := time.Since(start); waited < 900*time.Millisecond {
				t.Errorf("waited %s only", waited)
			}
			if s.Count("POST", "") != 2 || s.Count("GET", recordsPath) != 0 {
				t.Errorf("got %d POSTs, %d lookups: a 429 leaves nothing to verify", s.Count("POST", ""),
					s.Count("GET", recordsPath))
			}
		})
	}
}

func TestRetry_refusedConnectionIsReportedWithin20Seconds(t *testing.T) {
	var pauses time.Duration // the longest that the default policy may make
	for attempt := range maxConnectRetries {
		longest := time.Duration(0)
		for range 200 {
			longest = max(longest, backoff(defaultRetryWait, attempt))
		}
		pauses += longest
	}
	if pauses > 10*time.Second {
		t.Errorf("the pauses add up to %s", pauses)
	}
	host := freeAddress(t)
	for _, method := range []string{"GET", "POST", "PATCH", "DELETE"} {
		var tries atomic.Int64
		c := newClient(t, "http://"+host, withoutCheck, counting(&tries))
		_, err := send(t.Context(), c, method, recordsPath)
		e := wantError[*TransportError](t, err)
		if e.Host != host || !strings.Contains(err.Error(), netboxtest.ErrRefused.Error()) ||
			!strings.Contains(err.Error(), host) || tries.Load() != maxConnectRetries+1 {
			t.Errorf("%s: got %v after %d attempts, want %d", method, err, tries.Load(), maxConnectRetries+1)
		}
		if OutcomeUnknown(err) {
			t.Errorf("%s: a refused connection leaves the outcome unknown", method)
		}
	}
}

// freeAddress returns an address without a listener.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func TestRetry_serverThatComesUpIsFound(t *testing.T) {
	address := freeAddress(t)
	var s *netboxtest.Server
	problems := 0
	c := newClient(t, "http://"+address, func(c *Config) {
		c.ObserveExchange = func(_ context.Context, e Exchange) {
			if e.Problem != "" {
				problems++
			}
			if problems == 3 && s == nil {
				s = startNetBox(t, netboxtest.Options{Addr: address})
			}
		}
	})
	read, err := create(t.Context(), c, "alpha")
	if err != nil || read.Name != "alpha" || problems != 3 || len(s.Fabrics()) != 1 {
		t.Errorf("got %+v, %v after %d problems", read, err, problems)
	}
}

func TestRetry_unknownHostIsNamedAndFinal(t *testing.T) {
	// A label of 64 characters cannot exist; no name server needs to be asked.
	host := strings.Repeat("n", 64) + ".example.com"
	var tries atomic.Int64
	_, err := get(t.Context(), newClient(t, "https://"+host, counting(&tries)), 1)
	e := wantError[*TransportError](t, err)
	_, lookup := errors.AsType[*net.DNSError](err)
	if e.Host != host || !strings.Contains(err.Error(), host) || !lookup || tries.Load() != 1 {
		t.Errorf("got %v after %d attempts", err, tries.Load())
	}
	if !connection.Diagnose(&net.DNSError{Err: "server misbehaving", IsTemporary: true}).Transient {
		t.Error("a name server that is out of order is not asked again")
	}
}

// breakages end an answer before it is complete.
var breakages = map[string]func(http.ResponseWriter){
	"before the answer": cut,
	"in the header": func(w http.ResponseWriter) {
		breakOff(w, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n", false)
	},
	"in the body": func(w http.ResponseWriter) {
		breakOff(w, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{\"id\":", false)
	},
	"in a chunk": func(w http.ResponseWriter) {
		breakOff(w, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: "+
			"chunked\r\n\r\n400\r\n{\"id\":", false)
	},
	"by a reset": func(w http.ResponseWriter) {
		breakOff(w, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{\"id\":", true)
	},
}

// breakOff writes the beginning of an answer and closes the connection.
func breakOff(w http.ResponseWriter, head string, reset bool) {
	conn, buffer, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(err)
	}
	_, _ = buffer.WriteString(head)
	_ = buffer.Flush()
	if tcp, ok := conn.(*net.TCPConn); ok && reset {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}

func TestRetry_readOfABrokenAnswerIsRepeated(t *testing.T) {
	for name, breakIt := range breakages {
		t.Run(name, func(t *testing.T) {
			s := startNetBox(t, netboxtest.Options{})
			id := s.AddFabric(map[string]any{"name": "alpha"})
			intercept(s, "GET", func(n int, next http.Handler, w http.ResponseWriter, r *http.Request) {
				if n <= 3 {
					breakIt(w)
					return
				}
				next.ServeHTTP(w, r)
			})
			if read := mustGet(t, newClient(t, s.URL()), id); read.Name != "alpha" {
				t.Errorf("got %+v", read)
			}
		})
	}
}

func TestRetry_writeOfABrokenAnswerIsNotRepeatedByTheTransport(t *testing.T) {
	for name, breakIt := range breakages {
		for _, method := range []string{"POST", "PATCH", "DELETE"} {
			s := startNetBox(t, netboxtest.Options{})
			intercept(s, method, func(_ int, _ http.Handler, w http.ResponseWriter, _ *http.Request) { breakIt(w) })
			c := newClient(t, s.URL())
			if err := c.Check(t.Context()); err != nil { // leaves a connection to be used again
				t.Fatal(err)
			}
			_, err := send(t.Context(), c, method, recordPath(1))
			if wantError[*TransportError](t, err); !OutcomeUnknown(err) || s.Count(method, "") != 1 {
				t.Errorf("%s %s: got %v after %d requests", method, name, err, s.Count(method, ""))
			}
		}
	}
}

func TestRetry_cancelingEndsTheWaitAtOnce(t *testing.T) {
	for name, retryAfter := range map[string]string{"Retry-After": "3600", "own pause": ""} {
		t.Run(name, func(t *testing.T) {
			s := startNetBox(t, netboxtest.Options{})
			intercept(s, "GET", func(_ int, _ http.Handler, w http.ResponseWriter, _ *http.Request) {
				answerHTML(w, http.StatusServiceUnavailable, retryAfter)
			})
			ctx, cancel := context.WithCancel(t.Context())
			c := newClient(t, s.URL(), func(c *Config) {
				c.RetryWait = time.Hour
				c.ObserveExchange = func(_ context.Context, e Exchange) {
					if e.Status == http.StatusServiceUnavailable {
						time.AfterFunc(50*time.Millisecond, cancel) // when it waits
					}
				}
			})
			start := time.Now()
			_, err := get(ctx, c, 1)
			if err == nil || time.Since(start) > 5*time.Second || s.Count("GET", recordsPath) != 1 {
				t.Errorf("got %v after %s", err, time.Since(start))
			}
		})
	}
}
