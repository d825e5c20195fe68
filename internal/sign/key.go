// Package sign makes what proves who a caller is and changes with every request: signed tokens, signatures over
// a request, and answers to a server's challenge. It knows keys, certificates and algorithms, and nothing of
// requests, templates or where a key is kept. What is wrong with a key is said in a sentence for the person who
// gave it, which never holds a part of the key.
package sign

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"strings"
)

// KeyError is a sentence that says what is wrong with a key or a certificate.
type KeyError string

// Error gives the sentence.
func (e KeyError) Error() string { return string(e) }

// smallestRSA is the fewest bits that an RSA key may have (RFC 7518, section 3.3).
const smallestRSA = 2048

// PrivateKey reads a private key in PEM: PKCS #8, PKCS #1 (RSA) or SEC 1 (EC), without a passphrase. The error
// is a KeyError.
func PrivateKey(text string) (crypto.Signer, error) {
	block, err := keyBlock(unfolded(text))
	if err != nil {
		return nil, err
	}
	var key any
	switch block.Type {
	case "PRIVATE KEY":
		key, err = x509.ParsePKCS8PrivateKey(block.Bytes)
	case "RSA PRIVATE KEY":
		key, err = x509.ParsePKCS1PrivateKey(block.Bytes)
	case "EC PRIVATE KEY":
		key, err = x509.ParseECPrivateKey(block.Bytes)
	default:
		return nil, notPrivate(block.Type)
	}
	if err != nil {
		return nil, KeyError("The private key cannot be read: what stands between its BEGIN and END lines is damaged or of a kind that is not known.")
	}
	switch key := key.(type) {
	case *rsa.PrivateKey:
		if key.N.BitLen() < smallestRSA {
			return nil, KeyError("An RSA key needs at least 2048 bits (RFC 7518).")
		}
		return key, nil
	case *ecdsa.PrivateKey:
		return key, nil
	case ed25519.PrivateKey:
		return key, nil
	}
	return nil, KeyError("This kind of private key is not known; RSA and EC keys are.")
}

// keyBlock is the first block of a PEM text that could be a key.
func keyBlock(text string) (*pem.Block, error) {
	rest := []byte(text)
	for {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			return nil, KeyError("This is not a private key in PEM, which starts with -----BEGIN PRIVATE KEY-----.")
		}
		if block.Headers["DEK-Info"] != "" || block.Type == "ENCRYPTED PRIVATE KEY" {
			return nil, KeyError("This private key has a passphrase. Give it without one (openssl pkey -in key.pem).")
		}
		if block.Type != "EC PARAMETERS" {
			return block, nil
		}
	}
}

func notPrivate(kind string) error {
	switch kind {
	case "CERTIFICATE":
		return KeyError("This is a certificate; the private key that belongs to it is needed here.")
	case "PUBLIC KEY", "RSA PUBLIC KEY":
		return KeyError("This is a public key; the private one is needed here.")
	case "OPENSSH PRIVATE KEY":
		return KeyError("This key is in the form of OpenSSH. Write it as PEM first (ssh-keygen -p -m PEM).")
	}
	return KeyError("This PEM text holds no private key.")
}

// unfolded undoes the \n that a PEM text has where it was copied out of a JSON file.
func unfolded(text string) string {
	if strings.Contains(text, `\n`) && !strings.Contains(strings.TrimSpace(text), "\n") {
		return strings.ReplaceAll(text, `\n`, "\n")
	}
	return text
}
