package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

// stateInstance is a fabric in a state file of version 4.
type stateInstance struct {
	Index      int            `json:"index_key"`
	Schema     int            `json:"schema_version"`
	Attributes map[string]any `json:"attributes"`
	Sensitive  []any          `json:"sensitive_attributes"`
	Private    []byte         `json:"private"` // in base64, as the CLI does
	Identity   map[string]any `json:"identity"`
	// IdentitySchema has to be there: without it the CLI drops the identity.
	IdentitySchema int `json:"identity_schema_version"`
}

// seed puts the configuration's fabrics into the stand-in and writes the state
// that the CLI would have after creating them.
func (f fabrics) seed(server *netboxtest.Server, folder string) error {
	instances := make([]stateInstance, f.number)
	for i := range instances {
		id := server.AddFabric(f.fields(i))
		record, stored := server.Fabric(id)
		if !stored {
			return fmt.Errorf("the stand-in has no fabric %d after it was added", id)
		}
		private, err := privateState(record)
		if err != nil {
			return err
		}
		instances[i] = stateInstance{Index: i, Attributes: f.stateAttributes(id, record), Sensitive: sensitive(),
			Private: private, Identity: map[string]any{"id": id}}
	}
	return writeState(folder, instances)
}

func (f fabrics) stateAttributes(id int64, record map[string]any) map[string]any {
	attributes := map[string]any{
		"id": id, "sync_status": "never_synced", "deletion_policy": "delete", "tags_all": []string{},
		// What the configuration leaves out.
		"kubernetes_ca_cert": nil, "kubernetes_token": nil, "kubernetes_token_wo": nil,
		"kubernetes_token_wo_version": nil,
		"last_sync":                   nil, "tags": nil, "custom_fields": nil, "timeouts": nil,
	}
	for _, name := range []string{
		"url", "name", "description", "status", "kubernetes_server", "kubernetes_namespace", "sync_enabled",
		"sync_interval", "connection_status",
	} {
		attributes[name] = record[name]
	}
	if f.certificate != "" {
		attributes["kubernetes_ca_cert"] = f.certificate
	}
	return attributes
}

// sensitive are the paths of the attributes that the CLI notes as sensitive.
func sensitive() []any {
	var paths []any
	for _, name := range []string{"kubernetes_token_wo", "kubernetes_token"} {
		paths = append(paths, []any{map[string]any{"type": "get_attr", "value": name}})
	}
	return paths
}

// privateState is what the provider notes of a fabric, as the plugin framework keeps it.
func privateState(record map[string]any) ([]byte, error) {
	revision, err := json.Marshal(map[string]any{"created": record["created"], "last_updated": record["last_updated"]})
	if err != nil {
		return nil, err
	}
	return json.Marshal(map[string][]byte{"revision": revision, "imported_objects": []byte("0"),
		"kubernetes_token_absent": []byte("true")})
}

func writeState(folder string, instances []stateInstance) error {
	// tools/with-cli names the registry's host where the CLI is OpenTofu.
	host := cmp.Or(os.Getenv("TF_ACC_PROVIDER_HOST"), "registry.terraform.io")
	state, err := json.Marshal(map[string]any{
		"version": 4, "terraform_version": "1.11.0", "serial": 1, "lineage": "hedgehog-bench",
		"outputs": map[string]any{},
		"resources": []any{map[string]any{
			"mode": "managed", "type": "hedgehog_fabric", "name": "bench",
			"provider":  fmt.Sprintf("provider[%q]", host+"/hedgehog-fabric/hedgehog"),
			"instances": instances,
		}},
	})
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, "terraform.tfstate"), state, 0o600)
}
