package outbound

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"tieline/internal/run"
	"tieline/internal/secret"
)

// authority signs certificates.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	pem  string
}

func newAuthority(t *testing.T, name string) authority {
	t.Helper()
	a := authority{key: newKey(t)}
	a.cert = &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, a.cert, a.cert, &a.key.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	if a.cert, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	a.pem = string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	return a
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// issue makes a certificate for a client or for a server on loopback.
func (a authority) issue(t *testing.T, name string, until time.Time) Identity {
	t.Helper()
	key := newKey(t)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-48 * time.Hour), NotAfter: until, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth}, KeyUsage: x509.KeyUsageDigitalSignature,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, &key.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	text, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return Identity{
		Certificate: string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})),
		Key:         secret.NewText(string(pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: text}))),
	}
}

// mutual is a server with a certificate of the authority that lets in only whom it signed; it answers with their name.
func mutual(t *testing.T, a authority, version uint16) string {
	t.Helper()
	own := a.issue(t, "server", time.Now().Add(time.Hour))
	pair, err := tls.X509KeyPair([]byte(own.Certificate), []byte(own.Key.Reveal()))
	if err != nil {
		t.Fatal(err)
	}
	clients := x509.NewCertPool()
	clients.AddCert(a.cert)
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, r.TLS.PeerCertificates[0].Subject.CommonName+" "+r.RemoteAddr)
	}))
	s.TLS = &tls.Config{MinVersion: version, MaxVersion: version, Certificates: []tls.Certificate{pair}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: clients}
	s.StartTLS()
	t.Cleanup(s.Close)
	return s.URL
}

func TestAClientCertificateIsShownAndNeverShared(t *testing.T) {
	t.Parallel()
	for name, version := range map[string]uint16{"TLS 1.2": tls.VersionTLS12, "TLS 1.3": tls.VersionTLS13} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAuthority(t, "the authority")
			url := mutual(t, a, version)
			c := onLoopback(t)
			answers := map[string]string{}
			people := map[string]Identity{}
			for _, who := range []string{"alice", "bob"} {
				people[who] = with(a.issue(t, who, time.Now().Add(time.Hour)), a.pem)
			}
			for range 2 {
				for who, id := range people {
					x, f := c.Do(t.Context(), get(url), Policy{CustomerID: "one", Identity: id})
					if f != nil {
						t.Fatal(f)
					}
					got := string(x.Response.Body)
					if !strings.HasPrefix(got, who+" ") {
						t.Errorf("%s was taken for %s", who, got)
					}
					if before := answers[who]; before != "" && (before != got || !x.Timings.Reused) {
						t.Errorf("the connection was not kept: %s then %s", before, got)
					}
					answers[who] = got
				}
			}
			_, f := c.Do(t.Context(), get(url), Policy{CustomerID: "one", Identity: Identity{Authorities: a.pem}})
			mustFail(t, f, run.TLSFailure)
		})
	}
}

func TestWhatIsWrongWithAClientCertificateIsSaid(t *testing.T) {
	t.Parallel()
	for name, version := range map[string]uint16{"TLS 1.2": tls.VersionTLS12, "TLS 1.3": tls.VersionTLS13} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, other := newAuthority(t, "the authority"), newAuthority(t, "another")
			url := mutual(t, a, version)
			mixed := a.issue(t, "x", time.Now().Add(time.Hour))
			mixed.Key = a.issue(t, "y", time.Now().Add(time.Hour)).Key
			for _, tc := range []struct {
				name, summary, hint string
				id                  Identity
			}{
				{"none", "wants a client certificate", "Client certificate", Identity{Authorities: a.pem}},
				{"of another authority", "did not accept our client certificate", "vendor", with(other.issue(t, "eve", time.Now().Add(time.Hour)), a.pem)},
				{"expired", "did not accept our client certificate", "", with(a.issue(t, "old", time.Now().Add(-time.Hour)), a.pem)},
				{"a server that the authority does not vouch for", "signed by nobody we know", "names the authority", with(a.issue(t, "bob", time.Now().Add(time.Hour)), other.pem)},
				{"another key", "cannot be used", "give the client certificate", with(mixed, a.pem)},
				{"no certificate at all", "cannot be used", "", Identity{Certificate: "x", Key: secret.NewText("no key at all 71f")}},
				{"no authority at all", "cannot be used", "", with(a.issue(t, "bob", time.Now().Add(time.Hour)), "x")},
			} {
				t.Run(tc.name, func(t *testing.T) {
					t.Parallel()
					_, f := onLoopback(t).Do(t.Context(), run.Request{Method: "POST", URL: url, Body: []byte("x")}, Policy{Unsafe: true, Identity: tc.id})
					mustFail(t, f, run.TLSFailure)
					if !strings.Contains(f.Summary, tc.summary) || !strings.Contains(f.Hint, tc.hint) {
						t.Errorf("%+v", f)
					}
					if key := tc.id.Key.Reveal(); key != "" && strings.Contains(f.Summary+f.Evidence+f.Hint, key) {
						t.Error("the key is told")
					}
				})
			}
		})
	}
}

func with(id Identity, authorities string) Identity {
	id.Authorities = authorities
	return id
}
