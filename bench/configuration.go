package main

import (
	"fmt"
	"os"
	"path/filepath"
)

// fabrics are the fabrics of one configuration. The texts are the descriptions of
// the first fabric and of all others: what a change changes.
type fabrics struct {
	prefix        string // of the names
	number        int
	first, others string
}

// configure writes the configuration.
func (f fabrics) configure(folder string) error {
	text := fmt.Sprintf(`terraform {
  required_providers {
    hedgehog = { source = "hedgehog-fabric/hedgehog" }
  }
}

resource "hedgehog_fabric" "bench" {
  count             = %d
  name              = format("%s%%05d", count.index)
  description       = count.index == 0 ? %q : %q
  status            = "active"
  kubernetes_server = format("https://k8s-%%05d.example.com:6443", count.index)
}
`, f.number, f.prefix, f.first, f.others)
	return os.WriteFile(filepath.Join(folder, "main.tf"), []byte(text), 0o600)
}

// fields are what a create of the configuration's fabric sends, by NetBox's names.
func (f fabrics) fields(index int) map[string]any {
	description := f.others
	if index == 0 {
		description = f.first
	}
	return map[string]any{
		"name": fmt.Sprintf("%s%05d", f.prefix, index), "description": description, "status": "active",
		"kubernetes_server": fmt.Sprintf("https://k8s-%05d.example.com:6443", index),
	}
}
