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

// send gives the answer, with another body if one is given.
func (r *recorder) send(w http.ResponseWriter, body []byte) {
	maps.Copy(w.Header(), r.header)
	if body != nil {
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	} else {
		body = r.body.Bytes()
	}
	w.WriteHeader(max(r.status, http.StatusOK))
	_, _ = w.Write(body) // a client that went away is no concern of the server's
}
