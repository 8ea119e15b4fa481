package clustertest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

// Refuse answers with a refusal as Kubernetes does, with a Status object. reason is one of
// Kubernetes' reasons, such as Forbidden.
func Refuse(w http.ResponseWriter, status int, reason, message string) {
	answer(w, status, map[string]any{
		"kind": "Status", "apiVersion": "v1", "metadata": map[string]any{}, "status": "Failure",
		"message": message, "reason": reason, "code": status,
	})
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // the client may have disconnected
}

// notFound answers as Kubernetes does for an unknown path, such as the path of a CRD that is
// not installed: without a Status object.
func notFound(w http.ResponseWriter) { http.Error(w, "404 page not found", http.StatusNotFound) }

// serve answers a request. It supports a small part of the real API.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	who, known := s.authenticate(r)
	switch path := r.URL.Path; {
	case !known:
		Refuse(w, http.StatusUnauthorized, "Unauthorized", "Unauthorized")
	case path == "/version":
		answer(w, http.StatusOK, map[string]any{"major": "1", "minor": "36", "gitVersion": Version,
			"platform": "linux/amd64"})
	case path == "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews" && r.Method == http.MethodPost:
		s.review(w, r, who)
	case strings.HasPrefix(path, "/api/v1/namespaces"):
		s.serveNamespaces(w, r, who)
	default:
		s.serveObjects(w, r, who)
	}
}

// review answers a SelfSubjectAccessReview.
func (s *Server) review(w http.ResponseWriter, r *http.Request, who user) {
	if who.name == anonymous.name {
		Refuse(w, http.StatusForbidden, "Forbidden", fmt.Sprintf(`selfsubjectaccessreviews.authorization.k8s.io is `+
			`forbidden: User %q `+
			`cannot create resource "selfsubjectaccessreviews" in API group "authorization.k8s.io" at the cluster `+
			`scope`, who.name))
		return
	}
	var review map[string]any
	if err := json.NewDecoder(r.Body).Decode(&review); err != nil {
		Refuse(w, http.StatusBadRequest, "BadRequest", err.Error())
		return
	}
	asked := inner(review, "spec", "resourceAttributes")
	allowed := who.admin
	for _, kind := range who.lists {
		allowed = allowed || (asked["group"] == kind.Group && asked["resource"] == kind.Resource &&
			asked["verb"] == "list")
	}
	review["status"] = map[string]any{"allowed": allowed}
	answer(w, http.StatusCreated, review)
}

// serveNamespaces creates, reads and deletes namespaces for an administrator, and reads them
// for users with that permission. Objects may be in namespaces that were never created.
func (s *Server) serveNamespaces(w http.ResponseWriter, r *http.Request, who user) {
	name := strings.Trim(strings.TrimPrefix(r.URL.Path, "/api/v1/namespaces"), "/")
	verb := strings.ToLower(r.Method)
	switch {
	case !who.admin && (verb != "get" || !who.namespaces):
		Refuse(w, http.StatusForbidden, "Forbidden", fmt.Sprintf(`namespaces %q is forbidden: User %q cannot %s `+
			`resource `+
			`"namespaces" in API group "" in the namespace %q`, name, who.name, verb, name))
	case r.Method == http.MethodPost:
		var made map[string]any
		if json.NewDecoder(r.Body).Decode(&made) == nil {
			name, _ = inner(made, "metadata")["name"].(string)
			s.store.namespaces[name] = true
		}
		answer(w, http.StatusCreated, map[string]any{"kind": "Namespace", "apiVersion": "v1"})
	case r.Method == http.MethodGet && s.store.namespaces[name]:
		answer(w, http.StatusOK, map[string]any{"kind": "Namespace", "apiVersion": "v1",
			"metadata": map[string]any{"name": name}})
	case r.Method == http.MethodGet && name != "":
		Refuse(w, http.StatusNotFound, "NotFound", fmt.Sprintf("namespaces %q not found", name))
	case r.Method == http.MethodDelete:
		s.store.removeNamespace(name)
		answer(w, http.StatusOK, map[string]any{"kind": "Namespace", "apiVersion": "v1"})
	default:
		notFound(w)
	}
}

// serveObjects serves /apis/GROUP/VERSION/namespaces/NAMESPACE/RESOURCE[/NAME[/status]].
func (s *Server) serveObjects(w http.ResponseWriter, r *http.Request, who user) {
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	kind, ok := kindOf(parts)
	if !ok || s.store.absent[kind] {
		notFound(w)
		return
	}
	namespace, verb := parts[4], strings.ToLower(r.Method)
	if r.Method == http.MethodGet && len(parts) == 6 {
		verb = "list"
	}
	switch {
	case !who.admin && (verb != "list" || !who.mayList(kind)):
		forbid(w, who, verb, kind, namespace)
	case verb == "list":
		s.list(w, r, kind, namespace)
	case len(parts) == 6 && r.Method == http.MethodDelete:
		s.store.removeAll(kind, namespace)
		answer(w, http.StatusOK, map[string]any{"kind": "Status", "apiVersion": "v1", "status": "Success"})
	case len(parts) == 6:
		Refuse(w, http.StatusMethodNotAllowed, "MethodNotAllowed", "the server does not allow this method on the "+
			"requested resource")
	default:
		s.serveObject(w, r, key{kind, namespace, parts[6]}, len(parts) == 8)
	}
}

func kindOf(parts []string) (fabric.Kind, bool) {
	if len(parts) < 6 || len(parts) > 8 || parts[0] != "apis" || parts[3] != "namespaces" || (len(parts) == 8 &&
		parts[7] != "status") {
		return fabric.Kind{}, false
	}
	for _, kind := range servedKinds() {
		if kind.Group == parts[1] && kind.Version == parts[2] && kind.Resource == parts[5] {
			return kind, true
		}
	}
	return fabric.Kind{}, false
}

// serveObject reads, applies and deletes one object.
func (s *Server) serveObject(w http.ResponseWriter, r *http.Request, k key, subresource bool) {
	if r.Method == http.MethodPatch && r.Header.Get("Content-Type") == "application/apply-patch+yaml" {
		var wanted map[string]any
		if err := json.NewDecoder(r.Body).Decode(&wanted); err != nil { // client-go sends JSON, which is YAML
			Refuse(w, http.StatusBadRequest, "BadRequest", err.Error())
			return
		}
		if stored, ok := s.store.apply(k, wanted, subresource); ok {
			answer(w, http.StatusOK, stored.content)
			return
		}
	}
	stored, ok := s.store.objects[k]
	switch {
	case !ok:
		Refuse(w, http.StatusNotFound, "NotFound", fmt.Sprintf("%s.%s %q not found", k.kind.Resource,
			k.kind.Group, k.name))
	case r.Method == http.MethodDelete:
		s.store.remove(k)
		answer(w, http.StatusOK, map[string]any{"kind": "Status", "apiVersion": "v1", "status": "Success"})
	case r.Method == http.MethodGet:
		answer(w, http.StatusOK, stored.content)
	default:
		Refuse(w, http.StatusMethodNotAllowed, "MethodNotAllowed", "the server does not allow this method on the "+
			"requested resource")
	}
}

// inner returns the map at the end of a path of keys, or nil if there is none.
func inner(from map[string]any, path ...string) map[string]any {
	for _, key := range path {
		from, _ = from[key].(map[string]any)
	}
	return from
}
