package redact

import (
	"bytes"

	"tieline/internal/secret"
)

// fieldMarks finds the values that stand under a sensitive name, whatever the format: "name": value of JSON
// (also inside a string of JSON), name=value of forms, queries and attributes, <name>value</name> of XML and
// the parts of a multipart body. Broken and cut texts are read as far as they go.
func fieldMarks(b []byte, found []mark) []mark {
	for i := 0; i < len(b); i++ {
		n := bytes.IndexByte(b[i:], ':')
		if n < 0 {
			break
		}
		i += n
		known := len(found)
		found = jsonField(b, i, found)
		i = past(i, found[known:])
	}
	for i := 0; i < len(b); i++ {
		n := bytes.IndexByte(b[i:], '=')
		if n < 0 {
			break
		}
		i += n
		known := len(found)
		found = assignment(b, i, found)
		i = past(i, found[known:])
	}
	for i := 0; i < len(b); i++ {
		n := bytes.IndexByte(b[i:], '<')
		if n < 0 {
			break
		}
		i += n
		known := len(found)
		found = element(b, i, found)
		i = past(i, found[known:])
	}
	return found
}

// long is the length from which a hidden value is not looked into for more of them: each look reads to the end of
// the value, and a hostile text would have a megabyte read a hundred thousand times.
const long = 4 << 10

// past is where to go on after the marks that were just added.
func past(i int, added []mark) int {
	if n := len(added); n > 0 && added[n-1].to-added[n-1].from > long {
		return max(i, added[n-1].to-1)
	}
	return i
}

// jsonField looks at a colon: is there a quoted sensitive name before it?
func jsonField(b []byte, colon int, found []mark) []mark {
	end := colon
	for end > 0 && isSpace(b[end-1]) {
		end--
	}
	if end == 0 || b[end-1] != '"' && b[end-1] != '\'' {
		return found
	}
	quote := b[end-1]
	slashes := slashesBefore(b, end-1)
	end -= 1 + slashes
	start := end
	for start > 0 && end-start < 64 && b[start-1] != quote && b[start-1] != '\n' {
		start--
	}
	var room [40]byte
	if start == 0 || b[start-1] != quote || !sensitive(plainName(room[:0], b[start:end])) {
		return found
	}
	at := colon + 1
	for at < len(b) && isSpace(b[at]) {
		at++
	}
	return jsonValue(b, at, slashes, found)
}

func jsonValue(b []byte, at, slashes int, found []mark) []mark {
	open := at
	for open < len(b) && open-at < slashes && b[open] == '\\' {
		open++
	}
	if open >= len(b) {
		return found
	}
	switch c := b[open]; {
	case c == '"' || c == '\'':
		return hide(b, open+1, endOfString(b, open+1, c, slashes), "", found)
	case c == '[' && slashes == 0:
		return jsonTexts(b, open+1, found)
	case c >= '0' && c <= '9' || c == '-':
		end := open
		for end < len(b) && bytes.IndexByte([]byte(",}] \t\r\n"), b[end]) < 0 {
			end++
		}
		return hide(b, open, end, `"`+secret.Bullets+`"`, found)
	}
	return found
}

// jsonTexts hides the texts of a list of texts.
func jsonTexts(b []byte, at int, found []mark) []mark {
	for at < len(b) {
		switch c := b[at]; {
		case c == '"' || c == '\'':
			end := endOfString(b, at+1, c, 0)
			found = hide(b, at+1, end, "", found)
			at = end + 1
		case c == ',' || isSpace(c):
			at++
		default:
			return found
		}
	}
	return found
}

// endOfString finds the quote that ends a string which was opened behind as many backslashes.
func endOfString(b []byte, from int, quote byte, slashes int) int {
	for i := from; i < len(b); i++ {
		if b[i] != quote {
			continue
		}
		n := min(slashesBefore(b, i), i-from)
		if slashes == 0 && n%2 == 0 || slashes > 0 && n == slashes {
			return i - slashes
		}
	}
	return len(b)
}

func slashesBefore(b []byte, at int) int {
	n := 0
	for n < at && b[at-1-n] == '\\' {
		n++
	}
	return n
}

// assignment looks at an equals sign: is there a sensitive name before it?
func assignment(b []byte, equals int, found []mark) []mark {
	start := equals
	for start > 0 && equals-start < 64 && isName(b[start-1]) {
		start--
	}
	name := b[start:equals]
	if bytes.EqualFold(name, []byte("name")) {
		return part(b, equals+1, found)
	}
	var room [40]byte
	if !sensitive(plainName(room[:0], name)) {
		return found
	}
	from := equals + 1
	if from < len(b) && (b[from] == '"' || b[from] == '\'') {
		return hide(b, from+1, endOfString(b, from+1, b[from], 0), "", found)
	}
	end := from
	for end < len(b) && !isSpace(b[end]) && bytes.IndexByte([]byte("&;,\"'<>#|)"), b[end]) < 0 {
		end++
	}
	return hide(b, from, end, "", found)
}

// part hides the content of a multipart field whose quoted name begins at from.
func part(b []byte, from int, found []mark) []mark {
	if from >= len(b) || b[from] != '"' || !bytes.Contains(b[max(0, from-40):from], []byte("form-data")) {
		return found
	}
	end := endOfString(b, from+1, '"', 0)
	var room [40]byte
	if !sensitive(plainName(room[:0], b[from+1:end])) {
		return found
	}
	gap := bytes.Index(b[end:min(len(b), end+400)], []byte("\r\n\r\n"))
	if gap < 0 {
		return found
	}
	content := end + gap + 4
	stop := bytes.Index(b[content:], []byte("\r\n--"))
	if stop < 0 {
		return hide(b, content, len(b), "", found)
	}
	return hide(b, content, content+stop, "", found)
}

// element looks at an opening angle bracket: is it an element with a sensitive name and text in it?
func element(b []byte, open int, found []mark) []mark {
	end := open + 1
	for end < len(b) && end-open < 64 && (isName(b[end]) || b[end] == ':') {
		end++
	}
	name := b[open+1 : end]
	if colon := bytes.LastIndexByte(name, ':'); colon >= 0 {
		name = name[colon+1:]
	}
	var room [40]byte
	if !sensitive(plainName(room[:0], name)) {
		return found
	}
	closing := bytes.IndexByte(b[end:min(len(b), end+long)], '>')
	if closing < 0 || closing > 0 && b[end+closing-1] == '/' {
		return found
	}
	from := end + closing + 1
	until := []byte("<")
	if bytes.HasPrefix(b[from:], []byte("<![CDATA[")) {
		from, until = from+len("<![CDATA["), []byte("]]>")
	}
	stop := bytes.Index(b[from:], until)
	if stop < 0 {
		stop = len(b) - from
	}
	return hide(b, from, from+stop, "", found)
}

// hide adds a mark, unless there is nothing to hide: no value, one that is hidden already, a template's token
// or a word of JSON.
func hide(b []byte, from, to int, fill string, found []mark) []mark {
	value := bytes.TrimSpace(b[from:max(from, to)])
	hidden := bytes.HasSuffix(value, []byte(secret.Bullets)) && len(value) <= len(secret.Bullets)+16 // "Bearer ••••"
	if len(value) == 0 || hidden || len(value) <= long && isTemplate(value) {
		return found
	}
	switch string(value) {
	case "null", "true", "false":
		return found
	}
	return append(found, mark{from: from, to: to, fill: fill})
}

func isTemplate(value []byte) bool {
	return bytes.HasPrefix(value, []byte("{{")) && bytes.HasSuffix(value, []byte("}}"))
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

func isName(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '-' || c == '.'
}
