package netboxtest

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
)

// answer is a handler's answer.
type answer struct {
	status   int
	body     any      // rendered as JSON; nil for none
	page     string   // the title of an HTML page, instead of body
	sentence string   // plain text with the type text/html, instead of body
	failure  *failure // an uncaught exception, instead of body
	allow    string   // the Allow header; "" for none
	etag     string
	location string
	bare     bool // without API-Version and X-Request-ID, as from a redirect
	notAPI   bool // without API-Version
}

func ok(status int, body any) answer { return answer{status: status, body: body} }

func detail(status int, text string) answer {
	return answer{status: status, body: map[string]any{"detail": text}}
}

// failure is an uncaught exception.
type failure struct{ exception, text string }

// serverError returns NetBox's JSON for an uncaught exception. It has no Allow header.
func serverError(exception, text string) answer {
	return answer{status: http.StatusInternalServerError, failure: &failure{exception, text}}
}

// The exceptions that the published plugin raises.
func displayURLError(m *model) answer {
	view := "None"
	if m.endpoint == fabricEndpoint {
		view = ""
	}
	return serverError("ImproperlyConfigured", `Could not resolve URL for hyperlinked relationship using view name "`+
		view+`". `+
		"You may have failed to include the related model in your API, or incorrectly configured the `lookup_field` "+
		"attribute on this field.")
}

func unorderedError() answer {
	return serverError("QuerySetNotOrdered", "Paginating over an unordered queryset is unreliable. "+
		"Ensure that a minimal ordering has been applied to the queryset for this API endpoint.")
}

func querysetError() answer {
	return serverError("AssertionError", "Cannot apply TokenPermissions on a view that does not set `.queryset` "+
		"or have a `.get_queryset()` method.")
}

func forbidden() answer {
	return detail(http.StatusForbidden, "You do not have permission to perform this action.")
}

func preconditionFailed(current string) answer {
	a := detail(http.StatusPreconditionFailed, "Precondition failed.")
	a.etag = current
	return a
}

func htmlPage(status int, title string) answer { return answer{status: status, page: title} }

func notFoundPage() answer { return htmlPage(http.StatusNotFound, "Page Not Found") }

// content returns an answer's body and its media type.
func (p *profile) content(a answer) (body []byte, mediaType string) {
	switch {
	case a.failure != nil:
		return encodeJSON(map[string]any{
			"error": a.failure.text, "exception": a.failure.exception,
			"netbox_version": p.version, "python_version": pythonVersion,
		}), "application/json"
	case a.body != nil:
		return encodeJSON(a.body), "application/json"
	case a.status == http.StatusNoContent:
		return nil, ""
	case a.sentence != "":
		return []byte(a.sentence), "text/html; charset=utf-8"
	case a.page == "":
		return []byte{}, "text/html; charset=utf-8"
	}
	return fmt.Appendf(nil, `

<!DOCTYPE html>
<html
  lang="en"
  data-netbox-url-name=""
  data-netbox-version="%s"
  >
  <head>
    <meta charset="UTF-8" />
    <title>%s | NetBox</title>
  </head>
  <body><h1>%s</h1></body>
</html>
`, p.version, a.page, a.page), "text/html; charset=utf-8"
}

// send writes an answer with NetBox's headers.
func (s *Server) send(w http.ResponseWriter, r *http.Request, a answer, requestID string) {
	h := w.Header()
	set := func(name, value string) {
		if value != "" {
			h.Set(name, value)
		}
	}
	set("Date", s.Now().Format(http.TimeFormat))
	set("Location", a.location)
	set("ETag", a.etag)
	set("Allow", a.allow)
	if !a.bare {
		set("X-Request-ID", requestID)
		if !a.notAPI {
			set("API-Version", s.profile.version.Minor())
		}
	}
	body, mediaType := s.profile.content(a)
	if a.status >= http.StatusBadRequest && s.language(r) == German {
		body = inGerman(body)
	}
	set("Content-Type", mediaType)
	if body != nil {
		set("Content-Length", strconv.Itoa(len(body)))
	}
	w.WriteHeader(a.status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // the client may have disconnected
	}
}

// encodeJSON encodes a value that this package built, which cannot fail.
func encodeJSON(v any) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic(fmt.Sprintf("stand-in NetBox: cannot render %T: %v", v, err))
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

func newRequestID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
