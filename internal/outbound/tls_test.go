package outbound

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"tieline/internal/run"
)

func poolOf(s *httptest.Server) *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(s.Certificate())
	return pool
}

// certified is a TLS vendor with a certificate of its own.
func certified(t *testing.T, name string, from, to time.Time) (string, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotBefore: from, NotAfter: to,
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	if ip := net.ParseIP(name); ip != nil {
		template.IPAddresses = []net.IP{ip}
	} else {
		template.DNSNames = []string{name}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(leaf)
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok") }))
	s.Config.ErrorLog = nil
	s.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
	s.StartTLS()
	t.Cleanup(s.Close)
	return s.URL, pool
}

func TestTLSFactsAreTold(t *testing.T) {
	t.Parallel()
	url, pool := certified(t, "127.0.0.1", time.Now().Add(-time.Hour), time.Now().Add(time.Hour))
	c := New(Options{AllowOutbound: loopbackOnly, RootCAs: pool})
	x, f := c.Do(t.Context(), get(url), Policy{})
	if f != nil {
		t.Fatal(f)
	}
	if x.TLS == nil || x.TLS.Version != "TLS 1.3" || x.TLS.Subject != "CN=127.0.0.1" || x.TLS.Expires.IsZero() || x.Timings.TLS <= 0 {
		t.Errorf("%+v %+v", x.TLS, x.Timings)
	}
	x, f = c.Do(t.Context(), get(url), Policy{})
	if f != nil || !x.Timings.Reused || x.TLS == nil || x.Timings.TLS != 0 {
		t.Errorf("%+v %+v", f, x.Timings)
	}
}

func TestEveryCertificateProblemHasItsOwnWords(t *testing.T) {
	t.Parallel()
	now := time.Now()
	expired, expiredPool := certified(t, "127.0.0.1", now.Add(-48*time.Hour), now.Add(-24*time.Hour))
	foreign, foreignPool := certified(t, "crm.test", now.Add(-time.Hour), now.Add(time.Hour))
	unknown, _ := certified(t, "127.0.0.1", now.Add(-time.Hour), now.Add(time.Hour))
	for _, tc := range []struct {
		name, url, summary, evidence string
		pool                         *x509.CertPool
	}{
		{"expired", expired, "out of date", "valid from", expiredPool},
		{"wrong host", foreign, "for another name", "crm.test, not 127.0.0.1", foreignPool},
		{"unknown authority", unknown, "signed by nobody we know", "CN=127.0.0.1", x509.NewCertPool()},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			c := New(Options{AllowOutbound: loopbackOnly, RootCAs: tc.pool})
			_, f := c.Do(t.Context(), run.Request{Method: "POST", URL: tc.url}, Policy{Unsafe: true})
			mustFail(t, f, run.TLSFailure)
			if !strings.Contains(f.Summary, tc.summary) || !strings.Contains(f.Evidence, tc.evidence) {
				t.Errorf("%+v", f)
			}
		})
	}
}

func TestWhatIsNoTLSHasItsOwnWords(t *testing.T) {
	t.Parallel()
	plain, _ := vendor(t, func(http.ResponseWriter, *http.Request) {})
	closing := listen(t)
	go func() {
		for {
			c, err := closing.Accept()
			if err != nil {
				return
			}
			_ = c.Close()
		}
	}()
	demanding := httptest.NewUnstartedServer(http.NotFoundHandler())
	demanding.TLS = &tls.Config{MaxVersion: tls.VersionTLS12, ClientAuth: tls.RequireAnyClientCert}
	demanding.StartTLS()
	t.Cleanup(demanding.Close)
	for _, tc := range []struct{ name, url, summary string }{
		{"plain http", strings.Replace(plain, "http://", "https://", 1), "no TLS on this port"},
		{"closed", "https://" + closing.Addr().String(), "the TLS handshake failed"},
		{"client certificate", demanding.URL, "wants a client certificate"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			c := New(Options{AllowOutbound: loopbackOnly, RootCAs: poolOf(demanding)})
			_, f := c.Do(t.Context(), get(tc.url), Policy{})
			mustFail(t, f, run.TLSFailure)
			if !strings.Contains(f.Summary, tc.summary) {
				t.Errorf("%+v", f)
			}
		})
	}
}

func TestASilentHandshakeEnds(t *testing.T) {
	t.Parallel()
	l := listen(t)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go hang(c)
		}
	}()
	start := time.Now()
	_, f := onLoopback(t).Do(t.Context(), get("https://"+l.Addr().String()), Policy{Total: 200 * time.Millisecond})
	if f == nil || f.Cause != run.TLSFailure && f.Cause != run.ConnectTimeout {
		t.Errorf("%+v", f)
	}
	within1s(t, start)
}
