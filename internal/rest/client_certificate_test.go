package rest

import (
	"crypto"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io/fs"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// pairFiles are the files of a client certificate and of its key.
type pairFiles struct{ certificate, key string }

func (f pairFiles) use(c *Config) { c.ClientCertFile, c.ClientKeyFile = f.certificate, f.key }

// write fills both files.
func (f pairFiles) write(t *testing.T, certificate, key string) {
	t.Helper()
	for file, text := range map[string]string{f.certificate: certificate, f.key: key} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// issueClient issues a client certificate and writes it to files.
func (a authority) issueClient(t *testing.T, name string) pairFiles {
	t.Helper()
	certificate, key, err := a.IssueClient(name, nil)
	if err != nil {
		t.Fatal(err)
	}
	f := newPairFiles(t)
	f.write(t, certificate, key)
	return f
}

func newPairFiles(t *testing.T) pairFiles {
	t.Helper()
	dir := t.TempDir()
	return pairFiles{filepath.Join(dir, "client.pem"), filepath.Join(dir, "client-key.pem")}
}

func block(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

// selfSigned returns a certificate of a key, in DER.
func selfSigned(t *testing.T, name string, key crypto.Signer, change func(*x509.Certificate)) []byte {
	t.Helper()
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	if change != nil {
		change(template)
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// keyForm is a private key in one of the forms that it can have in a file.
type keyForm struct {
	key  crypto.Signer
	kind string // of PEM block
	der  []byte
}

func (k keyForm) pem() string { return block(k.kind, k.der) }

// keyForms returns one key of each kind, in each of its forms.
func keyForms(t *testing.T) map[string]keyForm {
	t.Helper()
	must := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	must(err)
	ecKey, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	must(err)
	_, edKey, err := ed25519.GenerateKey(rand.Reader)
	must(err)
	sec1, err := x509.MarshalECPrivateKey(ecKey)
	must(err)
	forms := map[string]keyForm{
		"RSA in PKCS#1":  {rsaKey, "RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(rsaKey)},
		"ECDSA in SEC 1": {ecKey, "EC PRIVATE KEY", sec1},
	}
	for name, key := range map[string]crypto.Signer{"RSA": rsaKey, "ECDSA": ecKey, "Ed25519": edKey} {
		der, err := x509.MarshalPKCS8PrivateKey(key)
		must(err)
		forms[name+" in PKCS#8"] = keyForm{key, "PRIVATE KEY", der}
	}
	return forms
}

// The client accepts every kind of key in each of its forms, in its own file or in the
// certificate's file, with other text around it.
func TestClientCertificate_isGiven(t *testing.T) {
	a := newAuthority(t)
	for name, form := range keyForms(t) {
		certificate := block("CERTIFICATE", selfSigned(t, name, form.key, nil))
		for how, texts := range map[string][2]string{
			"two files":       {certificate, form.pem()},
			"one file":        {form.pem() + certificate, form.pem() + certificate},
			"text, CRLF":      {strings.ReplaceAll("Bag Attributes\n"+certificate, "\n", "\r\n"), form.pem() + "\n"},
			"with parameters": {certificate, block("EC PARAMETERS", []byte{6, 1, 1}) + form.pem()},
			"mark of UTF-8":   {"\xef\xbb\xbf" + certificate, "\xef\xbb\xbf" + form.pem()},
			"authority first": {a.PEM() + certificate, form.pem()},
		} {
			for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
				t.Run(name+", "+how+", "+tls.VersionName(version), func(t *testing.T) {
					url, given := askingServer(t, a, &tls.Config{ClientAuth: tls.RequireAnyClientCert,
						MaxVersion: version})
					files := newPairFiles(t)
					files.write(t, texts[0], texts[1])
					mustGet(t, newClient(t, url, withoutCheck, caFile(a.file), files.use), 1)
					if got := given(); !slices.Equal(got, []string{name}) {
						t.Errorf("the server got %q", got)
					}
				})
			}
		}
	}
}

// askingServer is a secure server, and the names of the clients' certificates that it got.
func askingServer(t *testing.T, a authority, config *tls.Config) (url string, given func() []string) {
	t.Helper()
	var mu sync.Mutex
	var names []string
	config.Certificates = []tls.Certificate{a.issue(t, nil)}
	config.VerifyConnection = func(c tls.ConnectionState) error {
		mu.Lock()
		defer mu.Unlock()
		names = append(names, c.PeerCertificates[0].Subject.CommonName)
		return nil
	}
	url, _ = secureServer(t, config)
	return url, func() []string {
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(names)
	}
}

// The client sends the certificate of an intermediate authority too, so that the server trusts
// its own, whatever their order in the file.
func TestClientCertificate_chain(t *testing.T) {
	a := newAuthority(t)
	middleKey, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	middle := &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "middle"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true,
		BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	root := &x509.Certificate{SerialNumber: big.NewInt(3), Subject: pkix.Name{CommonName: "root"},
		NotBefore: middle.NotBefore, NotAfter: middle.NotAfter, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign}
	rootKey, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	leafKey, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	sign := func(c, by *x509.Certificate, key, byKey *ecdsa.PrivateKey) []byte {
		der, err := x509.CreateCertificate(rand.Reader, c, by, key.Public(), byKey)
		if err != nil {
			t.Fatal(err)
		}
		return der
	}
	rootDER := sign(root, root, rootKey, rootKey)
	leaf := &x509.Certificate{SerialNumber: big.NewInt(4), Subject: pkix.Name{CommonName: "leaf"},
		NotBefore: middle.NotBefore, NotAfter: middle.NotAfter,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}
	leafPEM := block("CERTIFICATE", sign(leaf, middle, leafKey, middleKey))
	middlePEM := block("CERTIFICATE", sign(middle, root, middleKey, rootKey))
	der, err := x509.MarshalPKCS8PrivateKey(leafKey)
	if err != nil {
		t.Fatal(err)
	}
	trusted := x509.NewCertPool()
	trusted.AppendCertsFromPEM([]byte(block("CERTIFICATE", rootDER)))
	for _, chain := range []string{leafPEM + middlePEM, middlePEM + leafPEM} {
		url, given := askingServer(t, a, &tls.Config{ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: trusted})
		files := newPairFiles(t)
		files.write(t, chain, block("PRIVATE KEY", der))
		mustGet(t, newClient(t, url, withoutCheck, caFile(a.file), files.use), 1)
		if got := given(); !slices.Equal(got, []string{"leaf"}) {
			t.Errorf("the server got %q", got)
		}
	}
}

// An unusable file is refused before any request. The error has the setting, the file and the
// reason, and no piece of a key.
func TestClientCertificate_wrongFiles(t *testing.T) {
	forms := keyForms(t)
	ec, other := forms["ECDSA in PKCS#8"], forms["RSA in PKCS#8"]
	der := selfSigned(t, "terraform", ec.key, nil)
	good := block("CERTIFICATE", der)
	at := func(from, until time.Duration) string {
		return block("CERTIFICATE", selfSigned(t, "terraform", ec.key, func(c *x509.Certificate) {
			c.NotBefore, c.NotAfter = time.Now().Add(from), time.Now().Add(until)
		}))
	}
	utf16 := "\xff\xfe" + strings.Join(strings.Split(good, ""), "\x00")
	encrypted := "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\nMDAw\n" +
		"-----END RSA PRIVATE KEY-----\n"
	public, err := x509.MarshalPKIXPublicKey(ec.key.Public())
	if err != nil {
		t.Fatal(err)
	}
	swapped := "Check that client_cert_file (or NETBOX_CLIENT_CERT_FILE) and client_key_file (or " +
		"NETBOX_CLIENT_KEY_FILE) are not swapped."
	again := "Write the file again as it was issued."
	oneBlock := func(kind string) string { return block(kind, der) }
	for name, wrong := range map[string]struct{ text, says string }{
		"a key":           {ec.pem(), "contains a private key and no certificate. " + swapped},
		"empty":           {"", "is empty. Use a file that contains the certificate in PEM."},
		"DER":             {string(der), "is a certificate in DER form. \"openssl x509 -inform DER"},
		"DER of a key":    {string(ec.der), "is a private key in DER form. \"openssl pkey -inform DER"},
		"PKCS#12":         {"\x30\x82\x01\x00\x02\x01\x03", "such as PKCS#12 (.p12, .pfx)"},
		"UTF-16":          {utf16, "is in UTF-16. Save it as plain text"},
		"cut off":         {good[:len(good)/2], "joined or indented. " + again},
		"broken":          {block("CERTIFICATE", der[:50]), again},
		"a request":       {oneBlock("CERTIFICATE REQUEST"), "Have a CA sign it, and use the certificate"},
		"expired":         {at(-time.Hour, -time.Minute), "NETBOX_CLIENT_CERT_FILE) expired at "},
		"not valid yet":   {at(time.Minute, time.Hour), "NETBOX_CLIENT_CERT_FILE) is not valid before "},
		"text":            {"client.pem", "begins with -----BEGIN. Use a file that contains the certificate in PEM."},
		"PKCS#7 and text": {"x\n" + oneBlock("PKCS7"), "but a PEM block of the type PKCS7. Use a file that contains"},
	} {
		t.Run("certificate: "+name, func(t *testing.T) {
			files := newPairFiles(t)
			files.write(t, wrong.text, ec.pem())
			e := wantConfigError(t, files, settingClientCertFile, wrong.says)
			wantNamed(t, e, files.certificate, wrong.text, ec.pem())
		})
	}
	for name, wrong := range map[string]struct{ text, says string }{
		"a certificate": {good, "contains a certificate and no private key. " + swapped},
		"empty":         {" \n", "is empty. Use a file that contains the private key in PEM."},
		"DER":           {string(ec.der), "is a private key in DER form. \"openssl pkey -inform DER"},
		"cut off":       {ec.pem()[:len(ec.pem())/2], "joined or indented. " + again},
		"broken":        {block("PRIVATE KEY", ec.der[:30]), "contains a private key that cannot be read: "},
		"public": {block("PUBLIC KEY", public), "of the type PUBLIC KEY. Use a file that contains the private " +
			"key"},
		"SSH":                {block("OPENSSH PRIVATE KEY", ec.der), "in OpenSSH format"},
		"passphrase, PKCS#8": {block("ENCRYPTED PRIVATE KEY", ec.der), "is encrypted with a passphrase"},
		"passphrase, PKCS#1": {encrypted, "is encrypted with a passphrase, which is not supported."},
		"of another":         {other.pem(), `does not match the certificate "CN=terraform" in`},
		"not for signing":    {block("PRIVATE KEY", x25519(t)), "It must be of the type RSA, ECDSA or Ed25519."},
	} {
		t.Run("key: "+name, func(t *testing.T) {
			files := newPairFiles(t)
			files.write(t, good, wrong.text)
			e := wantConfigError(t, files, settingClientKeyFile, wrong.says)
			wantNamed(t, e, files.key, wrong.text, ec.pem())
		})
	}
}

// wantNamed checks that an error names the file and its setting, and has no content of a file.
func wantNamed(t *testing.T, e *ConfigError, file string, texts ...string) {
	t.Helper()
	if !strings.Contains(e.Detail, file+" (of "+e.Field+" or "+Variable(e.Field)+")") {
		t.Errorf("%s does not name the file and the setting", e.Detail)
	}
	for line := range strings.Lines(strings.Join(texts, "\n")) {
		line = strings.TrimSpace(line)
		if len(line) > 30 && !strings.HasPrefix(line, "-----") && strings.Contains(e.Detail, line) {
			t.Errorf("%s has a part of the file", e.Detail)
		}
	}
}

// x25519 is a key that cannot sign, in PKCS#8.
func x25519(t *testing.T) []byte {
	t.Helper()
	key, err := ecdh.X25519().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func wantConfigError(t *testing.T, files pairFiles, setting, says string) *ConfigError {
	t.Helper()
	config := Config{ServerURL: "https://netbox.example.com"}
	files.use(&config)
	_, err := New(config)
	e := wantError[*ConfigError](t, err)
	if e.Field != setting || !strings.Contains(e.Detail, says) {
		t.Errorf("got %v, want an error of %s: %s", err, setting, says)
	}
	return e
}

// The error about a file that cannot be read has the reason. For a relative path or a path with
// a tilde it has the folder too.
func TestClientCertificate_pathsThatCannotBeRead(t *testing.T) {
	good := newAuthority(t).issueClient(t, "terraform")
	for name, test := range map[string]struct {
		files         pairFiles
		setting, says string
	}{
		"no key": {pairFiles{good.certificate, ""}, settingClientKeyFile, "client_cert_file (or " +
			"NETBOX_CLIENT_CERT_FILE) is set, but client_key_file (or NETBOX_CLIENT_KEY_FILE) is not."},
		"only a key": {pairFiles{"", good.key}, settingClientCertFile, "client_key_file (or NETBOX_CLIENT_KEY_FILE) " +
			"is set, but client_cert_file (or NETBOX_CLIENT_CERT_FILE) is not."},
		"missing": {pairFiles{good.certificate + "x", good.key}, settingClientCertFile, "Cannot read the file \"" +
			good.certificate + "x\" (of client_cert_file or NETBOX_CLIENT_CERT_FILE): no such"},
		"a folder": {pairFiles{good.certificate, filepath.Dir(good.key)}, settingClientKeyFile,
			`Cannot read the file "` + filepath.Dir(good.key) + `" (of client_key_file or NETBOX_CLIENT_KEY_FILE): ` +
				"is a directory. Use a file in it."},
		"nothing at an absolute path": {pairFiles{good.certificate + "x", good.key}, settingClientCertFile,
			". Check the path."},
		"tilde": {pairFiles{"~/client.pem", good.key}, settingClientCertFile,
			`"~" is not expanded.`},
		"relative": {pairFiles{"no/client.pem", good.key}, settingClientCertFile, "The path is relative to "},
	} {
		t.Run(name, func(t *testing.T) { _ = wantConfigError(t, test.files, test.setting, test.says) })
	}
	if got := (settingFile{}).nextStep(fs.ErrPermission); got != " Give the user who runs this program the "+
		"permission to read it." {
		t.Errorf("not allowed: %q", got) // root, as which tests may run, is allowed to read all
	}
	t.Chdir(filepath.Dir(good.certificate))
	newClient(t, "https://netbox.example.com", pairFiles{"client.pem", "client-key.pem"}.use)
}

// The next connection uses a replaced pair of files. While certificate and key do not match, in
// the middle of a rotation, the client uses the last good pair.
func TestClientCertificate_rotates(t *testing.T) {
	a := newAuthority(t)
	url, given := askingServer(t, a, &tls.Config{ClientAuth: tls.RequireAnyClientCert})
	files := a.issueClient(t, "first")
	c := newClient(t, url, withoutCheck, caFile(a.file), files.use)
	connect := func(want string) {
		t.Helper()
		c.direct.CloseIdleConnections()
		mustGet(t, c, 1)
		if got := given(); got[len(got)-1] != want {
			t.Errorf("the server got the certificates of %q, want %q at last", got, want)
		}
	}
	connect("first")
	certificate, key, err := a.IssueClient("second", nil)
	if err != nil {
		t.Fatal(err)
	}
	old, err := os.ReadFile(files.key)
	if err != nil {
		t.Fatal(err)
	}
	files.write(t, certificate, string(old))
	connect("first")
	files.write(t, certificate, "")
	connect("first")
	files.write(t, certificate, key)
	connect("second")
	if err := os.Remove(files.certificate); err != nil {
		t.Fatal(err)
	}
	connect("second")
}
