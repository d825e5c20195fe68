package response

import (
	"bytes"
	"mime"
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// mediaType is the type of a Content-Type value in lower case, without parameters; what cannot be parsed is cut
// at the first semicolon.
func mediaType(value string) string {
	head, _, _ := strings.Cut(value, ";")
	return strings.ToLower(strings.TrimSpace(head))
}

// decode turns the body into UTF-8: by its byte order mark, else by the charset of the Content-Type, else by
// the XML declaration. What is no UTF-8 and says nothing is read as windows-1252, with a warning.
func (r *reader) decode() {
	body := r.answer.Body
	if kindOfBytes(body) != "" {
		r.text = string(body)
		return
	}
	switch {
	case bytes.HasPrefix(body, []byte("\xef\xbb\xbf")):
		body = body[3:]
	case bytes.HasPrefix(body, []byte("\xff\xfe")), bytes.HasPrefix(body, []byte("\xfe\xff")):
		r.decodeWith(body, "utf-16", unicode.UTF16(unicode.LittleEndian, unicode.UseBOM))
		return
	}
	name := r.namedCharset(body)
	var enc encoding.Encoding
	known := name == "" || name == "utf-8"
	if !known {
		enc, known = charsets()[name]
	}
	if strings.HasPrefix(name, "utf-16") && bytes.IndexByte(body, 0) < 0 && utf8.Valid(body) {
		enc = nil
		r.warn("The vendor names the charset " + name + ", but the answer is UTF-8; it was read as that.")
	}
	switch {
	case known && enc != nil && (name != "us-ascii" || !utf8.Valid(body)):
		r.decodeWith(body, name, enc)
		return
	case !known && name != "":
		r.warn("The vendor names the charset " + quote(clip(name, 40)) + ", which is not known here; the answer was read as UTF-8.")
	}
	if !utf8.Valid(body) && (r.answer.Complete && !r.answer.Truncated || !utf8.Valid(trimPartial(body))) {
		at := firstInvalid(body)
		r.decodeWith(body, "windows-1252", charmap.Windows1252)
		r.warn("Byte " + thousands(int64(at+1)) + " is not UTF-8 although the vendor names no other charset; the answer was read as windows-1252.")
		return
	}
	r.text = string(body)
}

func (r *reader) decodeWith(body []byte, name string, enc encoding.Encoding) {
	out, err := enc.NewDecoder().Bytes(body)
	if err != nil {
		out = bytes.ToValidUTF8(body, []byte("\uFFFD"))
	}
	r.text = strings.TrimPrefix(string(out), "\uFEFF")
	r.charset = name
}

var xmlCharset = regexp.MustCompile(`(?i)^\s*<\?xml[^>]*encoding=["']([a-z0-9_-]+)["']`)

func (r *reader) namedCharset(body []byte) string {
	if !strings.Contains(r.answer.Header("Content-Type"), "=") {
		return r.xmlCharset(body)
	}
	if _, params, err := mime.ParseMediaType(r.answer.Header("Content-Type")); err == nil && params["charset"] != "" {
		return strings.ToLower(strings.Trim(params["charset"], `"' `))
	}
	return r.xmlCharset(body)
}

// xmlCharset is what an XML declaration names; UTF-16 without a byte order mark could not say it in this way.
func (r *reader) xmlCharset(body []byte) string {
	if !bytes.HasPrefix(bytes.TrimLeft(body[:min(len(body), 20)], " \t\r\n"), []byte("<?xml")) {
		return ""
	}
	m := xmlCharset.FindSubmatch(body[:min(len(body), 200)])
	if m == nil || strings.HasPrefix(strings.ToLower(string(m[1])), "utf-16") {
		return ""
	}
	return strings.ToLower(string(m[1]))
}

// charsets are those that are understood; nil is UTF-8. ISO-8859-1 is read as windows-1252, as browsers do.
func charsets() map[string]encoding.Encoding {
	return map[string]encoding.Encoding{
		"": nil, "utf-8": nil, "utf8": nil, "binary": nil, "us-ascii": charmap.Windows1252, "ascii": charmap.Windows1252,
		"iso-8859-1": charmap.Windows1252, "iso8859-1": charmap.Windows1252, "latin1": charmap.Windows1252,
		"windows-1252": charmap.Windows1252, "cp1252": charmap.Windows1252,
		"iso-8859-2": charmap.ISO8859_2, "windows-1250": charmap.Windows1250, "windows-1251": charmap.Windows1251,
		"iso-8859-15": charmap.ISO8859_15,
		"utf-16":      unicode.UTF16(unicode.BigEndian, unicode.UseBOM),
		"utf-16be":    unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM),
		"utf-16le":    unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM),
	}
}

// trimPartial drops a character that was cut at the end of what was kept.
func trimPartial(body []byte) []byte {
	for i := 1; i < utf8.UTFMax && i <= len(body); i++ {
		if utf8.RuneStart(body[len(body)-i]) {
			return body[:len(body)-i]
		}
	}
	return body
}

func firstInvalid(body []byte) int {
	for i := 0; i < len(body); {
		r, n := utf8.DecodeRune(body[i:])
		if r == utf8.RuneError && n <= 1 {
			return i
		}
		i += n
	}
	return len(body)
}
