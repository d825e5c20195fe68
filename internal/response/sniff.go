package response

import (
	"bytes"
	"strings"
)

// Sniff is the check of a document: the type that its first bytes prove, and whether it is one that may be
// shown (PDF, PNG, JPEG). A declared type never decides.
func Sniff(first []byte) (mime string, ok bool) {
	switch {
	case bytes.HasPrefix(first, []byte("%PDF-")):
		return "application/pdf", true
	case bytes.HasPrefix(first, []byte("\x89PNG\r\n\x1a\n")):
		return "image/png", true
	case bytes.HasPrefix(first, []byte("\xff\xd8\xff")):
		return "image/jpeg", true
	}
	if t := kindOfBytes(first); t != "" {
		return t, false
	}
	return kindOfText(string(first)), false
}

// kindOfBytes names a body that is no text by its first bytes; "" for text.
func kindOfBytes(b []byte) string {
	for _, k := range []struct{ magic, mime string }{
		{"%PDF-", "application/pdf"},
		{"\x89PNG\r\n\x1a\n", "image/png"},
		{"\xff\xd8\xff", "image/jpeg"},
		{"GIF8", "image/gif"},
		{"\x1f\x8b", "application/gzip"},
		{"PK\x03\x04", "application/zip"},
		{"II*\x00", "image/tiff"},
		{"MM\x00*", "image/tiff"},
		{"\x28\xb5\x2f\xfd", "application/zstd"},
	} {
		if bytes.HasPrefix(b, []byte(k.magic)) {
			return k.mime
		}
	}
	if len(b) >= 12 && string(b[:4]) == "RIFF" && string(b[8:12]) == "WEBP" {
		return "image/webp"
	}
	if bytes.HasPrefix(b, []byte("\xff\xfe")) || bytes.HasPrefix(b, []byte("\xfe\xff")) {
		return ""
	}
	head := b[:min(len(b), 512)]
	start := bytes.TrimLeft(head, " \t\r\n")
	if bytes.IndexByte(head, 0) >= 0 && bytes.IndexByte([]byte(`{["<`), start[0]) < 0 && !utf16Like(head) {
		return "application/octet-stream"
	}
	return ""
}

// utf16Like tells whether every other byte is zero, as in UTF-16 of plain letters.
func utf16Like(b []byte) bool {
	var even, odd int
	for i, c := range b {
		if c == 0 && i%2 == 0 {
			even++
		} else if c == 0 {
			odd++
		}
	}
	half := len(b) / 2
	return half >= 4 && (even*10 > half*7 && odd*10 < half || odd*10 > half*7 && even*10 < half)
}

// kindOfText names a text by how it begins: text/html, application/xml, application/json or text/plain.
func kindOfText(s string) string {
	s = strings.TrimSpace(s)
	if looksJSON(s) {
		return "application/json"
	}
	if s == "" || s[0] != '<' {
		return "text/plain"
	}
	head := strings.ToLower(s[:min(len(s), 1024)])
	switch {
	case looksHTML(head):
		return "text/html"
	case strings.HasPrefix(head, "<?xml"), strings.HasPrefix(head, "<") && len(head) > 1 && isWord(head[1]):
		return "application/xml"
	}
	return "text/plain"
}

func looksHTML(head string) bool {
	if hasAnyPrefix(
		head, "<!doctype html", "<html", "<head", "<body", "<title>", "<h1", "<div", "<p>", "<br", "<script", "<center>",
		"<style", "<meta", "<form", "<b>", "<table", "<pre>", "<font", "<center",
	) {
		return true
	}
	if hasAnyPrefix(head, "<?xml", "<!--", "<!doctype") {
		return strings.Contains(head, "<html") || strings.Contains(head, "<!doctype html")
	}
	return false
}

// looksJSON tells whether a text begins like an object or a list and means to be JSON.
func looksJSON(s string) bool {
	if s == "" || s[0] != '{' && s[0] != '[' {
		return false
	}
	rest := strings.TrimLeft(s[1:], " \t\r\n")
	if rest == "" {
		return true
	}
	if s[0] == '{' {
		return strings.ContainsRune(`"'}`, rune(rest[0])) || isWord(rest[0])
	}
	return strings.ContainsRune(`"'{[]-`, rune(rest[0])) || rest[0] >= '0' && rest[0] <= '9' || hasAnyPrefix(rest, "true", "false", "null")
}
