package fabric

import (
	"crypto/x509"
	"encoding/pem"
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
