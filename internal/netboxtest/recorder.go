package netboxtest

import (
	"bytes"
	"maps"
	"net/http"
	"strconv"
)

// recorder keeps an answer that is not sent as it is, or not at all.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func newRecorder() *recorder { return &recorder{header: http.Header{}} }

func (a *recorder) Header() http.Header { return a.header }

func (a *recorder) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
}

func (a *recorder) Write(b []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.body.Write(b)
}

// send gives the answer, with another body if one is given.
func (a *recorder) send(w http.ResponseWriter, body []byte) {
	maps.Copy(w.Header(), a.header)
	if body != nil {
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	} else {
		body = a.body.Bytes()
	}
	w.WriteHeader(max(a.status, http.StatusOK))
	_, _ = w.Write(body) // a client that went away is no concern of the server's
}
