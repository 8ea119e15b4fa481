package clustertest

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

// position is the content of a continue token, as in Kubernetes: which state is read, and after
// which name.
type position struct {
	Version string `json:"rv"` // "" means the newest, in the token of a 410
	After   string `json:"after"`
}

func (p position) token() string {
	text, _ := json.Marshal(p) // two strings
	return base64.RawURLEncoding.EncodeToString(text)
}

func readPosition(token string) (position, error) {
	var p position
	text, err := base64.RawURLEncoding.DecodeString(token)
	if err == nil {
		err = json.Unmarshal(text, &p)
	}
	return p, err
}

// list answers with a page of a list: whole objects, or only their metadata if the client
// requests that.
func (s *Server) list(w http.ResponseWriter, r *http.Request, kind fabric.Kind, namespace string) {
	query := r.URL.Query()
	limit, _ := strconv.Atoi(query.Get("limit")) // 0 is no limit
	objects, at := s.store.sorted(kind, namespace), position{Version: strconv.Itoa(s.store.version)}
	if token := query.Get("continue"); token != "" {
		from, err := readPosition(token)
		if err != nil {
			Refuse(w, http.StatusBadRequest, "BadRequest", "continue key is not valid: "+err.Error())
			return
		}
		if from.Version != "" {
			snapshot, known := s.store.snapshots[snapshotOf(from.Version, kind, namespace)]
			if !known {
				expired(w, from.After)
				return
			}
			objects, at.Version = snapshot, from.Version
		}
		at.After = from.After
	}
	rest := objects
	for len(rest) > 0 && nameOf(rest[0]) <= at.After {
		rest = rest[1:]
	}
	next := ""
	remaining := 0
	if limit > 0 && len(rest) > limit {
		remaining, rest = len(rest)-limit, rest[:limit]
		next = position{Version: at.Version, After: nameOf(rest[limit-1])}.token()
		s.store.snapshots[snapshotOf(at.Version, kind, namespace)] = objects
	}
	write(w, r, kind, rest, at.Version, next, remaining)
}

func snapshotOf(version string, kind fabric.Kind, namespace string) string {
	return version + "/" + kind.Resource + "/" + namespace
}

func nameOf(o *object) string {
	name, _ := inner(o.content, "metadata")["name"].(string)
	return name
}

// expired answers with the 410 for a forgotten state. Its token continues in the newest state.
func expired(w http.ResponseWriter, after string) {
	answer(w, http.StatusGone, map[string]any{
		"kind": "Status", "apiVersion": "v1", "metadata": map[string]any{"continue": position{After: after}.token()},
		"status": "Failure", "reason": "Expired", "code": http.StatusGone,
		"message": "The provided continue parameter is too old to display a consistent list result. " +
			"You can start a new list without the continue parameter, or use the continue token in this response.",
	})
}

func write(w http.ResponseWriter, r *http.Request, kind fabric.Kind, objects []*object, version, next string,
	remaining int) {
	header := map[string]any{"kind": kind.Name + "List", "apiVersion": kind.Group + "/" + kind.Version}
	partial := strings.Contains(r.Header.Get("Accept"), "application/json;as=PartialObjectMetadataList")
	if partial {
		header = map[string]any{"kind": "PartialObjectMetadataList", "apiVersion": "meta.k8s.io/v1"}
	}
	meta := map[string]any{"resourceVersion": version}
	if next != "" {
		meta["continue"], meta["remainingItemCount"] = next, remaining
	}
	header["metadata"] = meta
	start, _ := json.Marshal(header) // strings and a number
	var body bytes.Buffer
	_, _ = fmt.Fprintf(&body, `%s,"items":[`, bytes.TrimSuffix(start, []byte("}")))
	for i, o := range objects {
		if i > 0 {
			body.WriteByte(',')
		}
		if partial {
			body.Write(o.partial)
		} else {
			body.Write(o.full)
		}
	}
	body.WriteString("]}\n")
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(body.Bytes())
}
