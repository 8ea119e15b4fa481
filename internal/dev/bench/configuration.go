package main

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// fabrics are the fabrics of one configuration. The strings are the descriptions of
// the first fabric and of all others: what a change changes.
type fabrics struct {
	prefix        string // of the names
	number        int
	first, others string
	certificate   string // CA certificates in PEM, of each; "" for none
}

// certificateFile is where a configuration has the CA certificates.
const certificateFile = "ca.pem"

// configure writes the configuration.
func (f fabrics) configure(folder string) error {
	more := ""
	if f.certificate != "" {
		more = fmt.Sprintf("  kubernetes_ca_cert = file(\"${path.module}/%s\")\n", certificateFile)
		if err := os.WriteFile(filepath.Join(folder, certificateFile), []byte(f.certificate), 0o600); err != nil {
			return err
		}
	}
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
%s}
`, f.number, f.prefix, f.first, f.others, more)
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
		"kubernetes_server":  fmt.Sprintf("https://k8s-%05d.example.com:6443", index),
		"kubernetes_ca_cert": f.certificate,
	}
}

// certificates returns CA certificates in PEM, of at least so many bytes together.
func certificates(size int) (string, error) {
	var all strings.Builder
	for n := int64(1); all.Len() < size; n++ {
		public, private, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			return "", err
		}
		template := &x509.Certificate{
			SerialNumber: big.NewInt(n), Subject: pkix.Name{CommonName: fmt.Sprintf("Authority %d", n)},
			IsCA: true, BasicConstraintsValid: true, NotAfter: time.Now().AddDate(1, 0, 0),
		}
		der, err := x509.CreateCertificate(rand.Reader, template, template, public, private)
		if err != nil {
			return "", err
		}
		if err := pem.Encode(&all, &pem.Block{Type: "CERTIFICATE", Bytes: der}); err != nil {
			return "", err
		}
	}
	return all.String(), nil
}
