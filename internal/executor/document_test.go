package executor

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"tieline/internal/integration"
	"tieline/internal/outbound"
	"tieline/internal/response"
	"tieline/internal/run"
)

var documentEndpoint = integration.Endpoint{Type: "Document", URL: "/inv/{{InvoiceNumber}}.pdf"}

// documentJob is a call of a document endpoint whose bytes go into got.
func (b *bench) documentJob(t *testing.T, host string, got *bytes.Buffer, types *[]string) Job {
	t.Helper()
	j := b.job(t, host, documentEndpoint)
	j.Tokens = map[string]any{"InvoiceNumber": "INV0000001"}
	j.Document = func(d response.Document, _ *run.Response) (io.Writer, error) {
		*types = append(*types, d.Type)
		return got, nil
	}
	return j
}

func TestADocumentReachesTheCallerByteForByte(t *testing.T) {
	t.Parallel()
	pdf := append([]byte("%PDF-1.7\n"), bytes.Repeat([]byte{0, 1, 0xfe, 0xff}, 500_000)...)
	for kind, body := range map[string][]byte{
		"application/pdf": pdf, "image/png": append([]byte("\x89PNG\r\n\x1a\n"), 1, 2, 3), "image/jpeg": append([]byte("\xff\xd8\xff\xe0"), 1, 2, 3),
	} {
		for _, declared := range []string{kind, kind + "; charset=binary", "application/octet-stream", "text/html"} {
			b := newBench(t, outbound.Options{})
			host, _ := vendor(t, func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/inv/INV0000001.pdf" {
					t.Errorf("path = %s", r.URL.Path)
				}
				w.Header().Set("Content-Type", declared)
				_, _ = w.Write(body)
			})
			var got bytes.Buffer
			var types []string
			r := b.run(t, b.documentJob(t, host, &got, &types))
			mustCause(t, r, run.Succeeded, "")
			if !bytes.Equal(got.Bytes(), body) || len(types) != 1 || types[0] != kind {
				t.Errorf("%s as %s: %d of %d bytes, types %v", kind, declared, got.Len(), len(body), types)
			}
			x := r.Attempts[0].Exchanges[0].Response
			if len(x.Body) > 16<<10+64 || x.Size != int64(len(body)) || !x.Complete {
				t.Errorf("kept %d of %d", len(x.Body), x.Size)
			}
		}
	}
}

func TestWhatIsNoDocumentIsNeverHandedOn(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		status     int
		kind, body string
		cause      run.Cause
		summary    string
	}{
		"a page":         {200, "text/html", "<!doctype html><h1>Welcome</h1>", run.NotDocument, "got text/html"},
		"a lied type":    {200, "application/pdf", "ERROR 17: no report", run.NotDocument, ""},
		"late signature": {200, "application/pdf", "\n%PDF-1.7", run.NotDocument, ""},
		"a 404":          {404, "application/pdf", "%PDF-1.7", run.HTTPStatus, ""},
		"empty":          {200, "application/pdf", "", run.NotDocument, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, outbound.Options{})
			host, _ := vendor(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", tc.kind)
				w.WriteHeader(tc.status)
				_, _ = io.WriteString(w, tc.body)
			})
			var got bytes.Buffer
			var types []string
			r := b.run(t, b.documentJob(t, host, &got, &types))
			if name == "empty" && r.Failure != nil && r.Failure.Cause == run.EmptyBody {
				tc.cause = run.EmptyBody
			}
			mustCause(t, r, run.Failed, tc.cause)
			if !strings.Contains(r.Failure.Summary, tc.summary) || got.Len() != 0 || len(types) != 0 {
				t.Errorf("%+v, %d bytes handed on", r.Failure, got.Len())
			}
		})
	}
}

func TestADocumentThatBreaksOffHasNotSucceeded(t *testing.T) {
	t.Parallel()
	b := newBench(t, outbound.Options{})
	host, _ := vendor(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100000")
		_, _ = w.Write(append([]byte("%PDF-1.7\n"), make([]byte, 2000)...))
	})
	var got bytes.Buffer
	var types []string
	r := b.run(t, b.documentJob(t, host, &got, &types))
	if r.Status != run.Failed || r.Attempts[0].Exchanges[0].Response.Complete {
		t.Errorf("status %s, %+v", r.Status, r.Failure)
	}
}

func TestACallerWhoCannotTakeTheDocumentEndsTheCall(t *testing.T) {
	t.Parallel()
	b := newBench(t, outbound.Options{})
	host, _ := vendor(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "%PDF-1.7\n") })
	var types []string
	j := b.documentJob(t, host, nil, &types)
	j.Document = func(response.Document, *run.Response) (io.Writer, error) { return nil, errors.New("gone") }
	mustCause(t, b.run(t, j), run.Failed, run.InternalFailure)
}

func TestADocumentWithoutACallerIsKeptInPart(t *testing.T) {
	t.Parallel()
	b := newBench(t, outbound.Options{})
	host, _ := vendor(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write(append([]byte("%PDF-1.7\n"), make([]byte, 1<<20)...))
	})
	var types []string
	j := b.documentJob(t, host, nil, &types)
	j.Document = nil
	r := b.run(t, j)
	mustCause(t, r, run.Succeeded, "")
	if x := r.Attempts[0].Exchanges[0].Response; len(x.Body) > outbound.KeptBytes+64 || !x.Truncated || x.Size != 1<<20+9 {
		t.Errorf("kept %d of %d, truncated %t", len(x.Body), x.Size, x.Truncated)
	}
}
