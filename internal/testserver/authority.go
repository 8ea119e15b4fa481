package testserver

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"time"
)

// Authority is a private certificate authority.
type Authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	pem         string
}

// NewAuthority creates an authority whose certificates are valid for a day.
func NewAuthority(name string) (*Authority, error) {
	template := validNow(name)
	template.IsCA, template.BasicConstraintsValid, template.KeyUsage = true, true, x509.KeyUsageCertSign
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, err
	}
	return &Authority{certificate: template, key: key, pem: inPEM("CERTIFICATE", der)}, nil
}

// PEM returns the authority's certificate.
func (a *Authority) PEM() string { return a.pem }

// Issue issues a server certificate for 127.0.0.1 and localhost. change may modify it, or be
// nil.
func (a *Authority) Issue(change func(*x509.Certificate)) (tls.Certificate, error) {
	template := validNow("stand-in server")
	template.IPAddresses, template.DNSNames = []net.IP{net.IPv4(127, 0, 0, 1)}, []string{"localhost"}
	template.KeyUsage, template.ExtKeyUsage = x509.KeyUsageDigitalSignature,
		[]x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	if change != nil {
		change(template)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.certificate, key.Public(), a.key)
	if err != nil {
		return tls.Certificate{}, err
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, nil
}

// IssueFor is like Issue, for one host name or address.
func (a *Authority) IssueFor(host string) (tls.Certificate, error) {
	return a.Issue(func(c *x509.Certificate) {
		c.IPAddresses, c.DNSNames = nil, []string{host}
		if address := net.ParseIP(host); address != nil {
			c.IPAddresses, c.DNSNames = []net.IP{address}, nil
		}
	})
}

// IssueClient issues a client certificate and its key, both in PEM. change may modify the
// certificate, or be nil.
func (a *Authority) IssueClient(name string, change func(*x509.Certificate)) (certificate, key string, err error) {
	issued, err := a.Issue(func(c *x509.Certificate) {
		c.Subject.CommonName, c.IPAddresses, c.DNSNames = name, nil, nil
		c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
		if change != nil {
			change(c)
		}
	})
	if err != nil {
		return "", "", err
	}
	der, err := x509.MarshalPKCS8PrivateKey(issued.PrivateKey)
	if err != nil {
		return "", "", err
	}
	return inPEM("CERTIFICATE", issued.Certificate[0]), inPEM("PRIVATE KEY", der), nil
}

// Pool returns a pool with only this authority.
func (a *Authority) Pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM([]byte(a.pem))
	return pool
}

// IssuePEM is like Issue, and returns the certificate and the key in PEM. The API server also
// accepts the key's format for service accounts.
func (a *Authority) IssuePEM() (certificate, key string, err error) {
	issued, err := a.Issue(nil)
	if err != nil {
		return "", "", err
	}
	private, ok := issued.PrivateKey.(*ecdsa.PrivateKey)
	if !ok {
		return "", "", fmt.Errorf("a key of type %T", issued.PrivateKey)
	}
	der, err := x509.MarshalECPrivateKey(private)
	if err != nil {
		return "", "", err
	}
	return inPEM("CERTIFICATE", issued.Certificate[0]), inPEM("EC PRIVATE KEY", der), nil
}

func validNow(name string) *x509.Certificate {
	serial, _ := rand.Int(rand.Reader, big.NewInt(1<<62)) // never fails
	return &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
	}
}

func inPEM(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}
