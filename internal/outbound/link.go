package outbound

import (
	"bufio"
	"context"
	"errors"
	"io"
	"math"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"tieline/internal/run"
)

// link is a connection with HTTP/1.1 on it, for one request at a time. Whoever waits for the answer reads it
// himself; no goroutine stands beside.
type link struct {
	net.Conn       // raw, or TLS on it
	raw      *conn // what was dialled
	reader   *bufio.Reader
	target   target
	at       netip.AddrPort // the other end
	peer     string         // the same as text
	tls      *run.TLS
	since    time.Time // when it was laid aside
	left     int64     // how many bytes the head of an answer may still have
}

var (
	errHead = errors.New("the head of the answer is too large")
	longAgo = time.Unix(1, 0)
)

// Read is for the reader above; it keeps heads within their limit.
func (l *link) Read(b []byte) (int, error) {
	if l.left <= 0 {
		return 0, errHead
	}
	n, err := l.Conn.Read(b[:min(int64(len(b)), l.left)])
	l.left -= int64(n)
	return n, err
}

// interrupt makes everything under way on the connection fail at once.
func (l *link) interrupt() { _ = l.SetDeadline(longAgo) }

// heads are where requests are put together.
var heads = sync.Pool{New: func() any { b := make([]byte, 0, 4<<10); return &b }}

// together is up to how large a body goes out in one piece with its head.
const together = 32 << 10

// send writes a request whose URL and headers are complete, byte for byte as they stand there.
func (l *link) send(r *run.Request, uri string) error {
	pooled, _ := heads.Get().(*[]byte)
	defer heads.Put(pooled)
	b := append((*pooled)[:0], r.Method...)
	b = append(b, ' ')
	b = append(b, uri...)
	b = append(b, " HTTP/1.1\r\n"...)
	for _, h := range r.Headers {
		b = append(b, h.Name...)
		b = append(b, ": "...)
		b = append(b, h.Value...)
		b = append(b, "\r\n"...)
	}
	b = append(b, "\r\n"...)
	rest := r.Body
	if len(rest) <= together {
		b, rest = append(b, rest...), nil
	}
	*pooled = b
	_, err := l.Write(b)
	if err == nil && len(rest) > 0 {
		_, err = l.Write(rest)
	}
	return err
}

// head reads the head of the answer to a request of a method; first is called when its first byte is there.
func (l *link) head(method string, first func()) (*http.Response, error) {
	l.left = headerLimit
	if _, err := l.reader.Peek(1); err != nil {
		return nil, err
	}
	first()
	resp, err := http.ReadResponse(l.reader, &http.Request{Method: method})
	l.left = math.MaxInt64
	return resp, err
}

// answer is the body of an answer. At its clean end the connection is laid aside for the next request; given up
// before, it is closed.
type answer struct {
	body io.Reader
	link *link
	pool *pool
	stop func() bool  // ends the watch over the context; false when that has struck
	sent <-chan error // how the writing of the request ended
	over bool
}

// watch has the connection interrupted when the context ends, until the answer is over.
func (p *pool) watch(ctx context.Context, l *link) *answer {
	return &answer{link: l, pool: p, stop: context.AfterFunc(ctx, l.interrupt)}
}

func (a *answer) Read(b []byte) (int, error) {
	n, err := a.body.Read(b)
	if err != nil {
		a.end(err == io.EOF)
	}
	return n, err
}

// Close gives up the rest of the answer.
func (a *answer) Close() error {
	a.end(a.body == http.NoBody)
	return nil
}

func (a *answer) end(clean bool) {
	if a.over {
		return
	}
	a.over = true
	if undisturbed := a.stop(); clean && undisturbed && a.written() && a.link.reader.Buffered() == 0 {
		a.pool.keep(a.link)
		return
	}
	_ = a.link.Close()
}

// written tells whether the whole request went out: some answer before they have read it.
func (a *answer) written() bool {
	select {
	case err := <-a.sent:
		return err == nil
	default:
		return false
	}
}
