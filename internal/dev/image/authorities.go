package main

import (
	"bytes"
	"encoding/pem"

	"golang.org/x/crypto/x509roots/fallback/bundle"
)

// authoritiesPEM returns the certificate authorities that Mozilla trusts. They come from a module
// of the Go project, which go.sum pins and which is updated like any other. It leaves out
// authorities whose newer certificates must not be trusted, since a PEM file cannot express that.
func authoritiesPEM() []byte {
	var all bytes.Buffer
	for root := range bundle.Roots() {
		if root.Constraint == nil {
			_ = pem.Encode(&all, &pem.Block{Type: "CERTIFICATE", Bytes: root.Certificate}) // never fails
		}
	}
	return all.Bytes()
}
