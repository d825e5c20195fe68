package outbound

import (
	"bufio"
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"strings"

	"tieline/internal/run"
)

const (
	ratioFree = 1 << 20 // below this much output the ratio does not matter
	ratioCap  = 100
)

var (
	errRatio = errors.New("compressed beyond reason")
	errGzip  = errors.New("not gzip")
)

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
		Evidence: "The answer has Content-Encoding " + quoted(encoding) + "; the request asked for gzip.",
		Hint:     "Only gzip is understood. Ask the vendor to honour the Accept-Encoding header.",
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

func badGzip(out *run.Response) *run.Failure {
	return &run.Failure{
		Cause: run.Parse, Summary: "the answer says it is gzip and cannot be unpacked",
		Evidence: "Content-Encoding is gzip; " + size(out.Size) + " could be unpacked.",
		Hint:     "Ask the vendor: the body does not fit its Content-Encoding header. A proxy in between may have changed it.",
	}
}
