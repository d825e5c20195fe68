// Package static holds the files that browsers load: styles, scripts and the icon. Each is served under a name
// that carries the hash of its content, so that browsers may keep it for ever.
package static

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"net/http"
	"path"
	"strconv"
	"strings"
)

//go:embed app.css app.js htmx.min.js icon.svg
var files embed.FS

type file struct {
	content []byte
	zipped  []byte
	mime    string
}

// Files are the built files by name and by hashed name. It is safe for concurrent use.
type Files struct {
	hashed map[string]string
	byName map[string]file
}

// Load reads the files that were built into the binary; it fails only where the binary was built wrongly.
func Load() (*Files, error) {
	f := &Files{hashed: map[string]string{}, byName: map[string]file{}}
	entries, err := files.ReadDir(".")
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		content, err := files.ReadFile(e.Name())
		if err != nil {
			return nil, err
		}
		zipped, err := squeeze(content)
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(content)
		ext := path.Ext(e.Name())
		name := strings.TrimSuffix(e.Name(), ext) + "." + hex.EncodeToString(sum[:6]) + ext
		f.hashed[e.Name()] = name
		f.byName[name] = file{content, zipped, mimeOf(ext)}
	}
	return f, nil
}

// Name is the hashed name of a file: "app.css" is "app.0123456789ab.css". An unknown file has none.
func (f *Files) Name(name string) string { return f.hashed[name] }

// Serve answers one file by its hashed name, to be kept for a year; every other name is not found.
func (f *Files) Serve(w http.ResponseWriter, r *http.Request, name string) {
	it, ok := f.byName[name]
	if !ok {
		http.NotFound(w, r)
		return
	}
	body := it.content
	h := w.Header()
	h.Set("Content-Type", it.mime)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Vary", "Accept-Encoding")
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		body = it.zipped
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // the browser went away: nobody is left to tell
	}
}

func squeeze(content []byte) ([]byte, error) {
	var out bytes.Buffer
	z, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := z.Write(content); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

func mimeOf(ext string) string {
	switch ext {
	case ".css":
		return "text/css; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	}
	return "application/octet-stream"
}
