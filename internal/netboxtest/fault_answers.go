package netboxtest

import (
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// Answer is a body of any kind instead of NetBox's.
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
		_, _ = k.w.Write([]byte(body)) // a client that went away is no concern of the server's
	}
}

// Status is an error of a gateway in front of NetBox, with an HTML page.
func Status(status int) Kind { return RetryAfter(status, "") }

// RetryAfter is Status with this Retry-After header: seconds, a date, or what no
// client should obey.
func RetryAfter(status int, value string) Kind {
	return answering(name(status), func(k *strike) { k.gateway(status, value) })
}

// RetryAt is Status with the date in Retry-After that is this far from the
// server's time.
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

// Page is an HTML page instead of JSON, such as a login form's.
func Page(status int) Kind {
	return answering("HTML "+name(status), func(k *strike) {
		k.give(status, "text/html; charset=utf-8", "<!DOCTYPE html>\n<html><head><title>Log "+
			"in</title></head><body><form></form></body></html>\n")
	})
}

// Empty is an answer that claims to be JSON and has no body.
func Empty(status int) Kind {
	return answering("empty "+name(status), func(k *strike) { k.give(status, "application/json", "") })
}

// Detail is a refusal in NetBox's own form, such as a 403 that says "Invalid v1
// token".
func Detail(status int, text string) Kind {
	return answering(name(status)+" "+text, func(k *strike) {
		k.server.send(k.w, k.r, detail(status, text), newRequestID())
	})
}

// PluginError is the 500 that the published plugin answers with where it cannot
// make a display_url.
func PluginError() Kind {
	return answering("plugin's 500", func(k *strike) {
		fabrics := k.server.models[fabricEndpoint]
		k.server.send(k.w, k.r, displayURLError(fabrics), newRequestID())
	})
}

// PluginErrorPage is the 500 that the published plugin answers with where an
// event rule has NetBox render a fabric.
func PluginErrorPage() Kind {
	return answering("plugin's 500 in HTML", func(k *strike) {
		k.server.send(k.w, k.r, brokenPage(), newRequestID())
	})
}

// Redirect sends the client to the same path and query below another base URL:
// another host's, another scheme's, or this server's own.
func Redirect(status int, base string) Kind {
	return answering(name(status), func(k *strike) {
		k.w.Header().Set("Location", base+k.r.URL.RequestURI())
		k.give(status, "text/html", "")
	})
}

// Maintenance is a NetBox in maintenance mode: reads pass, and writes fail on
// the read-only database. The answer is from NetBox's source.
func Maintenance() Kind {
	kind := answering("maintenance mode", func(k *strike) {
		k.server.send(k.w, k.r, serverError("InternalError", "NetBox is currently operating in maintenance mode "+
			"and is unable to perform write operations. Please try again later."), newRequestID())
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
