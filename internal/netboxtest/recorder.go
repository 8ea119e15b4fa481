package netboxtest

import (
	"bytes"
	"maps"
	"net/http"
	"strconv"
)

// recorder keeps an answer, so that it can be changed before it is sent, or dropped.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func newRecorder() *recorder { return &recorder{header: http.Header{}} }

func (r *recorder) Header() http.Header { return r.header }

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
}

func (r *recorder) Write(b []byte) (int, error) {
	r.WriteHeader(http.StatusOK)
	return r.body.Write(b)
}

// send sends the answer, or another body if one is given.
func (r *recorder) send(w http.ResponseWriter, body []byte) {
	maps.Copy(w.Header(), r.header)
	if body != nil {
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	} else {
		body = r.body.Bytes()
	}
	w.WriteHeader(max(r.status, http.StatusOK))
	_, _ = w.Write(body) // the client may have disconnected
}
