package sign_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha512"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"math/big"
	"strings"
	"testing"
	"time"

	"tieline/internal/sign"
)

func pemOf(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

// must gives the bytes of something that cannot fail in a test.
func must(t *testing.T) func(der []byte, err error) []byte {
	t.Helper()
	return func(der []byte, err error) []byte {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return der
	}
}

func ecKey(t *testing.T, curve elliptic.Curve) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(curve, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func rsaKey(t *testing.T, bits int) *rsa.PrivateKey {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func certificate(t *testing.T, key *ecdsa.PrivateKey, name string) string {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC),
	}
	return pemOf("CERTIFICATE", must(t)(x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)))
}

func TestPrivateKeysOfEveryFormAreRead(t *testing.T) {
	t.Parallel()
	one, two := rsaKey(t, 2048), ecKey(t, elliptic.P384())
	pkcs8 := pemOf("PRIVATE KEY", must(t)(x509.MarshalPKCS8PrivateKey(one)))
	sec1 := pemOf("EC PRIVATE KEY", must(t)(x509.MarshalECPrivateKey(two)))
	for name, text := range map[string]string{
		"PKCS #8": pkcs8, "PKCS #1": pemOf("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(one)), "SEC 1": sec1,
		"behind its parameters": "-----BEGIN EC PARAMETERS-----\nBgUrgQQAIg==\n-----END EC PARAMETERS-----\n" + sec1,
		"out of a JSON file":    strings.ReplaceAll(strings.TrimSpace(pkcs8), "\n", `\n`),
		"with words around it":  "Key:\n" + pkcs8 + "\nbye",
	} {
		if _, err := sign.PrivateKey(text); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestWhatIsNoPrivateKeyIsSaid(t *testing.T) {
	t.Parallel()
	key := ecKey(t, elliptic.P256())
	for text, want := range map[string]string{
		"":      "not a private key in PEM",
		"hello": "not a private key in PEM",
		"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----":                                                             "cannot be read",
		"-----BEGIN PRIVATE KEY-----\n":                                                                                            "not a private key in PEM",
		"-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----":                                         "passphrase",
		"-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nAAAA\n-----END RSA PRIVATE KEY-----": "passphrase",
		"-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----":                                             "OpenSSH",
		certificate(t, key, "x"): "This is a certificate",
		pemOf("PUBLIC KEY", must(t)(x509.MarshalPKIXPublicKey(&key.PublicKey))):                 "public key",
		pemOf("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(smallRSA(t))):                      "2048 bits",
		"-----BEGIN NOTHING-----\nAAAA\n-----END NOTHING-----":                                  "no private key",
		strings.Repeat("-----BEGIN EC PARAMETERS-----\nAA==\n-----END EC PARAMETERS-----\n", 9): "not a private key in PEM",
	} {
		_, err := sign.PrivateKey(text)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40q: %v, want %q", text, err, want)
		}
	}
}

// smallRSA is a key of 1024 bits, which Go itself no longer makes.
func smallRSA(t *testing.T) *rsa.PrivateKey {
	t.Helper()
	p, q := big.NewInt(0), big.NewInt(0)
	for _, n := range []*big.Int{p, q} {
		prime, err := rand.Prime(rand.Reader, 512)
		if err != nil {
			t.Fatal(err)
		}
		n.Set(prime)
	}
	one := big.NewInt(1)
	e := big.NewInt(65537)
	d := new(big.Int).ModInverse(e, new(big.Int).Mul(new(big.Int).Sub(p, one), new(big.Int).Sub(q, one)))
	if d == nil || p.Cmp(q) == 0 {
		return smallRSA(t)
	}
	return &rsa.PrivateKey{PublicKey: rsa.PublicKey{N: new(big.Int).Mul(p, q), E: 65537}, D: d, Primes: []*big.Int{p, q}}
}

func TestAKeyMustFitItsAlgorithm(t *testing.T) {
	t.Parallel()
	rsa2048 := pemOf("PRIVATE KEY", must(t)(x509.MarshalPKCS8PrivateKey(rsaKey(t, 2048))))
	p256 := pemOf("PRIVATE KEY", must(t)(x509.MarshalPKCS8PrivateKey(ecKey(t, elliptic.P256()))))
	for _, tc := range []struct{ algorithm, key, want string }{
		{"HS256", "short", ""},
		{"HS512", rsa2048, "shared secret"},
		{"RS256", rsa2048, ""},
		{"RS512", rsa2048, ""},
		{"RS256", p256, "works with an RSA key"},
		{"ES256", p256, ""},
		{"ES384", p256, "P-384"},
		{"ES256", rsa2048, "P-256"},
		{"ES256", "secret", "not a private key"},
	} {
		err := sign.CheckJWTKey(tc.algorithm, tc.key)
		if tc.want == "" && err != nil || tc.want != "" && (err == nil || !strings.Contains(err.Error(), tc.want)) {
			t.Errorf("%s: %v, want %q", tc.algorithm, err, tc.want)
		}
		if _, made := sign.JWT(tc.algorithm, tc.key, []byte("{}"), []byte("{}")); (made == nil) != (tc.want == "") {
			t.Errorf("%s signs: %v", tc.algorithm, made)
		}
	}
}

// TestJWTOfRFC7515 is the example of its appendix A.1.
func TestJWTOfRFC7515(t *testing.T) {
	t.Parallel()
	key, err := base64.RawURLEncoding.DecodeString("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow")
	if err != nil {
		t.Fatal(err)
	}
	got, err := sign.JWT("HS256", string(key), []byte("{\"typ\":\"JWT\",\r\n \"alg\":\"HS256\"}"), []byte("{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}"))
	const want = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
	if err != nil || got != want {
		t.Errorf("%s, %v", got, err)
	}
}

func TestES512IsTwoNumbersOfOneLength(t *testing.T) {
	t.Parallel()
	key := ecKey(t, elliptic.P521())
	text := pemOf("EC PRIVATE KEY", must(t)(x509.MarshalECPrivateKey(key)))
	for range 20 {
		token, err := sign.JWT("ES512", text, []byte("{}"), []byte(`{"a":1}`))
		if err != nil {
			t.Fatal(err)
		}
		at := strings.LastIndexByte(token, '.')
		signature, _ := base64.RawURLEncoding.DecodeString(token[at+1:])
		sum := sha512.Sum512([]byte(token[:at]))
		if len(signature) != 132 || !ecdsa.Verify(&key.PublicKey, sum[:], new(big.Int).SetBytes(signature[:66]), new(big.Int).SetBytes(signature[66:])) {
			t.Fatalf("%d bytes, or they do not hold", len(signature))
		}
	}
}

func TestSums(t *testing.T) {
	t.Parallel()
	const fox = "The quick brown fox jumps over the lazy dog"
	for _, tc := range []struct{ algorithm, encoding, want string }{
		{"md5", "hex", "9e107d9d372bb6826bd81d3542a419d6"},
		{"sha1", "HEX", "2FD4E1C67A2D28FCED849EE1BB76E7391B93EB12"},
		{"sha256", "hex", "d7a8fbb307d7809469ca9abcb0082e4f8d5651e46d3cdb762d02d0bf37c9e592"},
		{"hmac_md5", "hex", "80070713463e7749b90c2dc24911e275"},
		{"hmac_sha1", "base64", "3nybhbi3iqa8ino29wqQcBydtNk="},
		{"hmac_sha256", "hex", "f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8"},
		{"hmac_sha256", "base64url", "97yD9DBThCSxMpjmqm-xQ-9NWaFJRhdZl0edvC0aPNg"},
	} {
		if got := sign.Encode(tc.encoding, sign.Sum(tc.algorithm, "key", []byte(fox))); got != tc.want {
			t.Errorf("%s %s = %s, want %s", tc.algorithm, tc.encoding, got, tc.want)
		}
	}
	if len(sign.Sum("sha512", "", nil)) != 64 || len(sign.Sum("hmac_sha512", "k", nil)) != 64 {
		t.Error("sha512 is too short")
	}
	for _, algorithm := range sign.SumAlgorithms() {
		if sign.Keyed(algorithm) != strings.HasPrefix(algorithm, "hmac_") || sign.Weak(algorithm) && strings.Contains(algorithm, "sha256") {
			t.Errorf("%s is misjudged", algorithm)
		}
	}
}

func TestPairAndCertificate(t *testing.T) {
	t.Parallel()
	key, other := ecKey(t, elliptic.P256()), ecKey(t, elliptic.P256())
	leaf, issuer := certificate(t, key, "acme"), certificate(t, other, "issuer")
	text := pemOf("EC PRIVATE KEY", must(t)(x509.MarshalECPrivateKey(key)))
	pair, err := sign.Pair(leaf+"\n"+issuer, text)
	if err != nil || len(pair.Certificate) != 2 {
		t.Fatalf("%d certificates, %v", len(pair.Certificate), err)
	}
	facts, err := sign.ReadCertificate(leaf)
	if err != nil || facts.Subject != "CN=acme" || facts.Until != time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC) {
		t.Errorf("%+v, %v", facts, err)
	}
	if !sign.SameKey(leaf, certificate(t, key, "renewed")) || sign.SameKey(leaf, issuer) || sign.SameKey(leaf, "x") {
		t.Error("keys are compared wrongly")
	}
	for certs, want := range map[string]string{
		issuer: "does not belong to the certificate", issuer + leaf: "must come first", "": "not a certificate", leaf + text: "something else",
		"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----": "damaged", "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----": "request",
	} {
		if _, err := sign.Pair(certs, text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.30q: %v, want %q", certs, err, want)
		}
		if _, err := sign.Authorities(certs); (err == nil) != strings.HasPrefix(want, "does not") && (err == nil) != (want == "must come first") {
			t.Errorf("authorities of %.30q: %v", certs, err)
		}
	}
}
