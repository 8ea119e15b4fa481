package rest

import (
	"bytes"
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// certificateFiles are the files of a client certificate and its key. They are read again
// for every connection whose server asks for a certificate, so that a rotated certificate
// is used without a restart.
type certificateFiles struct {
	certificate, key settingFile
	now              func() time.Time

	mu      sync.Mutex
	current *tls.Certificate
	problem error // why the files cannot be used now
}

// newCertificateFiles reads the configured pair; it returns nil if there is none.
func newCertificateFiles(config Config) (*certificateFiles, error) {
	f := &certificateFiles{
		certificate: settingFile{settingClientCertFile, config.ClientCertFile, config.Audience},
		key:         settingFile{settingClientKeyFile, config.ClientKeyFile, config.Audience},
		now:         config.Now,
	}
	for _, pair := range [][2]settingFile{{f.certificate, f.key}, {f.key, f.certificate}} {
		if given, missing := pair[0], pair[1]; given.path != "" && missing.path == "" {
			return nil, &ConfigError{missing.setting, fmt.Sprintf("%s is set, but %s is not. A client certificate "+
				"needs both. They can be the same file, with the certificate and its key.", given, missing)}
		}
	}
	if f.certificate.path == "" {
		return nil, nil //nolint:nilnil // no files are no error
	}
	pair, err := f.load()
	if err != nil {
		return nil, err
	}
	f.current = pair
	return f, nil
}

// get returns the pair in the files. If that cannot be used, as in the middle of a
// rotation, it returns the last pair that could be.
func (f *certificateFiles) get() *tls.Certificate {
	if f == nil {
		return nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	pair, err := f.load()
	if f.problem = err; err == nil {
		f.current = pair
	}
	return f.current
}

// unusable returns why the files could not be used when they were last read, or nil if they
// could.
func (f *certificateFiles) unusable() error {
	if f == nil {
		return nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.problem
}

// load reads both files. Its errors are [*ConfigError], without any of the key's content.
func (f *certificateFiles) load() (*tls.Certificate, error) {
	chain, err := f.readChain()
	if err != nil {
		return nil, err
	}
	key, err := f.readKey()
	if err != nil {
		return nil, err
	}
	of := slices.IndexFunc(chain, func(c *x509.Certificate) bool { return belongs(key, c) })
	if of < 0 {
		return nil, &ConfigError{f.key.setting, fmt.Sprintf("The key in %s does not match the certificate %q in %s. "+
			"Use a certificate and the key that belongs to it.", f.key.described(), chain[0].Subject.String(),
			f.certificate.described())}
	}
	leaf := chain[of]
	if problem := notNow(leaf, f.now()); problem != "" {
		return nil, &ConfigError{f.certificate.setting, fmt.Sprintf("The certificate %q in %s %s. Renew it, or check "+
			"this machine's clock.", leaf.Subject.String(), f.certificate.described(), problem)}
	}
	pair := &tls.Certificate{Certificate: [][]byte{leaf.Raw}, PrivateKey: key, Leaf: leaf}
	for _, c := range slices.Delete(chain, of, of+1) {
		pair.Certificate = append(pair.Certificate, c.Raw)
	}
	return pair, nil
}

// belongs reports whether a key belongs to a certificate.
func belongs(key crypto.Signer, c *x509.Certificate) bool {
	public, ok := key.Public().(interface{ Equal(crypto.PublicKey) bool })
	return ok && public.Equal(c.PublicKey)
}

// notNow returns why a certificate is not valid at a time, as the end of a sentence, or "" if
// it is valid.
func notNow(c *x509.Certificate, at time.Time) string {
	switch {
	case at.Before(c.NotBefore):
		return "is not valid before " + c.NotBefore.UTC().Format(time.RFC3339)
	case at.After(c.NotAfter):
		return "expired at " + c.NotAfter.UTC().Format(time.RFC3339)
	}
	return ""
}

// readChain reads the certificates, at least one.
func (f *certificateFiles) readChain() ([]*x509.Certificate, error) {
	raw, err := f.certificate.read()
	if err != nil {
		return nil, err
	}
	wrong := func(format string, arguments ...any) error {
		return &ConfigError{f.certificate.setting, "The file " + f.certificate.described() + " " +
			fmt.Sprintf(format, arguments...)}
	}
	var chain []*x509.Certificate
	blocks := blocksOf(raw)
	for _, block := range blocks {
		if block.Type != "CERTIFICATE" {
			continue
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, wrong("contains a certificate that cannot be read: %v. Write the file again as it was issued.",
				err)
		}
		chain = append(chain, c)
	}
	switch {
	case len(chain) > 0:
		return chain, nil
	case slices.ContainsFunc(blocks, isPrivateKey):
		return nil, wrong("contains a private key and no certificate. %s", f.notSwapped())
	case slices.ContainsFunc(blocks, isRequest):
		return nil, wrong("contains a certificate request, not a certificate. Have a CA sign it, and use the " +
			"certificate that the CA issues.")
	case len(blocks) > 0:
		return nil, wrong("contains no certificate, but %s. %s", typesOf(blocks), pemFileAdvice("certificate"))
	}
	return nil, wrong("%s", notPEM(raw, "certificate"))
}

// readKey reads the private key.
func (f *certificateFiles) readKey() (crypto.Signer, error) {
	raw, err := f.key.read()
	if err != nil {
		return nil, err
	}
	wrong := func(format string, arguments ...any) error {
		return &ConfigError{f.key.setting, "The file " + f.key.described() + " " + fmt.Sprintf(format, arguments...)}
	}
	blocks := blocksOf(raw)
	i := slices.IndexFunc(blocks, isPrivateKey)
	switch {
	case i < 0 && slices.ContainsFunc(blocks, isCertificate):
		return nil, wrong("contains a certificate and no private key. %s", f.notSwapped())
	case i < 0 && len(blocks) > 0:
		return nil, wrong("contains no private key, but %s. %s", typesOf(blocks), pemFileAdvice("private key"))
	case i < 0:
		return nil, wrong("%s", notPEM(raw, "private key"))
	}
	block := blocks[i]
	switch {
	case block.Type == "OPENSSH PRIVATE KEY":
		return nil, wrong("contains a private key in OpenSSH format. It must be in PEM, of the type PRIVATE KEY, RSA " +
			"PRIVATE KEY or EC PRIVATE KEY.")
	case block.Type == "ENCRYPTED PRIVATE KEY", strings.Contains(block.Headers["Proc-Type"], "ENCRYPTED"):
		return nil, wrong("contains a private key that is encrypted with a passphrase, which is not supported. " +
			"Decrypt it into a file that only you can read: openssl pkey -in KEY -out DECRYPTED.")
	}
	key, err := parseKey(block.Bytes)
	if err != nil {
		return nil, wrong("contains a private key that cannot be read: %v. It must be of the type RSA, ECDSA or "+
			"Ed25519.",
			err)
	}
	return key, nil
}

// notSwapped returns the next step if one file has the content of the other.
func (f *certificateFiles) notSwapped() string {
	return fmt.Sprintf("Check that %s and %s are not swapped.", f.certificate, f.key)
}

// pemFileAdvice returns the next step if the setting names the wrong file.
func pemFileAdvice(wanted string) string {
	return "Use a file that contains the " + wanted + " in PEM."
}

// parseKey parses a key in any of the three forms, whatever the PEM block calls it.
func parseKey(der []byte) (crypto.Signer, error) {
	parsed, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		if rsa, err := x509.ParsePKCS1PrivateKey(der); err == nil {
			return rsa, nil
		}
		if ec, err := x509.ParseECPrivateKey(der); err == nil {
			return ec, nil
		}
		return nil, err
	}
	if signer, ok := parsed.(crypto.Signer); ok {
		return signer, nil
	}
	return nil, fmt.Errorf("a %T cannot sign", parsed)
}

func blocksOf(raw []byte) []*pem.Block {
	var blocks []*pem.Block
	for {
		block, rest := pem.Decode(raw)
		if block == nil {
			return blocks
		}
		blocks, raw = append(blocks, block), rest
	}
}

func isCertificate(b *pem.Block) bool { return b.Type == "CERTIFICATE" }
func isRequest(b *pem.Block) bool     { return strings.HasSuffix(b.Type, "CERTIFICATE REQUEST") }
func isPrivateKey(b *pem.Block) bool  { return strings.HasSuffix(b.Type, "PRIVATE KEY") }

// typesOf returns the types of PEM blocks, without duplicates.
func typesOf(blocks []*pem.Block) string {
	var types []string
	for _, b := range blocks {
		if name := "a PEM block of the type " + b.Type; !slices.Contains(types, name) {
			types = append(types, name)
		}
	}
	return strings.Join(types, ", ")
}

// notPEM describes a file without a PEM block, and how to convert it.
func notPEM(raw []byte, wanted string) string {
	_, certificate := x509.ParseCertificate(raw)
	_, key := parseKey(raw)
	text := bytes.TrimSpace(raw)
	switch {
	case len(text) == 0:
		return "is empty. " + pemFileAdvice(wanted)
	case certificate == nil:
		return `is a certificate in DER form. "openssl x509 -inform DER -in FILE -out FILE.pem" converts it to PEM.`
	case key == nil:
		return `is a private key in DER form. "openssl pkey -inform DER -in FILE -out FILE.pem" converts it to PEM.`
	case bytes.HasPrefix(raw, []byte("\xff\xfe")), bytes.HasPrefix(raw, []byte("\xfe\xff")):
		return "is in UTF-16. Save it as plain text, in ASCII or UTF-8."
	case raw[0] == asn1Sequence:
		return "is in a binary form, such as PKCS#12 (.p12, .pfx). It must be in PEM: \"openssl pkcs12 -in FILE " +
			"-nodes -out FILE.pem\" writes the certificate and the key into one file, for both settings."
	case bytes.Contains(text, []byte("-----BEGIN ")):
		return "contains a PEM block that cannot be read. It may be cut off, or its lines may be joined or indented. " +
			"Write the file again as it was issued."
	}
	return "contains no " + wanted + " in PEM, which begins with -----BEGIN. " + pemFileAdvice(wanted)
}

// asn1Sequence is the first byte of every certificate and key in DER form.
const asn1Sequence = 0x30
