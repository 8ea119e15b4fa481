package main

import (
	"bytes"
	"encoding/pem"

	"golang.org/x/crypto/x509roots/fallback/bundle"
)

// authoritiesPEM are the certificate authorities that Mozilla trusts, as the Go project publishes
// them: a module that go.sum pins and that is updated like any other. An authority whose newer
// certificates are not to be trusted is left out, since a file of authorities cannot say so.
func authoritiesPEM() []byte {
	var all bytes.Buffer
	for root := range bundle.Roots() {
		if root.Constraint == nil {
			_ = pem.Encode(&all, &pem.Block{Type: "CERTIFICATE", Bytes: root.Certificate}) // a buffer takes all
		}
	}
	return all.Bytes()
}
