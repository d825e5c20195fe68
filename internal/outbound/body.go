package outbound

import (
	"bytes"
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
	roomFree   = 1 << 20 // this much of every answer is kept without asking for room
)

// buffers are reused between calls: an answer is read through one of them.
var buffers = sync.Pool{New: func() any { b := make([]byte, 32<<10); return &b }}

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
		s.out.Body = make([]byte, 0, min(max(declared, firstBytes), KeptBytes))
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
