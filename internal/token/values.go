package token

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Text is a value as plain text: numbers keep their text, null is empty, lists and objects are compact JSON
// with sorted keys.
func Text(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case JSON:
		return string(v)
	case json.Number:
		return v.String()
	case nil:
		return ""
	case bool:
		return strconv.FormatBool(v)
	case int:
		return strconv.Itoa(v)
	case int64:
		return strconv.FormatInt(v, 10)
	}
	return string(AppendJSON(nil, v))
}

// AppendJSON appends a value as JSON. Numbers keep their text; a json.Number that is no number is a string.
func AppendJSON(out []byte, v any) []byte {
	switch v := v.(type) {
	case nil:
		return append(out, "null"...)
	case string:
		return append(AppendJSONText(append(out, '"'), v), '"')
	case JSON:
		return append(out, v...)
	case bool:
		return strconv.AppendBool(out, v)
	case json.Number:
		if !isNumber(v.String()) {
			return AppendJSON(out, v.String())
		}
		return append(out, v...)
	case int:
		return strconv.AppendInt(out, int64(v), 10)
	case int64:
		return strconv.AppendInt(out, v, 10)
	case []any:
		out = append(out, '[')
		for i, item := range v {
			if i > 0 {
				out = append(out, ',')
			}
			out = AppendJSON(out, item)
		}
		return append(out, ']')
	case map[string]any:
		return appendObject(out, v)
	case Value:
		return AppendJSON(out, v.Data)
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return append(out, "null"...)
	}
	return append(out, bytes.TrimSpace(b.Bytes())...)
}

func appendObject(out []byte, object map[string]any) []byte {
	out = append(out, '{')
	for i, key := range sortedKeys(object) {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(AppendJSONText(append(out, '"'), key), `":`...)
		out = AppendJSON(out, object[key])
	}
	return append(out, '}')
}

const hexDigits = "0123456789abcdef"

// AppendJSONText appends the inside of a JSON string. Bytes that are not UTF-8 become the replacement
// character, as JSON cannot carry them.
func AppendJSONText(out []byte, s string) []byte {
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			if c >= ' ' && c != '"' && c != '\\' {
				i++
				continue
			}
			out = append(out, s[start:i]...)
			switch c {
			case '"', '\\':
				out = append(out, '\\', c)
			case '\n':
				out = append(out, '\\', 'n')
			case '\r':
				out = append(out, '\\', 'r')
			case '\t':
				out = append(out, '\\', 't')
			default:
				out = append(out, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
			}
			i++
			start = i
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && size == 1 {
			out = append(append(out, s[start:i]...), "\ufffd"...)
			start = i + size
		}
		i += size
	}
	return append(out, s[start:]...)
}

// isNumber tells whether s is a number by the grammar of JSON.
func isNumber(s string) bool {
	s = strings.TrimPrefix(s, "-")
	whole := countDigits(s)
	if whole == 0 || whole > 1 && s[0] == '0' {
		return false
	}
	s = s[whole:]
	if rest, ok := strings.CutPrefix(s, "."); ok {
		n := countDigits(rest)
		if n == 0 {
			return false
		}
		s = rest[n:]
	}
	if s != "" && (s[0] == 'e' || s[0] == 'E') {
		s = s[1:]
		if s != "" && (s[0] == '+' || s[0] == '-') {
			s = s[1:]
		}
		n := countDigits(s)
		return n > 0 && n == len(s)
	}
	return s == ""
}

func countDigits(s string) int {
	n := 0
	for n < len(s) && isDigit(s[n]) {
		n++
	}
	return n
}

// urlEncode percent-encodes all but the unreserved characters of RFC 3986.
func urlEncode(s string) string { return string(AppendPercent(nil, s)) }

// AppendPercent appends s with all but letters, digits and -._~ percent-encoded.
func AppendPercent(out []byte, s string) []byte {
	for i := range len(s) {
		c := s[i]
		if isWord(c) || c == '-' || c == '.' || c == '~' {
			out = append(out, c)
		} else {
			out = append(out, '%', "0123456789ABCDEF"[c>>4], "0123456789ABCDEF"[c&15])
		}
	}
	return out
}
