package sign

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"hash"
	"strings"
)

// JWTAlgorithms are the algorithms of RFC 7518 that JWT knows.
func JWTAlgorithms() []string {
	return []string{"HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "ES256", "ES384", "ES512"}
}

// JWTFamily is what two algorithms have in common that work with the same key: HS, RS, or an ES algorithm itself,
// whose curve is its own.
func JWTFamily(algorithm string) string {
	if strings.HasPrefix(algorithm, "ES") || len(algorithm) < 2 {
		return algorithm
	}
	return algorithm[:2]
}

// CheckJWTKey says what is wrong with a key for an algorithm: the shared secret itself for HS, a private key in
// PEM for RS and ES. The error is a KeyError.
func CheckJWTKey(algorithm, key string) error {
	_, err := jwtKey(algorithm, key)
	return err
}

// jwtKey reads a key; it is nil for HS.
func jwtKey(algorithm, key string) (crypto.Signer, error) {
	if strings.HasPrefix(algorithm, "HS") {
		if strings.Contains(key, "-----BEGIN ") {
			return nil, KeyError("This is a key in PEM, and " + algorithm + " works with a shared secret. Choose an algorithm that starts with RS or ES.")
		}
		return nil, nil
	}
	signer, err := PrivateKey(key)
	if err != nil {
		return nil, err
	}
	switch k := signer.(type) {
	case *rsa.PrivateKey:
		if strings.HasPrefix(algorithm, "RS") {
			return signer, nil
		}
		return nil, KeyError("This is an RSA key, and " + algorithm + " works with an EC key on the curve " + curves[algorithm] + ".")
	case *ecdsa.PrivateKey:
		switch curve := k.Curve.Params().Name; {
		case strings.HasPrefix(algorithm, "RS"):
			return nil, KeyError("This is an EC key, and " + algorithm + " works with an RSA key.")
		case curve != curves[algorithm]:
			return nil, KeyError("This key is on the curve " + curve + ", and " + algorithm + " works with " + curves[algorithm] + ".")
		}
		return signer, nil
	}
	return nil, KeyError("This kind of key does not fit " + algorithm + ".")
}

// curves are the curves of the ES algorithms (RFC 7518, section 3.4).
var curves = map[string]string{"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}

// JWT signs claims: the compact form of RFC 7515. header and claims are JSON objects and are sent as they are;
// the header must name the algorithm. The error is a KeyError about the key.
func JWT(algorithm, key string, header, claims []byte) (string, error) {
	signer, err := jwtKey(algorithm, key)
	if err != nil {
		return "", err
	}
	signed := base64.RawURLEncoding.EncodeToString(header) + "." + base64.RawURLEncoding.EncodeToString(claims)
	sum, kind := hashOf(algorithm)
	var signature []byte
	switch key := signer.(type) {
	case *rsa.PrivateKey:
		sum.Write([]byte(signed))
		signature, err = rsa.SignPKCS1v15(rand.Reader, key, kind, sum.Sum(nil))
	case *ecdsa.PrivateKey:
		sum.Write([]byte(signed))
		signature, err = signEC(key, sum.Sum(nil))
	}
	if signer == nil {
		mac := hmac.New(func() hash.Hash { h, _ := hashOf(algorithm); return h }, []byte(key))
		mac.Write([]byte(signed))
		signature = mac.Sum(nil)
	}
	if err != nil {
		return "", KeyError("The key cannot sign.")
	}
	return signed + "." + base64.RawURLEncoding.EncodeToString(signature), nil
}

// signEC gives r and s one after the other, each as long as the curve (RFC 7518, section 3.4).
func signEC(key *ecdsa.PrivateKey, sum []byte) ([]byte, error) {
	r, s, err := ecdsa.Sign(rand.Reader, key, sum)
	if err != nil {
		return nil, err
	}
	size := (key.Curve.Params().BitSize + 7) / 8
	out := make([]byte, 2*size)
	r.FillBytes(out[:size])
	s.FillBytes(out[size:])
	return out, nil
}

func hashOf(algorithm string) (hash.Hash, crypto.Hash) {
	switch {
	case strings.HasSuffix(algorithm, "384"):
		return sha512.New384(), crypto.SHA384
	case strings.HasSuffix(algorithm, "512"):
		return sha512.New(), crypto.SHA512
	}
	return sha256.New(), crypto.SHA256
}
