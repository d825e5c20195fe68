package outbound

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"tieline/internal/run"
)

const (
	firstBytes = 512
	ratioFree  = 1 << 20 // below this much output the ratio does not matter
	ratioCap   = 100
	roomFree   = 1 << 20 // this much of every answer is kept without asking for room
)

var (
	errRatio = errors.New("compressed beyond reason")
	errGzip  = errors.New("not gzip")
)

// buffers are reused between calls: an answer is read through one of them.
var buffers = sync.Pool{New: func() any { b := make([]byte, 16<<10); return &b }}

// read takes the body of an answer into the exchange, or hands it on.
func (e *exchange) read(ctx context.Context, resp *http.Response, accept Accept) *run.Failure {
	defer func() { _ = resp.Body.Close() }()
	out := &run.Response{Status: resp.StatusCode, Headers: headerLines(resp.Header)}
	e.x.Response = out
	body, failure := decoded(resp, out)
	if failure != nil {
		return failure
	}
	s := &sink{out: out, limit: e.policy.maxBytes(), keep: e.policy.maxBytes(), hash: sha256.New()}
	if e.policy.Room != nil {
		s.room = func() error { return e.policy.Room(ctx, s.limit) }
	}
	err := s.drain(body, resp.ContentLength, accept)
	out.Size, out.SHA256 = s.size, hex.EncodeToString(s.hash.Sum(nil))
	out.Truncated = int64(len(out.Body)) < out.Size
	switch {
	case s.failure != nil:
		return s.failure
	case err == nil:
		out.Complete = true
		return nil
	case errors.Is(err, errLimit), errors.Is(err, errRatio):
		return tooLarge(err, s, resp.ContentLength)
	case errors.Is(err, errGzip):
		return badGzip(out)
	case errors.Is(err, errRoom):
		out.Truncated = true
		return e.perhapsDone(noRoom())
	case ctx.Err() != nil:
		return e.stalled(ctx, out)
	}
	out.Truncated = true
	return nil
}

// decoded gives the body with its content encoding undone. Only gzip was asked for, and only gzip is undone.
func decoded(resp *http.Response, out *run.Response) (io.Reader, *run.Failure) {
	encoding := strings.ToLower(strings.TrimSpace(strings.Join(resp.Header.Values("Content-Encoding"), ",")))
	switch encoding {
	case "", "identity":
		return resp.Body, nil
	case "gzip", "x-gzip":
		if resp.ContentLength == 0 || resp.Request != nil && resp.Request.Method == http.MethodHead {
			return resp.Body, nil
		}
		out.Encoding = "gzip"
		return &gunzip{packed: &counter{r: resp.Body}}, nil
	}
	return nil, &run.Failure{
		Cause: run.BadType, Summary: "the answer is packed with " + quoted(encoding) + ", which was not asked for",
		Hint: "Only gzip is understood. Ask the vendor to honour the Accept-Encoding header.",
	}
}

// counter counts what is read through it.
type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	c.n += int64(n)
	return n, err
}

// gunzip undoes gzip and watches the ratio of what came out to what went in.
type gunzip struct {
	packed *counter
	zip    *gzip.Reader
	out    int64
}

func (g *gunzip) Read(b []byte) (int, error) {
	if g.zip == nil {
		buffered := bufio.NewReader(g.packed)
		magic, err := buffered.Peek(2)
		switch {
		case len(magic) == 0:
			return 0, err
		case len(magic) < 2 || magic[0] != 0x1f || magic[1] != 0x8b:
			return 0, errGzip
		}
		zip, err := gzip.NewReader(buffered)
		if err != nil {
			return 0, packedError(err)
		}
		g.zip = zip
	}
	n, err := g.zip.Read(b)
	g.out += int64(n)
	if g.out > ratioFree && g.out > ratioCap*g.packed.n {
		return n, errRatio
	}
	return n, packedError(err)
}

// packedError tells broken packing from a broken connection.
func packedError(err error) error {
	if err == nil || err == io.EOF { //nolint:errorlint // gzip returns io.EOF itself at the end
		return err
	}
	if errors.Is(err, gzip.ErrHeader) || errors.Is(err, gzip.ErrChecksum) || strings.HasPrefix(err.Error(), "flate:") {
		return errGzip
	}
	return err
}

// sink counts, hashes and keeps a body, or hands it on.
type sink struct {
	out     *run.Response
	to      io.Writer
	limit   int64
	keep    int64
	size    int64
	hash    hash.Hash
	failure *run.Failure
	room    func() error // nil: there is room
}

var (
	errLimit = errors.New("too large")
	errRoom  = errors.New("no room")
)

// drain reads a body to its end or its limit. It returns nil at a clean end, the reader's error otherwise.
func (s *sink) drain(body io.Reader, declared int64, accept Accept) error {
	if declared > 0 && declared <= s.limit {
		s.out.Body = make([]byte, 0, min(declared, 1<<20))
	}
	pooled, _ := buffers.Get().(*[]byte)
	defer buffers.Put(pooled)
	buffer := *pooled
	if accept != nil {
		done, err := s.offer(body, buffer[:firstBytes], declared, accept)
		if done || err != nil {
			return err
		}
	}
	for {
		n, err := body.Read(buffer)
		if stop := s.take(buffer[:n]); stop != nil {
			return stop
		}
		switch {
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		}
	}
}

// offer shows the first bytes to accept and does as it says. It is done when there is nothing left to read.
func (s *sink) offer(body io.Reader, first []byte, declared int64, accept Accept) (done bool, err error) {
	n, err := fill(body, first)
	ended := err == io.EOF //nolint:errorlint // the contract of io.Reader
	if err != nil && !ended {
		return true, errors.Join(s.take(first[:n]), err)
	}
	if declared > s.limit {
		return true, errLimit
	}
	s.to, s.failure = accept(s.out, bytes.Clone(first[:n]))
	switch {
	case s.failure != nil:
		ended = true
	case s.to != nil:
		s.keep = KeptBytes
		s.out.Body = nil
	}
	return ended, s.take(first[:n])
}

// fill reads until b is full; io.EOF says that the body ended cleanly before.
func fill(r io.Reader, b []byte) (n int, err error) {
	for n < len(b) && err == nil {
		var m int
		m, err = r.Read(b[n:])
		n += m
	}
	return n, err
}

// take counts, hashes, keeps and hands on one piece.
func (s *sink) take(piece []byte) error {
	over := s.size+int64(len(piece)) > s.limit
	if over {
		piece = piece[:s.limit-s.size]
	}
	s.size += int64(len(piece))
	_, _ = s.hash.Write(piece)
	if err := s.store(piece); err != nil {
		return err
	}
	if s.to != nil {
		if _, err := s.to.Write(piece); err != nil {
			s.to = nil
		}
	}
	if over {
		return errLimit
	}
	return nil
}

// store keeps what is to be kept of one piece. Beyond the first MiB there must be room for all that may come.
func (s *sink) store(piece []byte) error {
	left := s.keep - int64(len(s.out.Body))
	if left <= 0 {
		return nil
	}
	if s.room != nil && len(s.out.Body)+len(piece) > roomFree {
		if err := s.room(); err != nil {
			return errRoom
		}
		s.room = nil
		s.out.Body = slices.Grow(s.out.Body, int(min(left, 2*roomFree)))
	}
	s.out.Body = append(s.out.Body, piece[:min(left, int64(len(piece)))]...)
	return nil
}

// headerLines are the headers of an answer, sorted by name; lines of one name in their order.
func headerLines(h http.Header) []run.Header {
	names := make([]string, 0, len(h))
	for name := range h {
		names = append(names, name)
	}
	slices.Sort(names)
	lines := make([]run.Header, 0, len(h))
	for _, name := range names {
		for _, value := range h[name] {
			lines = append(lines, run.Header{Name: name, Value: value})
		}
	}
	return lines
}

func tooLarge(err error, s *sink, declared int64) *run.Failure {
	f := &run.Failure{
		Cause: run.TooLarge, Summary: "the answer is larger than " + size(s.limit),
		Hint: "Ask the vendor for less (a page size, a filter), or raise the size limit of this endpoint.",
	}
	switch {
	case errors.Is(err, errRatio):
		f.Summary = "the answer unpacks to more than " + strconv.Itoa(ratioCap) + " times its size"
		f.Evidence = size(s.size) + " were unpacked before it was stopped."
		f.Hint = "This looks like a decompression bomb. Do not raise any limit; ask the vendor what was sent."
	case declared > s.limit:
		f.Evidence = "The server announced " + size(declared) + "."
	default:
		f.Evidence = size(s.limit) + " were read before it was stopped."
	}
	return f
}

func badGzip(out *run.Response) *run.Failure {
	return &run.Failure{
		Cause: run.Parse, Summary: "the answer says it is gzip and cannot be unpacked",
		Evidence: "Content-Encoding is gzip; " + size(out.Size) + " could be unpacked.",
		Hint:     "Ask the vendor: the body does not fit its Content-Encoding header. A proxy in between may have changed it.",
	}
}

func noRoom() *run.Failure {
	return &run.Failure{
		Cause: run.ReadTimeout, Summary: "too many large answers came at once, and this one waited in vain",
		Evidence: "Tieline reads only some answers of more than 1 MiB at a time, to stay within its memory.",
		Hint:     "Try again in a moment, or ask the vendor for less data in one answer.",
	}
}

// size writes a number of bytes for people.
func size(n int64) string {
	switch {
	case n >= 1<<20:
		return strings.TrimSuffix(strconv.FormatFloat(float64(n)/(1<<20), 'f', 1, 64), ".0") + " MiB"
	case n >= 1<<10:
		return strconv.FormatInt(n>>10, 10) + " KiB"
	}
	return strconv.FormatInt(n, 10) + " bytes"
}
