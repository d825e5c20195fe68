package outbound

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"tieline/internal/run"
)

func packed(t *testing.T, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = z.Write(data)
	_ = z.Close()
	return b.Bytes()
}

func TestGzipIsUndoneAndBombsAreNot(t *testing.T) {
	t.Parallel()
	bomb := packed(t, make([]byte, 64<<20))
	small := packed(t, []byte(`{"a":1}`))
	cases := map[string]struct {
		body  []byte
		cause run.Cause
		want  string
	}{
		"small":             {small, "", `{"a":1}`},
		"two members":       {slices.Concat(small, small), "", `{"a":1}{"a":1}`},
		"empty":             {nil, "", ""},
		"bomb":              {bomb, run.TooLarge, "100 times"},
		"bomb in a bomb":    {packed(t, bomb), "", ""},
		"truncated":         {small[:len(small)-12], "", ""},
		"no gzip":           {[]byte(`{"a":1}`), run.Parse, "cannot be unpacked"},
		"a broken checksum": {append(slices.Clone(small[:len(small)-8]), 1, 2, 3, 4, 5, 6, 7, 8), run.Parse, "cannot be unpacked"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url, _ := vendor(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Encoding", "gzip")
				w.WriteHeader(http.StatusOK)
				_, _ = w.Write(tc.body)
			})
			x, f := onLoopback(t).Do(t.Context(), get(url), Policy{})
			switch {
			case tc.cause != "":
				mustFail(t, f, tc.cause)
				if !strings.Contains(f.Summary, tc.want) {
					t.Errorf("summary = %q", f.Summary)
				}
				if x.Response.Size > 10<<20 {
					t.Errorf("%d bytes were unpacked", x.Response.Size)
				}
			case f != nil:
				t.Error(f)
			case tc.want != "" && (string(x.Response.Body) != tc.want || !x.Response.Complete || x.Response.Encoding != "gzip"):
				t.Errorf("response = %+v", x.Response)
			case name == "truncated" && x.Response.Complete:
				t.Error("a truncated body is complete")
			}
		})
	}
}

func TestAnUnaskedEncodingIsNotRead(t *testing.T) {
	t.Parallel()
	url, _ := vendor(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "br")
		_, _ = io.WriteString(w, "xx")
	})
	_, f := onLoopback(t).Do(t.Context(), get(url), Policy{})
	mustFail(t, f, run.BadType)
}
