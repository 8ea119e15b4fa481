//go:build unix

package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/yaml"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/clustertest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

// The users besides the administrator, who is in system:masters.
const (
	fullUser    = "full"
	partialUser = "partial"
	healthUser  = "health"
)

// installCRDsAndUsers installs the CRDs, and users who may list the kinds. It returns when
// the API server serves the kinds.
func installCRDsAndUsers(ctx context.Context, t *target, crds []*unstructured.Unstructured) error {
	ca, err := os.ReadFile(t.caFile)
	if err != nil {
		return err
	}
	admin, err := dynamic.NewForConfig(&rest.Config{
		Host: t.server, BearerToken: t.adminToken, TLSClientConfig: rest.TLSClientConfig{CAData: ca},
		QPS: -1, WarningHandlerWithContext: rest.NoWarnings{},
	})
	if err != nil {
		return err
	}
	objects := slices.Concat(crds, mayList(fullUser, fabric.Kinds()), mayList(partialUser, clustertest.PartialKinds()),
		mayList(healthUser, everyKind()))
	for _, object := range objects {
		group := schema.FromAPIVersionAndKind(object.GetAPIVersion(), object.GetKind()).GroupVersion()
		plural := strings.ToLower(object.GetKind()) + "s"
		if _, err := admin.Resource(group.WithResource(plural)).Create(ctx, object,
			metav1.CreateOptions{}); err != nil {
			return fmt.Errorf("create %s %s: %w", object.GetKind(), object.GetName(), err)
		}
	}
	return waitUntilServed(ctx, admin)
}

// everyKind returns the twelve kinds, and the kinds of a fabric's health.
func everyKind() []fabric.Kind { return slices.Concat(fabric.Kinds(), fabric.HealthKinds()) }

// definitions returns the CRDs of the kinds: this program's small ones, or those in a folder.
// If the folder has no CRDs for a fabric's health, it uses this program's.
func definitions(folder string) ([]*unstructured.Unstructured, error) {
	var all []*unstructured.Unstructured
	if folder == "" {
		for _, kind := range everyKind() {
			all = append(all, definition(kind))
		}
		return all, nil
	}
	files, err := filepath.Glob(filepath.Join(folder, "*.yaml"))
	if err != nil {
		return nil, err
	}
	found := map[string]bool{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		one := &unstructured.Unstructured{}
		if err := yaml.Unmarshal(text, &one.Object); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		all, found[one.GetName()] = append(all, one), true
	}
	for _, kind := range fabric.Kinds() {
		if name := kind.Resource + "." + kind.Group; !found[name] {
			return nil, fmt.Errorf("HEDGEHOG_CRD_DIR=%s has no CRD %s", folder, name)
		}
	}
	for _, kind := range fabric.HealthKinds() {
		if !found[kind.Resource+"."+kind.Group] {
			all = append(all, definition(kind))
		}
	}
	return all, nil
}

// definition returns a CRD with a kind's names and almost no schema.
func definition(kind fabric.Kind) *unstructured.Unstructured {
	anything := map[string]any{"type": "object", "x-kubernetes-preserve-unknown-fields": true}
	return &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
		"metadata": map[string]any{"name": kind.Resource + "." + kind.Group},
		"spec": map[string]any{
			"group": kind.Group, "scope": "Namespaced",
			"names": map[string]any{"plural": kind.Resource, "singular": strings.ToLower(kind.Name), "kind": kind.Name,
				"listKind": kind.Name + "List"},
			"versions": []any{map[string]any{
				"name": kind.Version, "served": true, "storage": true,
				"subresources": map[string]any{"status": map[string]any{}},
				"schema": map[string]any{"openAPIV3Schema": map[string]any{
					"type": "object", "properties": map[string]any{"spec": anything, "status": anything},
				}},
			}},
		},
	}}
}

// mayList returns the objects that permit a user to list kinds in every namespace.
func mayList(user string, kinds []fabric.Kind) []*unstructured.Unstructured {
	var rules []any
	for _, kind := range kinds {
		rules = append(rules, map[string]any{
			"apiGroups": []any{kind.Group}, "resources": []any{kind.Resource}, "verbs": []any{"list"},
		})
	}
	const group = "rbac.authorization.k8s.io"
	name := "hedgehog-test-" + user
	role := map[string]any{"apiVersion": group + "/v1", "kind": "ClusterRole", "metadata": map[string]any{"name": name},
		"rules": rules}
	binding := map[string]any{
		"apiVersion": group + "/v1", "kind": "ClusterRoleBinding", "metadata": map[string]any{"name": name},
		"roleRef":  map[string]any{"apiGroup": group, "kind": "ClusterRole", "name": name},
		"subjects": []any{map[string]any{"apiGroup": group, "kind": "User", "name": user}},
	}
	return []*unstructured.Unstructured{{Object: role}, {Object: binding}}
}

// waitUntilServed returns when every kind can be listed. The API server serves a CRD a
// moment after it was created.
func waitUntilServed(ctx context.Context, admin dynamic.Interface) error {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	for _, kind := range everyKind() {
		resource := schema.GroupVersionResource{Group: kind.Group, Version: kind.Version, Resource: kind.Resource}
		for {
			_, err := admin.Resource(resource).Namespace("default").List(ctx, metav1.ListOptions{Limit: 1})
			if err == nil {
				break
			}
			select {
			case <-ctx.Done():
				return fmt.Errorf("%s.%s is not served: %w", kind.Resource, kind.Group, err)
			case <-ticker.C:
			}
		}
	}
	return nil
}

// client returns an HTTP client that trusts the target's authority.
func (t *target) client() (*http.Client, error) {
	ca, err := os.ReadFile(t.caFile)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(ca)
	return &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool,
		MinVersion: tls.VersionTLS12}}}, nil
}
