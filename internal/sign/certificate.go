package sign

import (
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"time"
)

// Certificate is what can be told of a client certificate. It is valid From up to and including Until.
type Certificate struct {
	Subject string
	Issuer  string
	From    time.Time
	Until   time.Time
}

// ReadCertificate reads the first certificate of a PEM text, the one that a key belongs to; the chain may follow.
// The error is a KeyError.
func ReadCertificate(text string) (Certificate, error) {
	chain, err := chainOf(text)
	if err != nil {
		return Certificate{}, err
	}
	leaf := chain[0]
	return Certificate{
		Subject: leaf.Subject.String(), Issuer: leaf.Issuer.String(), From: leaf.NotBefore.UTC(), Until: leaf.NotAfter.UTC(),
	}, nil
}

// SameKey tells whether two certificates in PEM belong to one key.
func SameKey(one, other string) bool {
	a, err := chainOf(one)
	if err != nil {
		return false
	}
	b, err := chainOf(other)
	return err == nil && samePublic(a[0].PublicKey, b[0].PublicKey)
}

// Pair joins a certificate with its chain and its private key, both in PEM, for TLS. The error is a KeyError: about
// the key, or that the two do not belong together.
func Pair(certificate, key string) (tls.Certificate, error) {
	chain, err := chainOf(certificate)
	if err != nil {
		return tls.Certificate{}, err
	}
	signer, err := PrivateKey(key)
	if err != nil {
		return tls.Certificate{}, err
	}
	if !samePublic(chain[0].PublicKey, signer.Public()) {
		return tls.Certificate{}, KeyError("This private key does not belong to the certificate. The certificate of the key must come first, before its chain.")
	}
	pair := tls.Certificate{PrivateKey: signer, Leaf: chain[0]}
	for _, c := range chain {
		pair.Certificate = append(pair.Certificate, c.Raw)
	}
	return pair, nil
}

// Authorities are the certificates of a PEM text as those whom a server's certificate may be signed by. The error
// is a KeyError.
func Authorities(text string) (*x509.CertPool, error) {
	chain, err := chainOf(text)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	for _, c := range chain {
		pool.AddCert(c)
	}
	return pool, nil
}

// chainOf reads all certificates of a PEM text, at least one. Keys beside them are refused: such a text is kept
// and shown as it is.
func chainOf(text string) ([]*x509.Certificate, error) {
	var chain []*x509.Certificate
	rest := []byte(unfolded(text))
	for {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		switch block.Type {
		case "CERTIFICATE", "X509 CERTIFICATE":
			c, err := x509.ParseCertificate(block.Bytes)
			if err != nil {
				return nil, KeyError("The certificate cannot be read: what stands between its BEGIN and END lines is damaged.")
			}
			chain = append(chain, c)
		case "CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST":
			return nil, KeyError("This is a request for a certificate. Give the certificate that was issued for it.")
		default:
			return nil, KeyError("Only certificates belong here, and this text holds something else (" + block.Type + ").")
		}
	}
	if len(chain) == 0 {
		return nil, KeyError("This is not a certificate in PEM, which starts with -----BEGIN CERTIFICATE-----.")
	}
	return chain, nil
}

func samePublic(a, b crypto.PublicKey) bool {
	known, ok := a.(interface{ Equal(x crypto.PublicKey) bool })
	return ok && known.Equal(b)
}
