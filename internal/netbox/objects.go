package netbox

import (
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

// The statuses of a Kubernetes object in the NetBox plugin that a sync writes. The others are
// unknown, pending, applied and error.
const (
	ObjectLive     = "live"
	ObjectDeleting = "deleting"
)

// StoredObject is NetBox's copy of a Kubernetes object.
type StoredObject struct {
	ID              int64
	Fabric          int64 // id of its fabric
	Namespace, Name string
	Status          string // kubernetes_status
	UID             string // "" when it was never in a cluster
	ResourceVersion string
	SyncError       string
	Content         Content
	LastUpdated     time.Time // zero for null, which NetBox allows
}

// Objects reads and writes the plugin's copies of Kubernetes objects of one kind. Within a
// fabric, namespace and name identify an object.
type Objects struct {
	client *Client
	path   string
}

// Objects returns the objects of a kind, of all fabrics.
func (c *Client) Objects(kind fabric.Kind) *Objects {
	return &Objects{c, pluginPath + kind.Endpoint + "/"}
}

// ObjectWrite is a Kubernetes object to store.
type ObjectWrite struct {
	ID              int64 // of the stored object; not used by a create
	Namespace, Name string
	// Spec is the content. NetBox refuses an empty one. In an update, nil leaves the stored
	// one as it is.
	Spec                map[string]any
	Labels, Annotations map[string]string
	Status              string // kubernetes_status
	UID                 string
	ResourceVersion     string
	LastSynced          time.Time
	SyncError           string
}

// body returns the request body of an object.
func (w *ObjectWrite) body() map[string]any {
	orEmpty := func(m map[string]string) map[string]string {
		if m == nil {
			return map[string]string{} // NetBox refuses null
		}
		return m
	}
	body := map[string]any{
		"labels": orEmpty(w.Labels), "annotations": orEmpty(w.Annotations), "kubernetes_status": w.Status,
		"kubernetes_uid": w.UID, "kubernetes_resource_version": w.ResourceVersion,
		"last_synced": w.LastSynced.UTC(), "sync_error": w.SyncError,
	}
	if w.Spec != nil {
		body["spec"] = w.Spec
	}
	return body
}

// is reports whether NetBox has the object as it was to be written.
func (w *ObjectWrite) is(stored *StoredObject) bool {
	return stored != nil && stored.ResourceVersion == w.ResourceVersion && stored.UID == w.UID &&
		stored.Status == w.Status && fabric.Trim(stored.SyncError) == fabric.Trim(w.SyncError) &&
		(w.Spec == nil || stored.Content == ContentOf(w.Spec, w.Labels, w.Annotations))
}
