package rest

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

const recordings = "../netboxtest/testdata/netbox-4.7.3"

// replay answers every request as recorded.
// summary is an error's type and what it carries, on one line.
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

// recordedSummaries says what each recorded refusal or failure is.
var recordedSummaries = map[string]string{
	"status-no-token":                      "forbidden (token true): Authentication credentials were not provided.",
	"status-bad-v1-token":                  "forbidden (token true): Invalid v1 token",
	"status-bad-v2-token":                  "forbidden (token true): Invalid v2 token",
	"unknown-plugin":                       "plugin missing",
	"create-without-omit-commits-then-500": "server 500 ImproperlyConfigured",
	"create-duplicate-name":                "invalid: name=Hedgehog Fabric with this name already exists.",
	"get-with-display-url":                 "server 500 ImproperlyConfigured",
	"get-missing":                          "not found: No HedgehogFabric matches the given query.",
	"get-not-a-number":                     "not found: Not found.",
	"list-cursor-with-ordering": "invalid: Ordering cannot be specified in conjunction with cursor-based " +
		"pagination.",
	"patch-stale-if-match":  "precondition",
	"patch-missing":         "not found: No HedgehogFabric matches the given query.",
	"bad-server-dotless":    "invalid: kubernetes_server=Enter a valid URL.",
	"bad-server-not-a-url":  "invalid: kubernetes_server=Enter a valid URL.",
	"bad-server-underscore": "invalid: kubernetes_server=Enter a valid URL.",
	"bad-server-too-long": "invalid: kubernetes_server=Ensure this field has no more than 200 " +
		"characters.",
	"bad-interval-negative": "invalid: sync_interval=Ensure this value is greater than or equal to 0.",
	"bad-interval-too-big": "invalid: sync_interval=Ensure this value is less than or equal to " +
		"2147483647.",
	"bad-interval-string":   "invalid: sync_interval=A valid integer is required.",
	"bad-interval-null":     "invalid: sync_interval=This field may not be null.",
	"bad-name-blank":        "invalid: name=This field may not be blank.",
	"bad-name-too-long":     "invalid: name=Ensure this field has no more than 100 characters.",
	"bad-namespace-blank":   "invalid: kubernetes_namespace=This field may not be blank.",
	"bad-description-null":  "invalid: description=This field may not be null.",
	"bad-status-bogus":      "invalid: status=\"bogus\" is not a valid choice.",
	"bad-sync-status-bogus": "invalid: sync_status=\"synced\" is not a valid choice.",
	"bad-enabled-maybe":     "invalid: sync_enabled=Must be a valid boolean.",
	"bad-tag-unknown": "invalid: tags=Related object not found using the provided attributes: " +
		"{'slug': 'nope'}",
	"bad-tag-by-string": "invalid: tags=Related objects must be referenced by numeric ID or by " +
		"dictionary of attributes. Received an unrecognized value: nope",
	"bad-custom-field-unknown": "invalid: custom_fields.nope=Custom field 'nope' does not exist for this " +
		"object type.",
	"bad-two-fields": "invalid: status=\"bogus\" is not a valid choice.; sync_interval=Ensure " +
		"this value is greater than or equal to 0.",
	"bad-json": "invalid: JSON parse error - Expecting property name enclosed in double " +
		"quotes: line 1 column 2 (char 1)",
	"bad-custom-field-choice": "invalid: custom_fields.tier=Invalid value for custom field 'tier': " +
		"Invalid choice (bronze) for choice set tiers.",
	"bad-custom-field-type": "invalid: custom_fields.rack_units=Invalid value for custom field " +
		"'rack_units': Value must be an integer.",
	"bulk-create-one-bad": "invalid: 1 of 2 objects could not be created.; errors=errors: name: " +
		"Hedgehog Fabric with this name already exists.|index: 1",
	"bulk-create-same-name-twice": "invalid: 1 of 2 objects could not be created.; errors=errors: name: " +
		"Hedgehog Fabric with this name already exists.|index: 1",
	"bulk-patch-one-bad": "invalid: 1 of 2 objects could not be updated.; errors=errors: " +
		"sync_interval: Ensure this value is greater than or equal to 0.|id: 1012",
	"bulk-patch-one-missing": "invalid: 1 of 2 objects could not be found.; errors=errors: id: Object " +
		"with ID 99999999 does not exist|id: 99999999",
	"bulk-patch-if-match": "precondition",
	"limited-get-hidden":  "not found: No HedgehogFabric matches the given query.",
	"limited-create": "forbidden (token false): You do not have permission to perform this " +
		"action.",
	"limited-patch": "forbidden (token false): You do not have permission to perform this " +
		"action.",
	"limited-delete": "forbidden (token false): You do not have permission to perform this " +
		"action.",
	"sync-endpoint":               "server 500 AssertionError",
	"status-endpoint":             "server 500 AssertionError",
	"crd-list-unordered":          "server 500 QuerySetNotOrdered",
	"crd-list-cursor":             "server 500 QuerySetNotOrdered",
	"crd-create-again":            "invalid: spec=This field cannot be blank.",
	"crd-create-no-spec":          "invalid: spec=This field is required.",
	"delete-as-published":         "server 500 ImproperlyConfigured",
	"bulk-delete-as-published":    "server 500 ImproperlyConfigured",
	"fixed-delete-stale-if-match": "precondition",
	"fixed-delete-again":          "not found: No HedgehogFabric matches the given query.",
	"fixed-bulk-delete-missing": "invalid: 1 of 1 objects could not be found.; errors=errors: id: Object " +
		"with ID 1011 does not exist|id: 1011",
	"words-boolean-text": "invalid: custom_fields.in_service=Invalid value for custom field " +
		"'in_service': Value must be true or false.",
	"words-integer-text": "invalid: custom_fields.rack_units=Invalid value for custom field " +
		"'rack_units': Value must be an integer.",
	"words-object-text": "invalid: custom_fields=Related objects must be referenced by numeric ID " +
		"or by dictionary of attributes. Received an unrecognized value: berlin",
	"words-object-unknown-id-as-text": "invalid: custom_fields=Related object not found using the provided " +
		"numeric ID: 999",
	"words-object-list": "invalid: custom_fields=Related objects must be referenced by numeric ID " +
		"or by dictionary of attributes. Received an unrecognized value: ['berlin']",
	"words-multiobject-text": "invalid: custom_fields=Unknown related object(s): berlin",
	"words-multiobject-list": "invalid: custom_fields=Related objects must be referenced by numeric ID " +
		"or by dictionary of attributes. Received an unrecognized value: berlin",
	"words-multiobject-unknown-id": "invalid: custom_fields=Related object not found using the provided " +
		"numeric ID: 999",
	"words-multiselect-text": "invalid: custom_fields.colours=Invalid value for custom field " +
		"'colours': Invalid choice(s) (red) for choice set colours.",
	"words-tag-name-unknown": "invalid: tags=Related object not found using the provided attributes: " +
		"{'name': 'nope'}",
	"words-tag-name-quote": "invalid: tags=Related object not found using the provided attributes: " +
		"{'name': \"it's\"}",
	"words-tag-name-quotes": "invalid: tags=Related object not found using the provided attributes: " +
		"{'name': 'it\\'s \"new\" in Zürich'}",
	"words-tag-name-escapes": "invalid: tags=Related object not found using the provided attributes: " +
		"{'name': 'é\\u200b\\\\\\t😀\\U000e0001\\x7f.'}",
	"words-unique-taken": "invalid: custom_fields.asset=Custom field 'asset' must have a unique " +
		"value.",
	"fixed-filter-fields-unknown": "invalid: fabric=Select a valid choice. That choice is not one of the " +
		"available choices.",
	"fixed-filter-fields-unknown-fabric": "invalid: fabric=Select a valid choice. That choice is not one of the " +
		"available choices.",
	"fixed-filter-fields-text": "invalid: fabric=Select a valid choice. That choice is not one of the " +
		"available choices.",
	"fixed-filter-set-unknown": "invalid: fabric_id=Select a valid choice. 999999 is not one of the " +
		"available choices.",
	"fixed-filter-set-unknown-fabric-id": "invalid: fabric_id=Select a valid choice. 999999 is not one of the " +
		"available choices.",
	"fixed-filter-set-text":    "invalid: fabric_id=“one” is not a valid value.",
	"fixed-filter-set-empty":   "invalid: fabric_id=“” is not a valid value.",
	"changes-time-after-wrong": "invalid: time=Enter a valid date/time.",
	"changes-object-wrong":     "invalid: changed_object_id=Enter a whole number.",
	"limited-changes": "forbidden (token false): You do not have permission to perform this " +
		"action.",
}

func TestClassify_recordedErrors(t *testing.T) {
	seen := map[string]bool{}
	for _, file := range netboxtest.RecordingFiles(t, recordings, "*.json") {
		r := netboxtest.LoadRecording(t, file)
		if r.Response.Status < 400 {
			continue
		}
		seen[r.Name] = true
		t.Run(r.Name, func(t *testing.T) {
			path, err := url.Parse(r.Request.Path)
			if err != nil {
				t.Fatal(err)
			}
			c := newClient(t, startServer(t, r.ServeHTTP).URL, withoutCheck)
			_, err = c.Do(t.Context(), &Message{Method: r.Request.Method, Path: path.Path, Query: path.Query()})
			want, known := recordedSummaries[r.Name]
			if got := summary(err); !known || got != want {
				t.Errorf("%q: %q,", r.Name, got)
			}
			if err != nil && !strings.Contains(err.Error(), r.Request.Method+" http") &&
				summary(err) != "plugin missing" {
				t.Errorf("the error does not name the request: %v", err)
			}
		})
	}
	for name := range recordedSummaries {
		if !seen[name] {
			t.Errorf("no recording is named %s", name)
		}
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
		{"a status of its own", json, `{"no":"detail"}`, 418, "*rest.UnexpectedAnswerError: GET "},
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
				t.Errorf("%s, want %s", got, test.want)
			}
			if e, ok := errors.AsType[*UnexpectedAnswerError](err); ok && (e.Status != test.status ||
				e.ContentType != test.kind || e.Excerpt != test.body) {
				t.Errorf("%+v", e)
			}
		})
	}
}

// A gateway or another API answers in JSON too, with the same statuses. Its words are
// repeated, and nothing is concluded from them.
func TestClassify_jsonThatIsNotNetBoxs(t *testing.T) {
	status := `{"kind":"Status","apiVersion":"v1","status":"Failure","message":"fabrics is forbidden",` +
		`"reason":"Forbidden","code":403}`
	for _, test := range []struct {
		status  int
		body    string
		version string // the header API-Version
		problem string
	}{
		{401, `{"message":"No API key found in request"}`, "", "never with 401"},
		{401, `{"detail":"Invalid token"}`, "4.7", "never with 401"},
		{403, `{"message":"Forbidden"}`, "", "API-Version"},
		{403, `{"message":"Forbidden"}`, "4.7", "this answer has none"},
		{403, `{"detail":{"msg":"Not authenticated"}}`, "4.7", "this answer has none"},
		{403, status, "", "API-Version"},
		{404, `{"message":"no Route matched with those values"}`, "", "API-Version"},
		{404, `{"detail":"Not Found"}`, "", "API-Version"},
		{404, `{"error":"not found"}`, "4.7", "this answer has none"},
		{400, `{"message":"Bad Request"}`, "", "API-Version"},
		{409, `{"error":"conflict"}`, "4.7", "this answer has none"},
		{412, `{}`, "4.7", "this answer has none"},
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
				t.Errorf("%+v", e)
			}
		})
	}
}

// What a gateway says of its own failure is not lost either.
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
			t.Errorf("%+v", e)
		}
	}
}

// A proxy that removes API-Version from every answer removes it from the status too.
// From then on NetBox's refusals count without it.
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

// The status takes no permission, so its 403 is about the token, whatever it says.
func TestStatus_forbiddenIsTheToken(t *testing.T) {
	for _, detail := range []string{"User inactive", "Client IP address could not be determined for validation.",
		"Anmeldedaten fehlen."} {
		s := startNetBox(t, netboxtest.Options{})
		s.Fault(netboxtest.Fault{Kind: netboxtest.Detail(403, detail)})
		_, err := get(t.Context(), newClient(t, s.URL()), 1)
		if e := wantError[*ForbiddenError](t, err); !e.BadToken() || e.Detail != detail {
			t.Errorf("%+v", e)
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
