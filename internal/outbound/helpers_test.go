package outbound

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tieline/internal/run"
)

var loopbackOnly = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}

// onLoopback is a client that may call this machine, as the start flag allows it.
func onLoopback(t *testing.T) *Client {
	t.Helper()
	c := New(Options{AllowOutbound: loopbackOnly})
	t.Cleanup(c.Close)
	return c
}

func get(url string) run.Request { return run.Request{Method: "GET", URL: url} }

// vendor serves with net/http and counts its requests.
func vendor(t *testing.T, h http.HandlerFunc) (url string, hits *atomic.Int64) {
	t.Helper()
	hits = new(atomic.Int64)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		hits.Add(1)
		h(w, r)
	}))
	t.Cleanup(s.Close)
	return s.URL, hits
}

// raw is a vendor that speaks bytes: talk gets every connection after the head of a request was read.
func raw(t *testing.T, talk func(c net.Conn, head string)) string {
	t.Helper()
	l := listen(t)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = c.Close() }()
				head := readHead(c)
				if head != "" {
					talk(c, head)
				}
			}()
		}
	}()
	return "http://" + l.Addr().String()
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

func readHead(c net.Conn) string {
	r := bufio.NewReader(c)
	var b strings.Builder
	for {
		line, err := r.ReadString('\n')
		b.WriteString(line)
		if err != nil {
			return ""
		}
		if line == "\r\n" {
			return b.String()
		}
	}
}

// hang keeps a connection open and silent until the other side closes it.
func hang(c net.Conn) { _, _ = io.Copy(io.Discard, c) }

// reset closes a connection with RST.
func reset(c net.Conn) {
	if tcp, ok := c.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = c.Close()
}

// zone is a resolver with fixed answers; each look-up of a name takes the next one, the last stays.
type zone struct {
	mu      sync.Mutex
	answers map[string][][]string
}

func (n *zone) LookupNetIP(_ context.Context, _, host string) ([]netip.Addr, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	list, ok := n.answers[host]
	if !ok {
		return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	}
	if len(list) > 1 {
		n.answers[host] = list[1:]
	}
	var addrs []netip.Addr
	for _, text := range list[0] {
		addrs = append(addrs, netip.MustParseAddr(text))
	}
	return addrs, nil
}

func mustFail(t *testing.T, f *run.Failure, want run.Cause) {
	t.Helper()
	if f == nil || f.Cause != want {
		t.Fatalf("failure = %+v, want cause %s", f, want)
	}
	if f.Summary == "" || f.Hint == "" || strings.HasSuffix(f.Summary, ".") {
		t.Errorf("failure has no proper words: %+v", f)
	}
}

func within1s(t *testing.T, start time.Time) {
	t.Helper()
	if took := time.Since(start); took > 3*time.Second {
		t.Errorf("it took %s", took)
	}
}

func contextWithCancelAfter(t *testing.T, d time.Duration) (context.Context, context.CancelFunc) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	timer := time.AfterFunc(d, cancel)
	return ctx, func() { timer.Stop(); cancel() }
}
