package rest

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

const recordings = "../netboxtest/testdata/netbox-4.7.3"

// summary returns an error's type and content on one line.
func summary(err error) string {
	switch e := err.(type) { //nolint:errorlint // the type itself is the subject
	case *InvalidError:
		parts := slices.Clone(e.Detail)
		for _, field := range slices.Sorted(maps.Keys(e.Fields)) {
			parts = append(parts, field+"="+strings.Join(e.Fields[field], "|"))
		}
		return "invalid: " + strings.Join(parts, "; ")
	case *ForbiddenError:
		return fmt.Sprintf("forbidden (token %t): %s", e.BadToken(), e.Detail)
	case *NotFoundError:
		return "not found: " + e.Detail
	case *PreconditionError:
		return "precondition"
	case *PluginMissingError:
		return "plugin missing"
	case *ServerError:
		return fmt.Sprintf("server %d %s", e.Status, e.Exception)
	}
	return fmt.Sprintf("%T: %v", err, err)
}

// testdata/recorded_errors.txt has the error for each recorded refusal or failure.
func TestClassify_recordedErrors(t *testing.T) {
	want, err := os.ReadFile("testdata/recorded_errors.txt")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, file := range netboxtest.RecordingFiles(t, recordings, "*.json") {
		r := netboxtest.LoadRecording(t, file)
		if r.Response.Status < 400 {
			continue
		}
		path, err := url.Parse(r.Request.Path)
		if err != nil {
			t.Fatal(err)
		}
		c := newClient(t, startServer(t, r.ServeHTTP).URL, withoutCheck)
		_, err = c.Do(t.Context(), &Message{Method: r.Request.Method, Path: path.Path, Query: path.Query()})
		got = append(got, r.Name+": "+summary(err)+"\n")
		if err != nil && !strings.Contains(err.Error(), r.Request.Method+" http") && summary(err) != "plugin missing" {
			t.Errorf("the error does not name the request: %v", err)
		}
	}
	if slices.Sort(got); strings.Join(got, "") != string(want) {
		t.Errorf("the file should be\n%s", strings.Join(got, ""))
	}
}

func TestClassify_oddAnswers(t *testing.T) {
	html, json := "text/html; charset=utf-8", "application/json"
	for _, test := range []struct {
		name, kind, body string
		status           int
		want             string // the beginning of the text that summary gives
	}{
		{"HTML of a proxy with 200", html, "<html>login</html>", 200, "*rest.UnexpectedAnswerError: GET "},
		{"HTML of a proxy with 403", html, "<html>blocked</html>", 403, "*rest.UnexpectedAnswerError: GET "},
		{"HTML 404 of no NetBox", html, "<html>nginx</html>", 404, "*rest.UnexpectedAnswerError: GET "},
		{"no content type", "", "{}", 200, "*rest.UnexpectedAnswerError: GET "},
		{"cut JSON refusal", json, `{"name": ["This`, 400, "*rest.UnexpectedAnswerError: GET "},
		{"empty refusal", json, "", 400, "*rest.UnexpectedAnswerError: GET "},
		{"an unknown status", json, `{"no":"detail"}`, 418, "*rest.UnexpectedAnswerError: GET "},
		{"a refusal of another kind", json, `{"detail":"2 dependent objects were found."}`, 409,
			"*rest.RefusedError: GET "},
		{"no content", json, "", 204, "*rest.UnexpectedAnswerError: GET "},
		{"401 in JSON", json, `{"detail":"no token"}`, 401, "*rest.UnexpectedAnswerError: GET "},
		{"forbidden without a detail", json, `[]`, 403, "*rest.UnexpectedAnswerError: GET "},
		{"problem+json", "application/problem+json", `{"detail":"gone"}`, 404, "not found: gone"},
		{"list refusal", json, `["Ordering."]`, 400, "invalid: Ordering."},
		{"non_field_errors", json, `{"non_field_errors":["A.","B."]}`, 400, "invalid: A.; B."},
		{"__all__ with a field", json, `{"__all__":["A."],"name":["B."]}`, 400, "invalid: A.; name=B."},
		{"custom fields by key", json, `{"custom_fields":{"tier":["No."],"owner":"Bad."}}`, 400,
			"invalid: custom_fields.owner=Bad.; custom_fields.tier=No."},
		{"custom fields as a whole", json, `{"custom_fields":["No."]}`, 400, "invalid: custom_fields=No."},
		{"nested refusal", json, `{"tags":[{"slug":["No."]},{}]}`, 400, `invalid: tags=slug: No.`},
		{"null refusal", json, `null`, 400, "invalid: "},
		{"text refusal", json, `"No."`, 400, "invalid: No."},
		{"500 in HTML", html, "<html>Server Error</html>", 500, "server 500 "},
		{"500 with a JSON list", json, `["x"]`, 500, "server 500 "},
		{"500 with odd types", json, `{"exception":7,"error":{"a":1}}`, 500, "server 500 7"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := startServer(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header()["Content-Type"] = nil
				if test.kind != "" {
					w.Header().Set("Content-Type", test.kind)
				}
				if test.kind != html {
					w.Header().Set("API-Version", "4.7")
				}
				w.WriteHeader(test.status)
				_, _ = w.Write([]byte(test.body))
			})
			_, err := get(t.Context(), newClient(t, s.URL, withoutCheck), 1)
			if got := summary(err); !strings.HasPrefix(got, test.want) {
				t.Errorf("got %s, want %s", got, test.want)
			}
			if e, ok := errors.AsType[*UnexpectedAnswerError](err); ok && (e.Status != test.status ||
				e.ContentType != test.kind || e.Excerpt != test.body) {
				t.Errorf("got %+v", e)
			}
		})
	}
}

// A gateway or another API may answer with JSON and the same statuses. The error repeats the
// message, but does not interpret it.
func TestClassify_jsonThatIsNotNetBoxs(t *testing.T) {
	status := `{"kind":"Status","apiVersion":"v1","status":"Failure","message":"fabrics is forbidden",` +
		`"reason":"Forbidden","code":403}`
	for _, test := range []struct {
		status  int
		body    string
		version string // the API-Version header
		problem string
	}{
		{401, `{"message":"No API key found in request"}`, "", "never with 401"},
		{401, `{"detail":"Invalid token"}`, "4.7", "never with 401"},
		{403, `{"message":"Forbidden"}`, "", "API-Version"},
		{403, `{"message":"Forbidden"}`, "4.7", "but this answer has none"},
		{403, `{"detail":{"msg":"Not authenticated"}}`, "4.7", "but this answer has none"},
		{403, status, "", "API-Version"},
		{404, `{"message":"no Route matched with those values"}`, "", "API-Version"},
		{404, `{"detail":"Not Found"}`, "", "API-Version"},
		{404, `{"error":"not found"}`, "4.7", "but this answer has none"},
		{400, `{"message":"Bad Request"}`, "", "API-Version"},
		{409, `{"error":"conflict"}`, "4.7", "but this answer has none"},
		{412, `{}`, "4.7", "but this answer has none"},
	} {
		t.Run(fmt.Sprint(test.status, " ", test.body), func(t *testing.T) {
			s := startServer(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				if test.version != "" {
					w.Header().Set("API-Version", test.version)
				}
				w.WriteHeader(test.status)
				_, _ = w.Write([]byte(test.body))
			})
			_, err := get(t.Context(), newClient(t, s.URL, withoutCheck), 1)
			e := wantError[*UnexpectedAnswerError](t, err)
			if e.Status != test.status || e.Excerpt != test.body || !strings.Contains(e.Problem, test.problem) ||
				e.NotPermitted() != (test.status == 401 || test.status == 403) || OutcomeUnknown(err) {
				t.Errorf("got %+v", e)
			}
		})
	}
}

// A gateway's message about its own failure is shown too.
func TestClassify_failureOfAGatewayInJSON(t *testing.T) {
	for _, body := range []string{`{"message":"upstream is down"}`, `{"kind":"Status","message":"etcd is gone",` +
		`"code":503}`} {
		s := startServer(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(501)
			_, _ = w.Write([]byte(body))
		})
		_, err := get(t.Context(), newClient(t, s.URL, withoutCheck), 1)
		if e := wantError[*ServerError](t, err); e.Detail != body || e.Exception != "" {
			t.Errorf("got %+v", e)
		}
	}
}

// A proxy that removes API-Version from every answer removes it from the status too. After such
// a status, NetBox's refusals count without it.
func TestClassify_proxyThatRemovesTheVersion(t *testing.T) {
	s := startNetBox(t, netboxtest.Options{})
	s.Intercept(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			next.ServeHTTP(withoutVersion{w}, r)
		})
	})
	c := newClient(t, s.URL())
	_, err := get(t.Context(), c, 99)
	wantError[*NotFoundError](t, err)
	_, err = create(t.Context(), c, "")
	wantError[*InvalidError](t, err)
	s.RevokeToken(netboxtest.AdminToken)
	_, err = get(t.Context(), c, 99)
	if e := wantError[*ForbiddenError](t, err); !e.BadToken() {
		t.Error(e)
	}
	_, err = get(t.Context(), newClient(t, s.URL()), 99)
	if e := wantError[*UnexpectedAnswerError](t, err); !strings.Contains(e.Excerpt, "Invalid v1 token") || e.Unchecked {
		t.Error(e)
	}
	_, err = get(t.Context(), newClient(t, s.URL(), withoutCheck), 99)
	if e := wantError[*UnexpectedAnswerError](t, err); !e.Unchecked {
		t.Error(e)
	}
}

type withoutVersion struct{ http.ResponseWriter }

func (w withoutVersion) WriteHeader(status int) {
	w.Header().Del("API-Version")
	w.ResponseWriter.WriteHeader(status)
}

// The status needs no permission, so a 403 means that the token is invalid.
func TestStatus_forbiddenIsTheToken(t *testing.T) {
	for _, detail := range []string{"User inactive", "Client IP address could not be determined for validation.",
		"Anmeldedaten fehlen."} {
		s := startNetBox(t, netboxtest.Options{})
		s.Fault(netboxtest.Fault{Kind: netboxtest.Detail(403, detail)})
		_, err := get(t.Context(), newClient(t, s.URL()), 1)
		if e := wantError[*ForbiddenError](t, err); !e.BadToken() || e.Detail != detail {
			t.Errorf("got %+v", e)
		}
	}
}

func TestUnexpectedAnswer_showsTheFirst200Characters(t *testing.T) {
	s := startServer(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte("<html>\n\n  <b>\xff" + strings.Repeat("ä", 400)))
	})
	_, err := get(t.Context(), newClient(t, s.URL, withoutCheck), 1)
	want := "<html> <b>?" + strings.Repeat("ä", 189)
	if e := wantError[*UnexpectedAnswerError](t, err); e.Excerpt != want {
		t.Errorf("excerpt %q", e.Excerpt)
	}
}
