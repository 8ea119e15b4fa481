package rest

import (
	"context"
	"errors"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

var (
	oddBodies       = netboxtest.OddBodies
	wantPresentable = netboxtest.WantPresentable
)

func recordedBodies(f *testing.F, path string, add func(status int, body []byte)) {
	f.Helper()
	netboxtest.RecordedBodies(f, filepath.Dir(recordings), path, add)
}

// answeredBy returns a client whose requests are answered by give, and the context of an
// operation, which ends after enough requests.
func answeredBy(t testing.TB, enough int32, give func(*http.Request) netboxtest.Answered) (*Client,
	context.Context) {
	t.Helper()
	answers, ctx := netboxtest.AnsweredBy(t, enough, give)
	c, err := New(Config{
		ServerURL: "https://netbox.example.com", APIToken: netboxtest.FuzzSecret, SkipVersion: true,
		RetryWait: time.Nanosecond, RequestTimeout: time.Minute,
		WrapTransport: func(http.RoundTripper) http.RoundTripper { return answers },
	})
	if err != nil {
		t.Fatal(err)
	}
	return c, ctx
}

// For any answer to a refused or failed request, the error has the type of the status, and the
// outcome of a write is unknown only if it really is.
func FuzzErrorAnswer(f *testing.F) {
	recordedBodies(f, "/api/", func(status int, body []byte) { f.Add(status, "application/json", body) })
	for _, body := range oddBodies() {
		for _, status := range []int{301, 400, 403, 404, 408, 409, 412, 418, 429, 500, 502, 503} {
			f.Add(status, "application/json", body)
		}
		f.Add(404, "text/html; charset=utf-8", body)
	}
	f.Fuzz(func(t *testing.T, status int, contentType string, body []byte) {
		if status < 300 || status > 599 {
			return
		}
		c, _ := answeredBy(t, 0, nil)
		err := c.answers.errorOf(&Answer{
			Request: Request{Method: http.MethodPatch, URL: "https://netbox.example.com" + recordPath(1)},
			Status:  status, Header: http.Header{"Content-Type": {contentType}, "Api-Version": {"4.7"}}, Body: body,
			secrets: c.secrets,
		})
		wantPresentable(t, err)
		if open := status >= 500 || status == http.StatusRequestTimeout; OutcomeUnknown(err) != open {
			t.Errorf("status %d leaves the outcome open: %t (%v)", status, !open, err)
		}
		wantTypeOfStatus(t, err, status)
	})
}

func wantTypeOfStatus(t *testing.T, err error, status int) {
	t.Helper()
	ok, _ := errors.AsType[*UnexpectedAnswerError](err) // what NetBox does not say in JSON
	fits := ok != nil
	switch e := err.(type) { //nolint:errorlint // the type itself is the subject
	case *RedirectError:
		fits = status < 400
	case *ServerError:
		fits = (status >= 500 || status == http.StatusTooManyRequests) && e.Status == status
	case *ForbiddenError:
		fits = status == http.StatusForbidden || status == http.StatusUnauthorized
	case *NotFoundError, *PluginMissingError:
		fits = status == http.StatusNotFound
	case *PreconditionError:
		fits = status == http.StatusPreconditionFailed
	case *RefusedError:
		fits = status >= 400 && status < 500 && e.Status == status
	case *InvalidError:
		fits = status == http.StatusBadRequest
		for _, item := range e.Items {
			wantPresentable(t, item.Err)
		}
	}
	if !fits {
		t.Errorf("status %d is a %T: %v", status, err, err)
	}
}

// A status is a version with or without the plugin, or an error.
func FuzzStatus(f *testing.F) {
	recordedBodies(f, "/api/status/", func(_ int, body []byte) { f.Add("application/json", body) })
	for _, body := range oddBodies() {
		f.Add("application/json", body)
	}
	for _, version := range []string{"4.7.3", "4.4.6", "4.5.0-beta1", "v4", "-", "4.7.3-Docker-3.1.0"} {
		f.Add("application/json", []byte(`{"netbox-version":"`+version+`","plugins":{"netbox_hedgehog":"0.2.0"}}`))
	}
	f.Fuzz(func(t *testing.T, contentType string, body []byte) {
		c, ctx := answeredBy(t, 10, netboxtest.Always(http.StatusOK, contentType, body))
		status, err := c.Status(ctx)
		if err == nil && status.NetBoxVersion == "" {
			t.Error("a NetBox without a version")
		}
		for _, err := range []error{err, c.check(ctx)} {
			if err != nil {
				wantPresentable(t, err)
			}
		}
	})
}
