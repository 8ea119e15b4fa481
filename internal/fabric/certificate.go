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
				return problem(summary, "Certificate %d is followed by a text that is not PEM. Remove it.", count)
			}
			return problem(summary, "The text holds no PEM block. It must be one or more certificates in PEM form, "+
				"each beginning with -----BEGIN CERTIFICATE-----; a file is read with file(\"ca.pem\").")
		}
		if block.Type != "CERTIFICATE" {
			// The message does not repeat the block: it may be a private key.
			return problem(summary, "The PEM block number %d is a %s. Only certificates belong here.",
				count+1, block.Type)
		}
		if _, err := x509.ParseCertificate(block.Bytes); err != nil {
			return problem(summary, "The PEM block number %d is not a certificate that can be read: %v.", count+1, err)
		}
	}
}
