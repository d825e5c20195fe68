package static

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"
)

func TestVendoredFilesAreWhatTheListSays(t *testing.T) {
	t.Parallel()
	list, err := os.ReadFile("VENDORED.txt")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`(?m)^(\S+)\s+npm .*\s([0-9a-f]{64})$`).FindAllStringSubmatch(string(list), -1)
	if len(found) == 0 {
		t.Fatal("the list names no file")
	}
	for _, m := range found {
		content, err := os.ReadFile(m[1])
		if err != nil {
			t.Fatal(err)
		}
		if sum := sha256.Sum256(content); hex.EncodeToString(sum[:]) != m[2] {
			t.Errorf("%s is not the file of the list", m[1])
		}
	}
}

func TestFilesAreServedByHashedNamesForEver(t *testing.T) {
	t.Parallel()
	f, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	name := f.Name("app.js")
	if !regexp.MustCompile(`^app\.[0-9a-f]{12}\.js$`).MatchString(name) {
		t.Fatalf("name %q", name)
	}
	want, _ := os.ReadFile("app.js")
	rec := httptest.NewRecorder()
	f.Serve(rec, httptest.NewRequest(http.MethodGet, "/", nil), name)
	if rec.Code != 200 || !bytes.Equal(rec.Body.Bytes(), want) || !strings.Contains(rec.Header().Get("Cache-Control"), "immutable") {
		t.Errorf("status %d, headers %v", rec.Code, rec.Header())
	}
	rec = httptest.NewRecorder()
	req := httptest.NewRequest(http.MethodGet, "/", nil)
	req.Header.Set("Accept-Encoding", "gzip, br")
	f.Serve(rec, req, name)
	z, err := gzip.NewReader(rec.Body)
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := io.ReadAll(z); !bytes.Equal(got, want) {
		t.Error("the zipped file differs")
	}
	for _, unknown := range []string{"app.js", "../static.go", "", "app.000000000000.js"} {
		rec = httptest.NewRecorder()
		f.Serve(rec, httptest.NewRequest(http.MethodGet, "/", nil), unknown)
		if rec.Code != 404 {
			t.Errorf("%q answered %d", unknown, rec.Code)
		}
	}
}

func TestNothingInTheStylesOrScriptsComesFromElsewhere(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"app.css", "app.js"} {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if m := regexp.MustCompile(`(?:@import|url\(["']?https?:|fetch\(["']https?:|eval\()[^;]{0,60}`).Find(content); m != nil {
			t.Errorf("%s holds %s", name, m)
		}
	}
}
