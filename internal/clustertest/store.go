package clustertest

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

// Object is an object for [Server.Put].
type Object struct {
	Name        string
	Labels      map[string]string
	Annotations map[string]string
	Finalizers  []string
	Spec        map[string]any
	Status      map[string]any
}

type key struct {
	kind            fabric.Kind
	namespace, name string
}

// object is a stored object. It is immutable: a change replaces it.
type object struct {
	content map[string]any
	full    []byte // as JSON
	partial []byte // as PartialObjectMetadata, as JSON
}

type store struct {
	version int // the newest resource version
	objects map[key]*object
	absent  map[fabric.Kind]bool // CRDs that are not installed
	// namespaces are the namespaces that were created or have had objects.
	namespaces map[string]bool
	// snapshots are lists that have more pages to read, by resource version.
	snapshots map[string][]*object
}

func newStore() store {
	return store{version: 1000, objects: map[key]*object{}, absent: map[fabric.Kind]bool{},
		snapshots:  map[string][]*object{},
		namespaces: map[string]bool{"default": true, "kube-system": true}}
}

// Put stores an object. Like Kubernetes, it keeps the resource version if nothing changes.
func (s *Server) Put(kind fabric.Kind, namespace string, o Object) {
	s.mu.Lock()
	defer s.mu.Unlock()
	wanted := map[string]any{"metadata": map[string]any{"labels": o.Labels, "annotations": o.Annotations,
		"finalizers": o.Finalizers}, "spec": o.Spec}
	k := key{kind, namespace, o.Name}
	s.store.apply(k, wanted, false)
	if o.Status != nil {
		s.store.apply(k, map[string]any{"status": o.Status}, true)
	}
}

// AddNamespace creates a namespace. Put creates its object's namespace too.
func (s *Server) AddNamespace(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.store.namespaces[name] = true
}

// Remove deletes an object. An object with finalizers stays, marked as being deleted.
func (s *Server) Remove(kind fabric.Kind, namespace, name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.store.remove(key{kind, namespace, name})
}

// SetInstalled installs or removes a kind's CRD. Its objects are kept.
func (s *Server) SetInstalled(kind fabric.Kind, installed bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.store.absent[kind] = !installed
}

// Forget makes the server forget the states that lists started with, as etcd does after five
// minutes. A client in the middle of a list then gets a 410.
func (s *Server) Forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.store.snapshots)
}

// apply is server-side apply for a single manager: it replaces labels, annotations, finalizers
// and spec, or only the status. It returns false if the object whose status it should set does
// not exist.
func (s *store) apply(k key, wanted map[string]any, status bool) (*object, bool) {
	wanted = plain(wanted)
	old, exists := s.objects[k]
	if !exists && status {
		return nil, false
	}
	content := map[string]any{"apiVersion": k.kind.Group + "/" + k.kind.Version, "kind": k.kind.Name}
	meta := map[string]any{"name": k.name, "namespace": k.namespace}
	if exists {
		maps.Copy(content, old.content)
		maps.Copy(meta, inner(old.content, "metadata"))
	} else {
		meta["uid"], meta["creationTimestamp"] = newUID(), time.Now().UTC().Format(time.RFC3339)
		meta["generation"] = float64(1) // like a number decoded from JSON
	}
	if status {
		replace(content, wanted, "status")
	} else {
		replace(content, wanted, "spec")
		if exists && !reflect.DeepEqual(content["spec"], old.content["spec"]) {
			meta["generation"] = meta["generation"].(float64) + 1
		}
		replace(meta, inner(wanted, "metadata"), "labels", "annotations", "finalizers")
	}
	content["metadata"] = meta
	if exists && reflect.DeepEqual(content, old.content) {
		return old, true
	}
	if meta["deletionTimestamp"] != nil && meta["finalizers"] == nil { // the last finalizer was removed
		delete(s.objects, k)
		return old, true
	}
	return s.keep(k, content), true
}

// replace gives the named keys the values of wanted, and deletes those that wanted lacks.
func replace(content, wanted map[string]any, names ...string) {
	for _, name := range names {
		delete(content, name)
		if value := wanted[name]; value != nil {
			content[name] = value
		}
	}
}

// keep stores content with a new resource version.
func (s *store) keep(k key, content map[string]any) *object {
	s.version++
	s.namespaces[k.namespace] = true
	meta := maps.Clone(inner(content, "metadata"))
	meta["resourceVersion"] = strconv.Itoa(s.version)
	content["metadata"] = meta
	stored := &object{content: content}
	stored.full, _ = json.Marshal(content) // decoded from JSON
	stored.partial, _ = json.Marshal(map[string]any{"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1",
		"metadata": meta})
	s.objects[k] = stored
	return stored
}

func (s *store) remove(k key) {
	stored, ok := s.objects[k]
	if !ok {
		return
	}
	meta := maps.Clone(inner(stored.content, "metadata"))
	switch {
	case meta["finalizers"] == nil:
		s.version++
		delete(s.objects, k)
	case meta["deletionTimestamp"] == nil:
		meta["deletionTimestamp"] = time.Now().UTC().Format(time.RFC3339)
		content := maps.Clone(stored.content)
		content["metadata"] = meta
		s.keep(k, content)
	}
}

func (s *store) removeAll(kind fabric.Kind, namespace string) {
	for k := range maps.Clone(s.objects) {
		if k.kind == kind && k.namespace == namespace {
			s.remove(k)
		}
	}
}

func (s *store) removeNamespace(namespace string) {
	delete(s.namespaces, namespace)
	for k := range maps.Clone(s.objects) {
		if k.namespace == namespace {
			delete(s.objects, k)
		}
	}
}

// sorted returns the objects of a kind in a namespace, by name.
func (s *store) sorted(kind fabric.Kind, namespace string) []*object {
	var keys []key
	for k := range s.objects {
		if k.kind == kind && k.namespace == namespace {
			keys = append(keys, k)
		}
	}
	slices.SortFunc(keys, func(a, b key) int { return strings.Compare(a.name, b.name) })
	all := make([]*object, len(keys))
	for i, k := range keys {
		all[i] = s.objects[k]
	}
	return all
}

// plain returns a copy in the form of decoded JSON. Like Kubernetes, it leaves out empty maps
// and lists in the metadata.
func plain(value map[string]any) map[string]any {
	text, err := json.Marshal(value)
	if err != nil {
		return nil
	}
	var copied map[string]any
	_ = json.Unmarshal(text, &copied) // encoded above
	meta := inner(copied, "metadata")
	for name, content := range meta {
		switch content := content.(type) {
		case map[string]any:
			if len(content) == 0 {
				delete(meta, name)
			}
		case []any:
			if len(content) == 0 {
				delete(meta, name)
			}
		}
	}
	return copied
}

func newUID() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	h := hex.EncodeToString(b)
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}
