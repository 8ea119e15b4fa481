package netbox

import (
	"io"
	"net/http"
)

// cutInBody starts an answer and breaks the connection in its body.
func cutInBody(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", "1000")
	_, _ = io.WriteString(w, `{"id":`)
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}
