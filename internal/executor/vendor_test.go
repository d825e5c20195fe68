//go:build linux

package executor

import (
	"bufio"
	"context"
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
	"net/netip"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"golang.org/x/tools/txtar"
)

// tcpVendor is a vendor that does with its connections what a file of the corpus says. It is its own name
// server.
type tcpVendor struct {
	addr     string
	answer   []byte
	does     string // close, hang, hang after the answer, or ""
	reset    int    // bytes after which the connection is reset; -1: never
	redirect string
	onlyMove bool // every request is redirected
	names    string
	tls      *tls.Config
	plainTLS bool
	roots    *x509.CertPool
	requests atomic.Int64
}

func newTCPVendor(t *testing.T, a *txtar.Archive) *tcpVendor {
	t.Helper()
	v := &tcpVendor{reset: -1, roots: x509.NewCertPool()}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	v.addr = l.Addr().String()
	repeat := 1
	for line := range strings.Lines(string(part(a, "vendor.txt"))) {
		v.obey(t, strings.TrimSpace(line), l, &repeat)
	}
	if part(a, "vendor.http") != nil {
		v.answer = answerOf(t, a, repeat)
	}
	v.onlyMove = v.redirect != "" && v.answer == nil
	go v.serve(l)
	return v
}

// obey takes in one directive.
func (v *tcpVendor) obey(t *testing.T, line string, l net.Listener, repeat *int) {
	t.Helper()
	switch {
	case line == "" || line == "as it is" || line == "nothing":
	case line == "close" || line == "hang" || line == "hang after the answer":
		v.does = line
	case line == "refuse":
		v.addr = closed(l)
	case line == "never accept":
		v.addr = fullPort(t)
	case line == "tls plain":
		v.plainTLS = true
	case line == "tls expired":
		v.certify(t, "127.0.0.1", time.Now().Add(-time.Hour), true)
	case line == "tls self-signed":
		v.certify(t, "127.0.0.1", time.Now().Add(time.Hour), false)
	case line == "tls client certificate":
		v.certify(t, "127.0.0.1", time.Now().Add(time.Hour), true)
		v.tls.ClientAuth = tls.RequireAnyClientCert
	case line == "tls wrong host":
		v.certify(t, "other.test", time.Now().Add(time.Hour), true)
	case line == "dns fail" || line == "dns timeout":
		v.names = strings.TrimPrefix(line, "dns ")
	case directive(line, "dns to %s", &v.names):
	case directive(line, "redirect to %s", &v.redirect):
	case directive(line, "reset after %d bytes", &v.reset):
	case directive(line, "repeat the body %d times", repeat):
	default:
		t.Fatalf("the directive %q is not known", line)
	}
}

// LookupNetIP knows the name vendor.test.
func (v *tcpVendor) LookupNetIP(ctx context.Context, _, host string) ([]netip.Addr, error) {
	switch {
	case host == "vendor.test" && v.names == "timeout":
		<-ctx.Done()
		return nil, &net.DNSError{Err: "timeout", Name: host, IsTimeout: true}
	case host == "vendor.test" && v.names != "" && v.names != "fail":
		return []netip.Addr{netip.MustParseAddr(v.names)}, nil
	}
	return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
}

func (v *tcpVendor) serve(l net.Listener) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		go func() {
			defer func() { _ = c.Close() }()
			raw, _ := c.(*net.TCPConn)
			if v.tls != nil {
				c = tls.Server(c, v.tls)
			}
			v.talk(c, raw)
		}()
	}
}

func (v *tcpVendor) talk(c net.Conn, raw *net.TCPConn) {
	if v.plainTLS { // what comes is the beginning of a TLS handshake
		_, _ = c.Read(make([]byte, 4096))
		_, _ = io.WriteString(c, "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")
		return
	}
	req, err := http.ReadRequest(bufio.NewReader(c))
	if err != nil {
		return
	}
	_, _ = io.Copy(io.Discard, req.Body)
	v.requests.Add(1)
	switch {
	case v.does == "close":
	case v.does == "hang":
		_, _ = io.Copy(io.Discard, c)
	case v.redirect != "" && (v.onlyMove || req.RequestURI != v.redirect):
		_, _ = io.WriteString(c, "HTTP/1.1 302 Found\r\nLocation: "+v.redirect+"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
	case v.reset >= 0:
		_, _ = c.Write(v.answer[:min(v.reset, len(v.answer))])
		<-time.After(50 * time.Millisecond)
		_ = raw.SetLinger(0)
	default:
		_, _ = c.Write(v.answer)
		if v.does == "hang after the answer" {
			_, _ = io.Copy(io.Discard, c)
		}
	}
}

// certify gives the vendor a certificate of its own; trusted says whether the client knows who signed it.
func (v *tcpVendor) certify(t *testing.T, name string, until time.Time, trusted bool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotBefore: time.Now().Add(-48 * time.Hour), NotAfter: until,
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
	if leaf, err := x509.ParseCertificate(der); err == nil && trusted {
		v.roots.AddCert(leaf)
	}
	v.tls = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
}

// fullPort is the address of a port whose queue of connections is full: whoever connects hears nothing.
func fullPort(t *testing.T) string {
	t.Helper()
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Close(fd) })
	if err := syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Listen(fd, 0); err != nil {
		t.Fatal(err)
	}
	name, err := syscall.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	at, _ := name.(*syscall.SockaddrInet4)
	addr := netip.AddrPortFrom(netip.AddrFrom4(at.Addr), uint16(at.Port)).String()
	for range 16 {
		c, err := net.DialTimeout("tcp", addr, 200*time.Millisecond)
		if err != nil {
			return addr
		}
		t.Cleanup(func() { _ = c.Close() })
	}
	t.Fatal("the queue of the port does not fill")
	return ""
}
