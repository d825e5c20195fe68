package executor

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"tieline/internal/integration"
	"tieline/internal/outbound"
	"tieline/internal/run"
)

// echo gives back everything that came, as a vendor with a chatty error page does.
func echo(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	_ = json.NewEncoder(w).Encode(map[string]any{"headers": r.Header, "url": r.URL.String(), "body": string(body)})
}

func pkcs8(t *testing.T, key any) string {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

func TestAJWTIsOneThatTheVendorCanCheck(t *testing.T) {
	t.Parallel()
	one, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	two, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for algorithm, key := range map[string]string{"HS256": "cnry_variable_5e0d44", "RS256": pkcs8(t, one), "ES256": pkcs8(t, two)} {
		t.Run(algorithm, func(t *testing.T) {
			t.Parallel()
			var sent []string
			b := newBench(t, outbound.Options{})
			host, _ := vendor(t, func(w http.ResponseWriter, r *http.Request) {
				sent = append(sent, strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "))
				echo(w, r)
			})
			j := b.job(t, host, integration.Endpoint{URL: "/x"})
			j.Integrator.Auth = integration.Auth{Kind: "jwt", Settings: map[string]string{"algorithm": algorithm, "claims": `{"sub":"{{who}}"}`, "header": `{"kid":"k1"}`, "ttl_s": "60"}}
			b.seal(t, &j, "auth.key", key)
			j.Tokens = map[string]any{"who": "Zoë"}
			r := b.run(t, j)
			mustCause(t, r, run.Succeeded, "")
			parts := strings.Split(sent[0], ".")
			signature, _ := base64.RawURLEncoding.DecodeString(parts[2])
			sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
			ok := false
			switch algorithm {
			case "HS256":
				mac := hmac.New(sha256.New, []byte(key))
				mac.Write([]byte(parts[0] + "." + parts[1]))
				ok = hmac.Equal(mac.Sum(nil), signature)
			case "RS256":
				ok = rsa.VerifyPKCS1v15(&one.PublicKey, crypto.SHA256, sum[:], signature) == nil
			case "ES256":
				ok = len(signature) == 64 && ecdsa.Verify(&two.PublicKey, sum[:], new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:]))
			}
			var claims struct {
				Sub      string
				Iat, Exp int64
			}
			payload, _ := base64.RawURLEncoding.DecodeString(parts[1])
			if err := json.Unmarshal(payload, &claims); err != nil || !ok || claims.Sub != "Zoë" || claims.Exp != claims.Iat+60 {
				t.Errorf("signature holds: %t, claims %s", ok, payload)
			}
			all := everything(t, r)
			for _, hidden := range []string{sent[0], parts[2], key} {
				if strings.Contains(all, hidden) {
					t.Errorf("the run holds %s", hidden)
				}
			}
			search(t, all)
		})
	}
}

func TestASignatureIsOfWhatArrives(t *testing.T) {
	t.Parallel()
	const key = "cnry_variable_5e0d44"
	var given, want string
	b := newBench(t, outbound.Options{})
	host, _ := vendor(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mac := hmac.New(sha256.New, []byte(key))
		mac.Write([]byte(strings.Join([]string{r.Method, r.Host, r.URL.EscapedPath(), r.URL.RawQuery, r.Header.Get("X-Time"), r.Header.Get("X-Nonce"), string(body)}, "\n")))
		given, want = r.Header.Get("X-Signature"), hex.EncodeToString(mac.Sum(nil))
		r.Body = io.NopCloser(strings.NewReader(string(body)))
		echo(w, r)
	})
	e := integration.Endpoint{
		Method: "POST", URL: "/a b/{{who}}?x={{who}}", Body: integration.Body{Kind: "json", Content: `{"who":"{{who}}"}`},
		Headers: []integration.Row{{Name: "X-Time", Value: "{{auth.timestamp}}"}, {Name: "X-Nonce", Value: "{{auth.nonce}}"}},
	}
	nonces := map[string]bool{}
	for range 2 {
		j := b.job(t, host, e)
		j.Integrator.Auth = integration.Auth{Kind: "signature", Settings: map[string]string{
			"fields": "method\nhost\npath\nquery\ntimestamp\nnonce\nbody", "separator": `\n`, "in": "header", "name": "X-Signature",
		}}
		b.seal(t, &j, "auth.key", key)
		j.Tokens = map[string]any{"who": "Zoë & co"}
		r := b.run(t, j)
		mustCause(t, r, run.Succeeded, "")
		if given == "" || given != want {
			t.Errorf("signature = %q, want %q", given, want)
		}
		all := everything(t, r)
		if strings.Contains(all, given) {
			t.Error("the run holds the signature")
		}
		search(t, all)
		nonces[given] = true
	}
	if len(nonces) != 2 {
		t.Error("the nonce does not change")
	}
}

func TestThePreviewSignsAndShowsNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t, outbound.Options{})
	host, hits := vendor(t, echo)
	for kind, auth := range map[string]struct {
		settings    map[string]string
		secret, see string
	}{
		"jwt":         {nil, "auth.key", "JWT (HS256) made for this call"},
		"signature":   {map[string]string{"fields": "path", "name": "X-Sig"}, "auth.key", "signature (hmac_sha256)"},
		"digest":      {map[string]string{"username": "bob"}, "auth.password", "the server is asked first"},
		"client_cert": {nil, "auth.key", "shown when the connection is made"},
		"connectwise": {map[string]string{"company_id": "acme", "public_key": "pub", "client_id": "cid"}, "auth.private_key", "API member keys"},
	} {
		j := b.job(t, host, integration.Endpoint{URL: "/x"})
		j.Integrator.Auth = integration.Auth{Kind: kind, Settings: auth.settings}
		b.seal(t, &j, auth.secret, "cnry_variable_5e0d44")
		shown, err := b.e.Preview(t.Context(), j)
		if err != nil || len(shown.Problems) != 0 {
			t.Fatalf("%s: %v %+v", kind, err, shown.Problems)
		}
		last := shown.Tokens[len(shown.Tokens)-1]
		if last.Name != "auth.token" || !strings.Contains(last.Source, auth.see) {
			t.Errorf("%s: trace = %+v", kind, last)
		}
		for _, h := range shown.Request.Headers {
			if value := strings.TrimPrefix(strings.TrimPrefix(h.Value, "Bearer "), "Basic "); value != "••••" && h.Name != "clientId" {
				t.Errorf("%s: the header %s shows %s", kind, h.Name, h.Value)
			}
		}
	}
	if hits.Load() != 0 {
		t.Error("a preview was sent")
	}
}

func TestACallShowsItsClientCertificate(t *testing.T) {
	t.Parallel()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(7), Subject: pkix.Name{CommonName: "acme"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	text := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	clients := x509.NewCertPool()
	clients.AppendCertsFromPEM([]byte(text))
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, r.TLS.PeerCertificates[0].Subject.CommonName)
	}))
	s.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: clients}
	s.StartTLS()
	t.Cleanup(s.Close)
	b := newBench(t, outbound.Options{})
	certified := func(authOfEndpoint string) Job {
		host := strings.TrimPrefix(s.URL, "https://")
		j := b.job(t, host, integration.Endpoint{URL: "/x", Auth: authOfEndpoint})
		j.Integrator.BaseURL = ""
		j.Integrator.Auth = integration.Auth{Kind: "client_cert", Settings: map[string]string{"certificate": text, "ca": text}}
		b.seal(t, &j, "auth.key", pkcs8(t, key))
		return j
	}
	r := b.run(t, certified(""))
	mustCause(t, r, run.Succeeded, "")
	if r.Result == nil || *r.Result != "acme" {
		t.Errorf("the server saw %v", r.Result)
	}
	if strings.Contains(everything(t, r), "PRIVATE KEY") {
		t.Error("the key is in the run")
	}
	mustCause(t, b.run(t, certified("none")), run.Failed, run.TLSFailure)
}
