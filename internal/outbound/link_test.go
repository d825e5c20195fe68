package outbound

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"tieline/internal/run"
)

// serve answers every connection by a function and counts them.
func serve(t *testing.T, talk func(n int, c net.Conn, r *bufio.Reader)) string {
	t.Helper()
	l := listen(t)
	go func() {
		for n := 1; ; n++ {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = c.Close() }()
				talk(n, c, bufio.NewReader(c))
			}()
		}
	}()
	return "http://" + l.Addr().String()
}

// hear reads one request whole.
func hear(r *bufio.Reader) bool {
	req, err := http.ReadRequest(r)
	if err != nil {
		return false
	}
	_, err = io.Copy(io.Discard, req.Body)
	return err == nil
}

const hi = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"

func TestAConnectionThatTheServerClosedIsNotUsedAgain(t *testing.T) {
	t.Parallel()
	closed := make(chan bool, 8)
	url := serve(t, func(_ int, c net.Conn, r *bufio.Reader) {
		if hear(r) {
			_, _ = io.WriteString(c, hi)
		}
		_ = c.Close()
		closed <- true
	})
	c := onLoopback(t)
	for range 4 { // not safe to repeat: were it sent on the dead connection, its outcome would be unknown
		x, f := c.Do(t.Context(), run.Request{Method: "POST", URL: url, Body: []byte("x")}, Policy{Unsafe: true})
		if f != nil || string(x.Response.Body) != "hi" || x.Timings.Reused {
			t.Fatalf("%+v, reused %v", f, x.Timings.Reused)
		}
		<-closed
		time.Sleep(10 * time.Millisecond) // until the end has come through
	}
}

func TestAConnectionOnWhichMoreCameThanAskedIsNotUsedAgain(t *testing.T) {
	t.Parallel()
	url := serve(t, func(n int, c net.Conn, r *bufio.Reader) {
		for hear(r) {
			_, _ = io.WriteString(c, hi)
			if n == 1 {
				_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged")
			}
		}
	})
	c := onLoopback(t)
	for range 3 {
		x, f := c.Do(t.Context(), get(url), Policy{})
		if f != nil || string(x.Response.Body) != "hi" {
			t.Fatalf("%+v", f)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func TestAnAnswerBeforeTheEndOfALargeBodyCounts(t *testing.T) {
	t.Parallel()
	url := serve(t, func(_ int, c net.Conn, r *bufio.Reader) {
		if _, err := http.ReadRequest(r); err != nil { // the head alone
			return
		}
		_, _ = io.WriteString(c, "HTTP/1.1 413 Too Large\r\nContent-Length: 4\r\n\r\nmuch")
		_, _ = io.Copy(io.Discard, r)
	})
	c := onLoopback(t)
	for range 2 {
		x, f := c.Do(t.Context(), run.Request{Method: "POST", URL: url, Body: bytes.Repeat([]byte("x"), 8<<20)}, Policy{Unsafe: true})
		if f != nil || x.Response.Status != 413 || string(x.Response.Body) != "much" {
			t.Fatalf("%+v", f)
		}
	}
}

func TestAnAnswerThatWasGivenUpEndsItsConnection(t *testing.T) {
	t.Parallel()
	ended := make(chan bool, 1)
	url := serve(t, func(_ int, c net.Conn, r *bufio.Reader) {
		hear(r)
		_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\n\r\n")
		for err := error(nil); err == nil; {
			_, err = c.Write(make([]byte, 4<<10))
		}
		ended <- true
	})
	x, f := onLoopback(t).Do(t.Context(), get(url), Policy{MaxBytes: 1 << 20})
	mustFail(t, f, run.TooLarge)
	if x.Response.Size != 1<<20 {
		t.Errorf("size = %d", x.Response.Size)
	}
	select {
	case <-ended:
	case <-time.After(5 * time.Second):
		t.Error("the connection is still open")
	}
}

func TestIdleConnectionsAreClosedInTheEnd(t *testing.T) {
	t.Parallel()
	ended := make(chan bool, 1)
	url := serve(t, func(_ int, c net.Conn, r *bufio.Reader) {
		for hear(r) {
			_, _ = io.WriteString(c, hi)
		}
		ended <- true
	})
	c := onLoopback(t)
	if _, f := c.Do(t.Context(), get(url), Policy{}); f != nil {
		t.Fatal(f)
	}
	p := c.pool(Policy{})
	p.mu.Lock()
	for _, list := range p.idle {
		for _, l := range list {
			l.since = l.since.Add(-2 * idleTimeout)
		}
	}
	p.mu.Unlock()
	p.sweep()
	select {
	case <-ended:
	case <-time.After(5 * time.Second):
		t.Error("the connection is still open")
	}
	if p.count != 0 || len(p.idle) != 0 || p.sweeper {
		t.Errorf("%d idle, %d targets, sweeper %v", p.count, len(p.idle), p.sweeper)
	}
}
