package netboxtest

import (
	"cmp"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// Answer replaces NetBox's answer.
func Answer(status int, mediaType, body string) Kind {
	return answering(fmt.Sprintf("%d %s", status, mediaType), func(k *strike) {
		k.give(status, mediaType, body)
	})
}

func answering(name string, give func(*strike)) Kind {
	return Kind{name: name, strike: func(k *strike) {
		k.commit()
		give(k)
	}}
}

func (k *strike) give(status int, mediaType, body string) {
	if mediaType != "" {
		k.w.Header().Set("Content-Type", mediaType)
	}
	k.w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	k.w.WriteHeader(status)
	if k.r.Method != http.MethodHead {
		_, _ = k.w.Write([]byte(body)) // the client may have disconnected
	}
}

// Status answers like a gateway in front of NetBox, with an HTML page.
func Status(status int) Kind { return RetryAfter(status, "") }

// RetryAfter is like Status, with a Retry-After header: seconds, a date, or an invalid value.
func RetryAfter(status int, value string) Kind {
	return answering(name(status), func(k *strike) { k.gateway(status, value) })
}

// RetryAt is like Status, with a date in Retry-After that is this far from the server's time.
func RetryAt(status int, in time.Duration) Kind {
	return answering(name(status), func(k *strike) {
		k.gateway(status, k.server.Now().Add(in).Format(http.TimeFormat))
	})
}

func name(status int) string { return strconv.Itoa(status) + " " + http.StatusText(status) }

func (k *strike) gateway(status int, retryAfter string) {
	if retryAfter != "" {
		k.w.Header().Set("Retry-After", retryAfter)
	}
	k.give(status, "text/html", "<html><head><title>"+name(status)+"</title></head><body><h1>"+name(status)+
		"</h1></body></html>\n")
}

// Page answers with an HTML page instead of JSON, such as a login page.
func Page(status int) Kind {
	return answering("HTML "+name(status), func(k *strike) {
		k.give(status, "text/html; charset=utf-8", "<!DOCTYPE html>\n<html><head><title>Log "+
			"in</title></head><body><form></form></body></html>\n")
	})
}

// Empty answers with the type JSON and no body.
func Empty(status int) Kind {
	return answering("empty "+name(status), func(k *strike) { k.give(status, "application/json", "") })
}

// Detail answers with a refusal in NetBox's form, such as a 403 with "Invalid v1 token".
func Detail(status int, text string) Kind {
	return answering(name(status)+" "+text, func(k *strike) {
		k.server.send(k.w, k.r, detail(status, text), newRequestID())
	})
}

// PluginError is the published plugin's 500 when it cannot render a display_url.
func PluginError() Kind {
	return answering("plugin's 500", func(k *strike) {
		fabrics := k.server.models[fabricEndpoint]
		k.server.send(k.w, k.r, displayURLError(fabrics), newRequestID())
	})
}

// PluginErrorPage is the published plugin's 500 when NetBox renders a fabric for an event rule.
func PluginErrorPage() Kind {
	return answering("plugin's 500 in HTML", func(k *strike) {
		k.server.send(k.w, k.r, brokenPage(), newRequestID())
	})
}

// Redirect redirects the client to the same path and query below a base URL, which may have
// another host or scheme, or be this server's own.
func Redirect(status int, base string) Kind {
	return answering(name(status), func(k *strike) {
		k.w.Header().Set("Location", base+k.r.URL.RequestURI())
		k.give(status, "text/html", "")
	})
}

// Maintenance is NetBox's maintenance mode: reads pass, and writes fail on the read-only
// database. The answers are from NetBox's source. Before 4.6.5, the text is the database's.
func Maintenance() Kind {
	statements := map[string]string{http.MethodPost: "INSERT", http.MethodDelete: "DELETE"}
	kind := answering("maintenance mode", func(k *strike) {
		text := "NetBox is currently operating in maintenance mode and is unable to perform write operations. " +
			"Please try again later."
		if v := k.server.Version(); v == V44 || v == V45 {
			text = "cannot execute " + cmp.Or(statements[k.r.Method], "UPDATE") + " in a read-only transaction"
		}
		k.server.send(k.w, k.r, serverError("InternalError", text), newRequestID())
	})
	kind.spares = func(s *Server, r *http.Request) bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		_, refused := s.authenticate(r)
		return refused != nil || r.Method == http.MethodGet || r.Method == http.MethodHead ||
			r.Method == http.MethodOptions
	}
	return kind
}
