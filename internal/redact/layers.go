package redact

import (
	"bytes"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// deepest is how many escapings on top of each other are undone (JSON inside a JSON string, a query inside
// XML).
const deepest = 2

// layer undoes one way of escaping. decode also says where each byte came from; the list has one entry more
// than there are bytes.
type layer struct {
	present func([]byte) bool
	decode  func([]byte) ([]byte, []int)
}

var layers = [...]layer{
	{hasPercent, func(b []byte) ([]byte, []int) { return undo(b, percentAt) }},
	{hasBackslash, func(b []byte) ([]byte, []int) { return undo(b, backslashAt) }},
	{hasEntity, func(b []byte) ([]byte, []int) { return undo(b, entityAt) }},
	{hasNUL, func(b []byte) ([]byte, []int) { return undo(b, nulAt) }},
	{hasWrapped, func(b []byte) ([]byte, []int) { return undo(b, breakAt) }},
}

// undo copies b with every escape replaced. at gives what an escape at the start of its argument stands for
// and how long it is; 0 where there is none.
func undo(b []byte, at func([]byte, []byte) ([]byte, int)) (plain []byte, from []int) {
	plain = make([]byte, 0, len(b))
	from = make([]int, 0, len(b)+1)
	for i := 0; i < len(b); {
		was := len(plain)
		var n int
		plain, n = at(plain, b[i:])
		if n == 0 {
			plain = append(plain, b[i])
			n = 1
		}
		for range len(plain) - was {
			from = append(from, i)
		}
		i += n
	}
	return plain, append(from, len(b))
}

func hasPercent(b []byte) bool {
	for i := 0; ; i++ {
		n := bytes.IndexByte(b[i:], '%')
		if n < 0 {
			return false
		}
		i += n
		if i+2 < len(b) && unhex(b[i+1]) >= 0 && unhex(b[i+2]) >= 0 {
			return true
		}
	}
}

func percentAt(dst, b []byte) ([]byte, int) {
	if b[0] != '%' || len(b) < 3 {
		return dst, 0
	}
	high, low := unhex(b[1]), unhex(b[2])
	if high < 0 || low < 0 {
		return dst, 0
	}
	return append(dst, byte((high<<4|low)&0xff)), 3
}

func hasBackslash(b []byte) bool { return bytes.IndexByte(b, '\\') >= 0 }

func backslashAt(dst, b []byte) ([]byte, int) {
	if b[0] != '\\' || len(b) < 2 {
		return dst, 0
	}
	switch b[1] {
	case '"', '\\', '/', '\'':
		return append(dst, b[1]), 2
	case 'b':
		return append(dst, '\b'), 2
	case 'f':
		return append(dst, '\f'), 2
	case 'n':
		return append(dst, '\n'), 2
	case 'r':
		return append(dst, '\r'), 2
	case 't':
		return append(dst, '\t'), 2
	case 'u':
		return unicodeAt(dst, b)
	case 'x':
		if len(b) >= 4 && unhex(b[2]) >= 0 && unhex(b[3]) >= 0 {
			return append(dst, byte((unhex(b[2])<<4|unhex(b[3]))&0xff)), 4
		}
	}
	return dst, 0
}

func unicodeAt(dst, b []byte) ([]byte, int) {
	r, ok := unit(b)
	if !ok {
		return dst, 0
	}
	if utf16.IsSurrogate(r) && len(b) >= 12 {
		if low, ok := unit(b[6:]); ok {
			if whole := utf16.DecodeRune(r, low); whole != utf8.RuneError {
				return utf8.AppendRune(dst, whole), 12
			}
		}
	}
	return utf8.AppendRune(dst, r), 6
}

// unit reads \uXXXX.
func unit(b []byte) (rune, bool) {
	if len(b) < 6 || b[0] != '\\' || b[1] != 'u' {
		return 0, false
	}
	var r rune
	for _, c := range b[2:6] {
		d := unhex(c)
		if d < 0 {
			return 0, false
		}
		r = r<<4 | rune(d) //nolint:gosec // a hex digit
	}
	return r, true
}

const longestEntity = 12

func hasEntity(b []byte) bool {
	for i := 0; ; i++ {
		n := bytes.IndexByte(b[i:], '&')
		if n < 0 {
			return false
		}
		i += n
		if _, size := entityAt(nil, b[i:]); size > 0 {
			return true
		}
	}
}

func entityAt(dst, b []byte) ([]byte, int) {
	if b[0] != '&' {
		return dst, 0
	}
	end := bytes.IndexByte(b[:min(len(b), longestEntity)], ';')
	if end < 2 {
		return dst, 0
	}
	switch name := string(b[1:end]); name {
	case "amp":
		return append(dst, '&'), end + 1
	case "lt":
		return append(dst, '<'), end + 1
	case "gt":
		return append(dst, '>'), end + 1
	case "quot":
		return append(dst, '"'), end + 1
	case "apos":
		return append(dst, '\''), end + 1
	default:
		return numberAt(dst, name, end+1)
	}
}

func numberAt(dst []byte, name string, size int) ([]byte, int) {
	if name[0] != '#' {
		return dst, 0
	}
	base, digits := 10, name[1:]
	if len(digits) > 1 && (digits[0] == 'x' || digits[0] == 'X') {
		base, digits = 16, digits[1:]
	}
	n, err := strconv.ParseInt(digits, base, 32)
	if err != nil || n < 0 {
		return dst, 0
	}
	return utf8.AppendRune(dst, rune(n)), size
}

// hasNUL finds the zero bytes of UTF-16; without them ASCII text is as it was.
func hasNUL(b []byte) bool { return bytes.IndexByte(b, 0) >= 0 }

func nulAt(dst, b []byte) ([]byte, int) {
	if b[0] != 0 {
		return dst, 0
	}
	return dst, 1
}

// wrapAt is the shortest line after which base64 is broken (60 and more; MIME uses 76, PEM 64).
const wrapAt = 60

// hasWrapped finds base64 that is broken into lines.
func hasWrapped(b []byte) bool {
	for i := 0; ; i++ {
		n := bytes.IndexByte(b[i:], '\n')
		if n < 0 {
			return false
		}
		i += n
		end := i
		if end > 0 && b[end-1] == '\r' {
			end--
		}
		length := 0
		for length < wrapAt && length < end && inBase64(b[end-1-length]) {
			length++
		}
		if length == wrapAt {
			return true
		}
	}
}

// breakAt drops a line break and the spaces that indent the next line.
func breakAt(dst, b []byte) ([]byte, int) {
	if b[0] != '\n' && b[0] != '\r' {
		return dst, 0
	}
	n := 1
	for n < len(b) && isSpace(b[n]) {
		n++
	}
	return dst, n
}

func unhex(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}
