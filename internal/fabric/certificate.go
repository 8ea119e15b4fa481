package fabric

import (
	"bytes"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"strings"
)

// ValidateCACert checks CA certificates in PEM form: there must be at least one certificate
// and nothing else. "" is valid and means no certificates.
func ValidateCACert(text string) *Problem {
	const summary = "Invalid Kubernetes CA certificate"
	if Blank(text) {
		return nil
	}
	count := 0
	for rest := []byte(text); ; count++ {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			if count > 0 && Blank(string(rest)) {
				return nil
			}
			if count > 0 {
				return problem(summary, "The text after certificate %d is not PEM. Remove it.", count)
			}
			if base64OfPEM(text) {
				return problem(summary, "The text is base64, as in a kubeconfig. Decode it with base64decode().")
			}
			return problem(summary, "The text has no PEM block. It must be one or more certificates in PEM, each of "+
				"which begins with -----BEGIN CERTIFICATE-----. Read a file with file(\"ca.pem\").")
		}
		if block.Type != "CERTIFICATE" {
			// The message does not repeat the block: it may be a private key.
			return problem(summary, "PEM block %d is a %s. Only certificates belong here: remove the block.",
				count+1, block.Type)
		}
		if _, err := x509.ParseCertificate(block.Bytes); err != nil {
			return problem(summary, "PEM block %d cannot be read as a certificate: %v. Copy it again from the "+
				"original.", count+1, err)
		}
	}
}

// base64OfPEM reports whether a text is a PEM block in base64, maybe in several lines.
func base64OfPEM(text string) bool {
	decoded, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
	return err == nil && bytes.Contains(decoded, []byte("-----BEGIN "))
}
