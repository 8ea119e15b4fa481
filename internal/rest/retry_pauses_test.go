package rest

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

func TestBackoff(t *testing.T) {
	for attempt := range 100 {
		full := maxRetryWait
		if attempt < 5 {
			full = min(full, time.Second<<attempt)
		}
		different := map[time.Duration]bool{}
		for range 20 {
			got := backoff(time.Second, attempt)
			if different[got] = true; got < full/2 || got > full {
				t.Fatalf("attempt %d: %s, want %s to %s", attempt, got, full/2, full)
			}
		}
		if len(different) == 1 {
			t.Errorf("attempt %d: many clients would come back at the same time", attempt)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	const longest = time.Duration(1<<63 - 1)
	date := func(in time.Duration) string { return time.Now().Add(in).UTC().Format(http.TimeFormat) }
	for _, test := range []struct {
		asked, date string
		least, most time.Duration
	}{
		{asked: ""}, {asked: "soon"}, {asked: "-1"}, {asked: "1.5"}, {asked: "0"},
		{asked: "7", least: 7 * time.Second, most: 7 * time.Second},
		{asked: " 007 ", least: 7 * time.Second, most: 7 * time.Second},
		{asked: "9223372036", least: 9223372036 * time.Second, most: longest},
		{asked: "9223372037", least: longest, most: longest}, // past 63 bits of nanoseconds
		{asked: "10000000000", least: longest, most: longest},
		{asked: "9223372036854775808", least: longest, most: longest}, // past 63 bits
		{asked: strings.Repeat("9", 400), least: longest, most: longest},
		{asked: date(time.Hour), least: 59 * time.Minute, most: time.Hour},
		{asked: date(-time.Hour)},
		{asked: "Fri, 31 Dec 9999 23:59:59 GMT", least: longest, most: longest},
		// The answer's Date counts, even if our clock is wrong.
		{asked: "Fri, 31 Dec 1999 23:59:59 GMT", date: "Fri, 31 Dec 1999 23:59:50 GMT", least: 9 * time.Second,
			most: 9 * time.Second},
		{asked: date(time.Hour), date: date(time.Hour + time.Second)},
		{asked: date(time.Hour), date: "now", least: 59 * time.Minute, most: time.Hour},
	} {
		header := http.Header{}
		header.Set("Retry-After", test.asked)
		header.Set("Date", test.date)
		if got := retryAfter(header); got < test.least || got > test.most {
			t.Errorf("Retry-After %q at %q: %s, want %s to %s", test.asked, test.date, got, test.least, test.most)
		}
	}
}

// If the pause is longer than any operation, the error comes at once, for reads and writes.
func TestRetry_absurdWaitIsReportedAtOnce(t *testing.T) {
	for _, status := range []int{429, 502, 503, 504} {
		for _, asked := range []string{"3600", "10000000000", strings.Repeat("9", 30),
			"Fri, 31 Dec 9999 23:59:59 GMT"} {
			for _, method := range []string{"GET", "POST"} {
				s := startNetBox(t, netboxtest.Options{})
				intercept(s, method, func(_ int, _ http.Handler, w http.ResponseWriter, _ *http.Request) {
					answerHTML(w, status, asked)
				})
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				c := newClient(t, s.URL())
				var err error
				if method == "GET" {
					_, err = get(ctx, c, 1)
				} else {
					_, err = create(ctx, c, "alpha")
				}
				e := wantError[*ServerError](t, err)
				if e.Status != status || e.RetryAfter != asked || s.Count(method, recordsPath) != 1 {
					t.Errorf("%s, Retry-After %s: %v after %d requests", method, asked, err,
						s.Count(method, recordsPath))
				}
			}
		}
	}
}

func TestRetry_obeysRetryAfter(t *testing.T) {
	t.Parallel() // it waits for the second that the server asks for
	for _, status := range []int{429, 502, 503, 504} {
		t.Run(strconv.Itoa(status), func(t *testing.T) {
			t.Parallel()
			s := startNetBox(t, netboxtest.Options{})
			id := s.AddFabric(map[string]any{"name": "alpha"})
			intercept(s, "GET", func(n int, next http.Handler, w http.ResponseWriter, r *http.Request) {
				if n == 1 {
					answerHTML(w, status, "1")
					return
				}
				next.ServeHTTP(w, r)
			})
			start := time.Now()
			if mustGet(t, newClient(t, s.URL()), id); time.Since(start) < time.Second {
				t.Errorf("waited %s only", time.Since(start))
			}
		})
	}
}

func TestPauseAfter_obeysRetryAfterButNeverPastTheEnd(t *testing.T) {
	c := newClient(t, "http://127.0.0.1:1", withoutCheck)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	began := time.Now()
	if err := c.Pause(ctx, 1, &ServerError{Status: http.StatusServiceUnavailable, wait: time.Hour}); !errors.Is(
		err, context.DeadlineExceeded) {
		t.Errorf("an hour's wait in a minute's operation: %v", err)
	}
	if err := c.Pause(ctx, 1, &ServerError{Status: http.StatusInternalServerError}); err != nil {
		t.Errorf("a wait that the server did not ask to be long: %v", err)
	}
	if waited := time.Since(began); waited > 30*time.Second {
		t.Errorf("waited %s", waited)
	}
	if err := c.Pause(ctx, 1, &ServerError{Status: http.StatusServiceUnavailable,
		wait: 50 * time.Millisecond}); err != nil || time.Since(began) < 50*time.Millisecond {
		t.Errorf("did not wait as long as the server asked: %v", err)
	}
}

// If the operation ends during a pause, the error has the cause of the retry.
func TestRetry_whatEndsInAPauseReportsTheCause(t *testing.T) {
	refused := freeAddress(t)
	overloaded := startNetBox(t, netboxtest.Options{})
	overloaded.Fault(netboxtest.Fault{Method: http.MethodGet, Kind: netboxtest.Status(503)})
	for name, test := range map[string]struct{ url, want string }{
		"connection refused": {"http://" + refused, netboxtest.ErrRefused.Error()},
		"503":                {overloaded.URL(), "503 Service Unavailable"},
	} {
		read := func(ctx context.Context, c *Client) error {
			_, err := c.Get(ctx, recordPath(1), nil)
			return err
		}
		for operation, read := range map[string]func(context.Context, *Client) error{
			"a read":    read,
			"the check": func(ctx context.Context, c *Client) error { return c.Check(ctx) },
			"a shared read": func(ctx context.Context, c *Client) error {
				return c.Singleflight(ctx, "record", func(ctx context.Context) error { return read(ctx, c) })
			},
		} {
			for _, end := range []string{"deadline", "cancel"} {
				t.Run(name+", "+operation+", "+end, func(t *testing.T) {
					t.Parallel()
					ctx, cancel := context.WithCancel(t.Context())
					if end == "deadline" {
						ctx, cancel = context.WithTimeout(t.Context(), 300*time.Millisecond)
					}
					defer cancel()
					c := newClient(t, test.url, func(c *Config) {
						c.RetryWait = 10 * time.Second
						c.ObserveExchange = func(context.Context, Exchange) {
							if end == "cancel" {
								time.AfterFunc(50*time.Millisecond, cancel) // when it waits
							}
						}
					})
					began := time.Now()
					err := read(ctx, c)
					if err == nil || !strings.Contains(err.Error(), test.want) || time.Since(began) > 4*time.Second {
						t.Errorf("got %v after %s, want %s as the cause", err, time.Since(began), test.want)
					}
					if end == "cancel" && !errors.Is(err, context.Canceled) {
						t.Errorf("%v does not say that it was canceled", err)
					}
				})
			}
		}
	}
}
