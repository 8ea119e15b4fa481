package netboxtest

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"strconv"
)

// Hangup closes the connection without an answer.
func Hangup() Kind {
	return answering("hangup", func(*strike) { panic(http.ErrAbortHandler) })
}

// Reset resets the connection without an answer.
func Reset() Kind {
	return answering("reset", func(k *strike) { k.reset(nil) })
}

// ResetMidAnswer resets the connection in the middle of the answer. NetBox has
// handled the request.
func ResetMidAnswer() Kind {
	return Kind{name: "reset in the middle of the answer", strike: func(k *strike) {
		answer := k.handle()
		k.reset(answer.firstHalf())
	}}
}

// HangupMidAnswer closes the connection in the middle of the answer's body.
// NetBox has handled the request.
func HangupMidAnswer() Kind {
	return Kind{name: "hangup in the middle of the answer", strike: func(k *strike) {
		answer := k.handle()
		body := answer.body.Bytes()
		answer.body.Truncate(len(body) / 2)
		answer.header.Set("Content-Length", strconv.Itoa(len(body)+1))
		answer.send(k.w, nil)
		_ = http.NewResponseController(k.w).Flush()
		panic(http.ErrAbortHandler)
	}}
}

// CutJSON cuts the answer's JSON in half, in a valid HTTP answer. NetBox has handled the
// request.
func CutJSON() Kind {
	return Kind{name: "cut JSON", strike: func(k *strike) {
		answer := k.handle()
		answer.send(k.w, answer.body.Bytes()[:answer.body.Len()/2])
	}}
}

// firstHalf returns the bytes of the answer's headers and of half its body.
func (r *recorder) firstHalf() []byte {
	var text bytes.Buffer
	_, _ = fmt.Fprintf(&text, "HTTP/1.1 %d %s\r\n", r.status, http.StatusText(r.status)) // to memory
	_ = r.header.Write(&text)
	text.WriteString("\r\n")
	text.Write(r.body.Bytes()[:r.body.Len()/2])
	return text.Bytes()
}

// reset sends the bytes in first and then drops the connection so that the client gets a reset.
func (k *strike) reset(first []byte) {
	connection, _, err := http.NewResponseController(k.w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if len(first) > 0 {
		_, _ = connection.Write(first) // the client may have disconnected
	}
	raw := connection
	if encrypted, isTLS := connection.(*tls.Conn); isTLS {
		raw = encrypted.NetConn()
	}
	if wire, isTCP := raw.(*net.TCPConn); isTCP {
		_ = wire.SetLinger(0) // close then resets
	}
	_ = raw.Close()
}

// Huge answers with a body of this many bytes, which starts as JSON. The server never has it in
// memory.
func Huge(size int64) Kind {
	return answering(fmt.Sprintf("body of %d bytes", size), func(k *strike) {
		k.w.Header().Set("Content-Length", strconv.FormatInt(size, 10))
		k.pour(size)
	})
}

// Endless answers with a body that never ends, as fast as the client reads it.
func Endless() Kind {
	return answering("endless body", func(k *strike) { k.pour(-1) })
}

// pour writes the start of a list and then spaces, until it has written this many bytes, or
// forever if size is negative, or until the client gives up.
func (k *strike) pour(size int64) {
	k.w.Header().Set("Content-Type", "application/json")
	k.w.WriteHeader(http.StatusOK)
	chunk := bytes.Repeat([]byte(" "), 64<<10)
	first := append([]byte(`{"count":1,"next":null,"previous":null,"results":[`), chunk...)
	for piece := first; size != 0; piece = chunk {
		if size > 0 && int64(len(piece)) > size {
			piece = piece[:size]
		}
		n, err := k.w.Write(piece)
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		if size > 0 {
			size -= int64(n)
		}
	}
}
