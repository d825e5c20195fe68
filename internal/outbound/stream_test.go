package outbound

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"testing"

	"tieline/internal/run"
)

func pdf(size int) []byte {
	return append([]byte("%PDF-1.7\n"), bytes.Repeat([]byte{0, 1, 2, 0xff}, size/4)...)
}

func TestADocumentIsStreamedByteForByte(t *testing.T) {
	t.Parallel()
	want := pdf(2 << 20)
	url, _ := vendor(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/pdf")
		_, _ = w.Write(want)
	})
	var got bytes.Buffer
	x, f := onLoopback(t).Stream(t.Context(), get(url), Policy{MaxBytes: MaxBytes}, func(head *run.Response, first []byte) (io.Writer, *run.Failure) {
		if head.Status != http.StatusOK || len(first) != firstBytes || !bytes.HasPrefix(want, first) {
			t.Errorf("head %+v, %d first bytes", head, len(first))
		}
		return &got, nil
	})
	if f != nil || !bytes.Equal(got.Bytes(), want) {
		t.Fatalf("%+v, %d of %d bytes", f, got.Len(), len(want))
	}
	sum := sha256.Sum256(want)
	r := x.Response
	if r.Size != int64(len(want)) || len(r.Body) != KeptBytes || !r.Truncated || !r.Complete || r.SHA256 != hex.EncodeToString(sum[:]) {
		t.Errorf("size %d kept %d truncated %t complete %t", r.Size, len(r.Body), r.Truncated, r.Complete)
	}
}

func TestAnAnswerThatIsNotAcceptedIsKeptLikeAnyOther(t *testing.T) {
	t.Parallel()
	page := bytes.Repeat([]byte("<p>sign in</p>"), 1000)
	url, _ := vendor(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(page) })
	x, f := onLoopback(t).Stream(t.Context(), get(url), Policy{}, func(*run.Response, []byte) (io.Writer, *run.Failure) { return nil, nil })
	if f != nil || !bytes.Equal(x.Response.Body, page) || !x.Response.Complete {
		t.Errorf("%+v, %d bytes kept", f, len(x.Response.Body))
	}
}

func TestAcceptMayEndTheCall(t *testing.T) {
	t.Parallel()
	url, _ := vendor(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, 1<<20)) })
	want := &run.Failure{Cause: run.NotDocument, Summary: "x", Hint: "y"}
	x, f := onLoopback(t).Stream(t.Context(), get(url), Policy{}, func(*run.Response, []byte) (io.Writer, *run.Failure) { return nil, want })
	if f != want || x.Response == nil || x.Response.Size > firstBytes {
		t.Errorf("%+v %+v", f, x.Response)
	}
}

func TestADocumentOverTheLimitIsNotStartedWhenItsLengthIsKnown(t *testing.T) {
	t.Parallel()
	for _, declared := range []bool{true, false} {
		t.Run(strconv.FormatBool(declared), func(t *testing.T) {
			t.Parallel()
			data := pdf(4 << 20)
			url, _ := vendor(t, func(w http.ResponseWriter, _ *http.Request) {
				if declared {
					w.Header().Set("Content-Length", strconv.Itoa(len(data)))
				}
				_, _ = w.Write(data)
			})
			var got bytes.Buffer
			_, f := onLoopback(t).Stream(t.Context(), get(url), Policy{MaxBytes: 1 << 20}, func(*run.Response, []byte) (io.Writer, *run.Failure) { return &got, nil })
			mustFail(t, f, run.TooLarge)
			if declared && got.Len() != 0 || got.Len() > 1<<20 {
				t.Errorf("%d bytes were handed on", got.Len())
			}
		})
	}
}

func TestAnEmptyOrShortBodyIsOfferedAsItIs(t *testing.T) {
	t.Parallel()
	for _, body := range []string{"", "x", "%PDF-"} {
		url, _ := vendor(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) })
		var got bytes.Buffer
		x, f := onLoopback(t).Stream(t.Context(), get(url), Policy{}, func(_ *run.Response, first []byte) (io.Writer, *run.Failure) {
			if string(first) != body {
				t.Errorf("first = %q", first)
			}
			return &got, nil
		})
		if f != nil || got.String() != body || !x.Response.Complete || x.Response.Size != int64(len(body)) {
			t.Errorf("%q: %+v %+v", body, f, x.Response)
		}
	}
}

type broken struct{ writes int }

func (b *broken) Write([]byte) (int, error) { b.writes++; return 0, errors.New("gone") }

func TestAReaderWhoGoesAwayDoesNotSpoilTheRecord(t *testing.T) {
	t.Parallel()
	data := pdf(1 << 20)
	url, _ := vendor(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(data) })
	to := &broken{}
	x, f := onLoopback(t).Stream(t.Context(), get(url), Policy{}, func(*run.Response, []byte) (io.Writer, *run.Failure) { return to, nil })
	if f != nil || x.Response.Size != int64(len(data)) || !x.Response.Complete || to.writes != 1 {
		t.Errorf("%+v size %d writes %d", f, x.Response.Size, to.writes)
	}
}

func TestADocumentCutHalfWayIsNotComplete(t *testing.T) {
	t.Parallel()
	url := raw(t, func(c net.Conn, _ string) {
		_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n%PDF-1.7")
	})
	called := false
	x, f := onLoopback(t).Stream(t.Context(), get(url), Policy{}, func(*run.Response, []byte) (io.Writer, *run.Failure) {
		called = true
		return io.Discard, nil
	})
	if f != nil || called || x.Response.Complete || string(x.Response.Body) != "%PDF-1.7" {
		t.Errorf("%+v called %t %+v", f, called, x.Response)
	}
}
